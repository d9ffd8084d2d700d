//! The time that platforms and agents are given.

use core::time::Duration;
use std::time::Instant;

use scmi::Time;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The time. It never runs backwards.
    fn now(&self) -> Time;

    /// How long to sleep, by the machine's clock, until `moment` has come; zero if it has. None if sleeping
    /// does not help, because somebody else moves this clock and wakes the sleepers
    /// ([`Hub::wake_all`](crate::backend::Hub::wake_all)).
    fn sleep_until(&self, moment: Time) -> Option<Duration>;
}

/// The machine's monotonic clock, counted from when this was made.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock(Instant);

impl MonotonicClock {
    /// A clock that starts at zero now.
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Time {
        Time::ZERO.after(self.0.elapsed())
    }

    fn sleep_until(&self, moment: Time) -> Option<Duration> {
        Some(moment.since(self.now()))
    }
}
