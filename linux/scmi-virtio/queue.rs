// SPDX-License-Identifier: GPL-2.0

//! A virtqueue.

use crate::bindings as b;
use crate::message::Handle;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use kernel::error::to_result;
use kernel::prelude::*;

/// A virtqueue of which this is the only user: C wants calls for one queue to be one after another, and `&mut` says that
/// they are.
pub(crate) struct Queue(NonNull<b::virtqueue>);

// SAFETY: A virtqueue may be used from any processor, one at a time.
unsafe impl Send for Queue {}

/// Memory that a device is given: where it is and how many bytes.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) start: *mut u8,
    pub(crate) len: usize,
}

impl Area {
    /// # Safety
    /// The bytes must be there, in memory that can be mapped for a device.
    unsafe fn list(self) -> Result<b::scatterlist> {
        let len = u32::try_from(self.len).map_err(|_| EINVAL)?;
        let mut list = MaybeUninit::<b::scatterlist>::zeroed();
        // SAFETY: The function initialises the one entry that there is; the caller says that the bytes are there.
        unsafe {
            b::sg_init_one(list.as_mut_ptr(), self.start.cast(), len);
            Ok(list.assume_init())
        }
    }
}

impl Queue {
    /// # Safety
    /// It must be a queue of `find_vqs` that nobody else uses, and be there until this is dropped.
    pub(crate) unsafe fn new(queue: NonNull<b::virtqueue>) -> Self {
        Self(queue)
    }

    /// How many descriptors it has.
    pub(crate) fn size(&self) -> u32 {
        // SAFETY: The queue is there.
        unsafe { b::virtqueue_get_vring_size(self.0.as_ptr()) }
    }

    /// Whether it cannot be used any more: the device is gone, or gave back what it did not have.
    pub(crate) fn is_broken(&self) -> bool {
        // SAFETY: The queue is there.
        unsafe { b::virtqueue_is_broken(self.0.as_ptr()) }
    }

    /// Makes a command available, and room for its answer.
    ///
    /// # Safety
    /// Both areas are the device's until `next` gives the handle back, or until the device was reset.
    pub(crate) unsafe fn add_command(
        &mut self,
        request: Area,
        answer: Area,
        handle: Handle,
    ) -> Result {
        // SAFETY: The caller says that both are there.
        let (mut request, mut answer) = unsafe { (request.list()?, answer.list()?) };
        let mut lists = [
            core::ptr::addr_of_mut!(request),
            core::ptr::addr_of_mut!(answer),
        ];
        // SAFETY: The lists are only looked at during the call, one to read and one to write; it does not sleep.
        to_result(unsafe {
            b::virtqueue_add_sgs(
                self.0.as_ptr(),
                lists.as_mut_ptr(),
                1,
                1,
                handle.to_ptr(),
                b::GFP_ATOMIC,
            )
        })
    }

    /// Makes room for an event available.
    ///
    /// # Safety
    /// As for [`Self::add_command`].
    pub(crate) unsafe fn add_event(&mut self, event: Area, handle: Handle) -> Result {
        // SAFETY: The caller says that it is there.
        let mut event = unsafe { event.list()? };
        // SAFETY: The list is only looked at during the call; it does not sleep.
        to_result(unsafe {
            b::virtqueue_add_inbuf(
                self.0.as_ptr(),
                core::ptr::addr_of_mut!(event),
                1,
                handle.to_ptr(),
                b::GFP_ATOMIC,
            )
        })
    }

    /// Tells the device that something is available.
    pub(crate) fn kick(&mut self) {
        // SAFETY: The queue is there. Nobody is told that it failed: the queue is broken then, and says so next time.
        unsafe { b::virtqueue_kick(self.0.as_ptr()) };
    }

    /// What the device is done with, and how many bytes it says to have written.
    pub(crate) fn next(&mut self) -> Option<(Handle, u32)> {
        let mut used = 0;
        // SAFETY: The queue is there.
        let data = unsafe { b::virtqueue_get_buf(self.0.as_ptr(), &mut used) };
        Some((Handle::from_ptr(data)?, used))
    }

    /// Asks for no more interrupts. The device need not follow.
    pub(crate) fn disable_callback(&mut self) {
        // SAFETY: The queue is there.
        unsafe { b::virtqueue_disable_cb(self.0.as_ptr()) };
    }

    /// Asks for interrupts; false if something came meanwhile for which there will be none.
    pub(crate) fn enable_callback(&mut self) -> bool {
        // SAFETY: The queue is there.
        unsafe { b::virtqueue_enable_cb(self.0.as_ptr()) }
    }

    /// What the device had when it was reset.
    ///
    /// # Safety
    /// It must have been reset.
    pub(crate) unsafe fn detach(&mut self) -> Option<Handle> {
        // SAFETY: The queue is there, and the device does not use it.
        Handle::from_ptr(unsafe { b::virtqueue_detach_unused_buf(self.0.as_ptr()) })
    }
}
