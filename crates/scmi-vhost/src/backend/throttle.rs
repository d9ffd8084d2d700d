//! Nobody on the other side of a socket or a ring can fill the log.

use core::time::Duration;
use std::time::Instant;

/// Lets a few messages through at once and then one in a while.
#[derive(Debug)]
pub(super) struct Throttle {
    credit: u32,
    last: Instant,
    suppressed: u64,
}

impl Throttle {
    const BURST: u32 = 10;
    const INTERVAL: Duration = Duration::from_secs(10);

    pub(super) fn new() -> Self {
        Self { credit: Self::BURST, last: Instant::now(), suppressed: 0 }
    }

    /// Whether a message may go out; if so, how many were held back before it.
    pub(super) fn pass(&mut self) -> Option<u64> {
        self.pass_at(Instant::now())
    }

    fn pass_at(&mut self, now: Instant) -> Option<u64> {
        let intervals =
            now.saturating_duration_since(self.last).as_nanos() / Self::INTERVAL.as_nanos();
        if intervals > 0 {
            let earned = u32::try_from(intervals).unwrap_or(u32::MAX);
            self.credit = self.credit.saturating_add(earned).min(Self::BURST);
            self.last = now;
        }
        if self.credit == 0 {
            self.suppressed = self.suppressed.saturating_add(1);
            return None;
        }
        self.credit -= 1;
        Some(core::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_an_interval() {
        let mut throttle = Throttle::new();
        let start = Instant::now();
        let passed = (0..100).filter(|_| throttle.pass_at(start).is_some()).count();
        assert_eq!(passed, 10);
        assert_eq!(throttle.pass_at(start + Throttle::INTERVAL), Some(90));
        assert_eq!(throttle.pass_at(start + Throttle::INTERVAL), None);
        let later = start + Throttle::INTERVAL * 1000;
        assert_eq!((0..100).filter(|_| throttle.pass_at(later).is_some()).count(), 10);
    }
}
