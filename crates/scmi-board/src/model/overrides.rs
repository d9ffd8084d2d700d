//! What the operator has sensors read, instead of their sources.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values that sensors are held at, by sensor. The operator's side allocates; reading never does.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    held: Mutex<BTreeMap<usize, Vec<i64>>>,
}

impl Overrides {
    fn held(&self) -> MutexGuard<'_, BTreeMap<usize, Vec<i64>>> {
        // A value is never left half written.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hold(&self, sensor: usize, values: &[i64]) {
        let values = values.to_vec();
        self.held().insert(sensor, values);
    }

    pub(super) fn release(&self, sensor: usize) -> bool {
        self.held().remove(&sensor).is_some()
    }

    pub(super) fn of(&self, sensor: usize) -> Option<Vec<i64>> {
        self.held().get(&sensor).cloned()
    }

    /// Writes what a sensor is held at, if it is; an axis too few reads 0.
    pub(super) fn read(&self, sensor: usize, values: &mut [i64]) -> bool {
        let held = self.held();
        let Some(held) = held.get(&sensor) else { return false };
        let held = held.iter().copied().chain(core::iter::repeat(0));
        values.iter_mut().zip(held).for_each(|(value, held)| *value = held);
        true
    }
}
