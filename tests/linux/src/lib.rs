//! What the tests in `tests/` share: Linux's names for what SCMI gives it, devices that use it, and the verdict whether all
//! went well. The tests themselves are one file a protocol; each boots a guest with `scmi-test-kit` and does what a user
//! would do in it.

mod clients;
mod clk;
mod consumer;
mod cpufreq;
mod genpd;
mod hwmon;
mod iio;
mod powercap;
mod rails;
mod trace;
mod verdict;

pub use clients::{CLIENTS, bound};
pub use clk::{ClockSummary, clock_summary};
pub use consumer::Consumer;
pub use cpufreq::Policy;
pub use genpd::{DomainSummary, domain};
pub use hwmon::{Channel, channels};
pub use iio::{Iio, Sample};
pub use powercap::{Zone, zones};
pub use rails::Rail;
pub use trace::{Dumped, Trace};
pub use verdict::{check, due, due_on_demo};
