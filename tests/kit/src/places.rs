//! At most so many tests with guests at once: a guest under emulation takes a whole CPU.

use core::cell::Cell;
use core::marker::PhantomData;
use std::sync::{Condvar, Mutex, PoisonError};

/// How many tests of one program have guests at once.
const PLACES: usize = 2;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

thread_local! {
    /// The guests of this thread. A test has a thread of its own; all its guests share a place,
    /// or two tests that want two guests each could wait for each other for ever.
    static GUESTS: Cell<usize> = const { Cell::new(0) };
}

/// The right to run a guest, given back when dropped; it stays on the thread that took it.
#[derive(Debug)]
pub(crate) struct Place(PhantomData<*const ()>);

impl Place {
    /// Waits until a place is free, unless this thread has one.
    pub(crate) fn take() -> Self {
        let guests = GUESTS.get();
        if guests == 0 {
            let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
            let mut taken = FREED
                .wait_while(taken, |taken| *taken >= PLACES)
                .unwrap_or_else(PoisonError::into_inner);
            *taken += 1;
        }
        GUESTS.set(guests + 1);
        Self(PhantomData)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let guests = GUESTS.get() - 1;
        GUESTS.set(guests);
        if guests == 0 {
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
            FREED.notify_one();
        }
    }
}
