//! At most so many guests at once: a guest under emulation takes a whole CPU.

use std::sync::{Condvar, Mutex, PoisonError};

/// How many guests run at once in one test program.
const PLACES: usize = 2;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// The right to run one guest, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place(());

impl Place {
    /// Waits until a place is free.
    pub(crate) fn take() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = FREED
            .wait_while(taken, |taken| *taken >= PLACES)
            .unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        Self(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}
