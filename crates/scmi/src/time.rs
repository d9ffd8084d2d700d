//! Time as a number that the owner of an engine hands in.

use core::fmt;
use core::time::Duration;

/// A moment, in nanoseconds since an epoch of the owner's choice.
///
/// The engines never ask for the time; every call that needs it takes one. It must not run backwards: an
/// earlier time than the last one is harmless, but nothing becomes due by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// The epoch.
    pub const ZERO: Self = Self(0);
    /// Later than anything that will happen (584 years).
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment `nanoseconds` after the epoch.
    pub const fn from_nanos(nanoseconds: u64) -> Self {
        Self(nanoseconds)
    }

    /// The moment `milliseconds` after the epoch.
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// This moment and `span` more, [`Time::NEVER`] at most.
    // Not into each caller: firmware is small.
    #[inline(never)]
    pub fn after(self, span: Duration) -> Self {
        // Not `as_nanos`, which counts in 128 bits.
        let seconds = span.as_secs().saturating_mul(1_000_000_000);
        Self(self.0.saturating_add(seconds).saturating_add(span.subsec_nanos().into()))
    }

    /// How long from `earlier` to this moment; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", Duration::from_nanos(self.0))
    }
}

/// The earlier of two moments that may not exist.
#[cfg(feature = "platform")]
pub(crate) fn earliest(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
