//! Somebody who is told of what the clerk has seen to.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use scmi_board::SystemEvent;

type See = Box<dyn Fn(&SystemEvent) + Send>;

/// A place for one who is told. Clones are the same place.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Option<See>>>);

impl Witness {
    pub(crate) fn set(&self, see: See) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(see);
    }

    pub(crate) fn see(&self, event: &SystemEvent) {
        if let Some(see) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            see(event);
        }
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}
