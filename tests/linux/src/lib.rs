//! What the tests in `tests/` share: Linux's names for what SCMI gives it. The tests themselves are
//! one file a protocol; each boots a guest with `scmi-test-kit` and does what a user would do in it.

mod hwmon;
mod iio;

pub use hwmon::{Channel, channels};
pub use iio::{Iio, Sample};
