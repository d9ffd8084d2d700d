//! What the tests in `tests/` share: ways for software of others to reach ours.

mod arm_scmi;

pub use arm_scmi::OverVhostUser;
