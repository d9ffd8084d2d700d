//! The answering end: one agent of a [`Platform`](scmi::platform::Platform) behind its areas.

mod counters;
mod end;

pub use counters::Counters;
pub use end::{PlatformEnd, Served};
