//! What became of requests and orders.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

/// Something that is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counter {
    /// Requests of agents.
    Requests,
    /// Orders that were given to agents.
    Orders,
    /// Commands that were started.
    Commands,
    /// What was done to machines by force.
    Acts,
    /// Commands and acts that failed.
    Failed,
    /// Commands and acts that were not even tried, because too many waited.
    Dropped,
}

const NAMES: [&str; 6] = ["requests", "orders", "commands", "acts", "failed", "dropped"];

/// The counters of a system.
#[derive(Debug, Default)]
pub(super) struct Counters([AtomicU64; NAMES.len()]);

impl Counters {
    pub(super) fn add(&self, counter: Counter) {
        let index = match counter {
            Counter::Requests => 0,
            Counter::Orders => 1,
            Counter::Commands => 2,
            Counter::Acts => 3,
            Counter::Failed => 4,
            Counter::Dropped => 5,
        };
        if let Some(counter) = self.0.get(index) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Counters {
    /// All of them, by name.
    pub(super) fn items(&self) -> impl Iterator<Item = (&'static str, u64)> {
        NAMES.iter().zip(&self.0).map(|(name, count)| (*name, count.load(Ordering::Relaxed)))
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("system")?;
        self.items().try_for_each(|(name, count)| write!(f, " {name}={count}"))
    }
}
