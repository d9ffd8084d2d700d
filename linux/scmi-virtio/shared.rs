// SPDX-License-Identifier: GPL-2.0

//! Statics that C has pointers to.

use core::cell::UnsafeCell;

/// A structure that C reads and writes by its own rules, at a place of its own for ever.
pub(crate) struct Shared<T>(UnsafeCell<T>);

// SAFETY: Rust only hands out the pointer; the C code that gets it locks what it writes.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    pub(crate) const fn get(&self) -> *mut T {
        self.0.get()
    }
}
