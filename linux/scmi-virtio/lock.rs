// SPDX-License-Identifier: GPL-2.0

//! What is shared with interrupts: a lock that keeps them off, and a sign that somebody has left.

use crate::bindings as b;
use core::ffi::c_ulong;
use kernel::prelude::*;
use kernel::str::CStr;
use kernel::sync::lock::{Backend, Lock};
use kernel::sync::LockClassKey;
use kernel::types::Opaque;

/// A lock for data that callbacks of virtqueues reach too: interrupts are off while it is held.
///
/// Guards must go in the reverse order of their coming, as each restores what it found; nothing here holds two.
pub(crate) type IrqLock<T> = Lock<T, IrqSave>;

/// The kernel's `spinlock_t` with interrupts off.
pub(crate) struct IrqSave;

// SAFETY: A `spinlock_t` excludes all others between `lock` and `unlock`. `relock` is the default, which locks as `lock`
// does.
unsafe impl Backend for IrqSave {
    type State = b::spinlock_t;
    /// Whether interrupts were on.
    type GuardState = c_ulong;

    unsafe fn init(
        ptr: *mut Self::State,
        name: *const kernel::ffi::c_char,
        key: *mut b::lock_class_key,
    ) {
        // SAFETY: The caller says that `ptr` may be written to and that name and key live for ever.
        unsafe { b::__spin_lock_init(ptr, name, key) }
    }

    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: The caller says that `init` was called for it.
        unsafe { b::scmi_virtio_lock(ptr) as c_ulong }
    }

    unsafe fn unlock(ptr: *mut Self::State, before: &Self::GuardState) {
        // SAFETY: The caller owns the lock, and `before` is from when it was taken.
        unsafe { b::scmi_virtio_unlock(ptr, *before as _) }
    }
}

/// A C `completion`: one waits until another says so.
#[pin_data]
pub(crate) struct Completion {
    #[pin]
    inner: Opaque<b::completion>,
}

// SAFETY: C's functions for it may be called from anywhere; it locks itself.
unsafe impl Send for Completion {}

// SAFETY: As above.
unsafe impl Sync for Completion {}

impl Completion {
    /// One that has not been said. Each needs a class of its own for lockdep.
    pub(crate) fn new(name: &'static CStr, key: &'static LockClassKey) -> impl PinInit<Self> {
        // A key is nothing but the C structure.
        let key: *const LockClassKey = key;
        pin_init!(Self {
            // SAFETY: `slot` is valid for writes, and name and key live for ever. A completion is a number and a queue.
            inner <- Opaque::ffi_init(|slot: *mut b::completion| unsafe {
                (*slot).done = 0;
                b::__init_swait_queue_head(
                    core::ptr::addr_of_mut!((*slot).wait),
                    name.as_char_ptr(),
                    key.cast_mut().cast(),
                );
            }),
        })
    }

    /// Says it, to the one that waits now or next.
    pub(crate) fn complete(&self) {
        // SAFETY: It was initialised when this was made.
        unsafe { b::complete(self.inner.get()) };
    }

    /// Sleeps until it is said.
    pub(crate) fn wait(&self) {
        // SAFETY: It was initialised when this was made.
        unsafe { b::wait_for_completion(self.inner.get()) };
    }
}
