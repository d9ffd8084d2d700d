// SPDX-License-Identifier: GPL-2.0

//! The kernel's SCMI core, as far as a transport sees it: its transfers, and the callback for what came.

use crate::bindings as b;
use crate::message::{Buffer, Handle, MAX_PAYLOAD, PREFIX};
use crate::wire;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};

/// Where the core leaves its functions for transports when it probes.
pub(crate) static FUNCTIONS: AtomicPtr<b::scmi_transport_core_operations> =
    AtomicPtr::new(ptr::null_mut());

/// A channel of the core's, while it is open.
#[derive(Clone, Copy)]
pub(crate) struct CoreChannel(NonNull<b::scmi_chan_info>);

// SAFETY: The core takes what came on any processor.
unsafe impl Send for CoreChannel {}

impl CoreChannel {
    /// # Safety
    /// It must be there until the core frees the channel and nobody is in [`Self::deliver`].
    pub(crate) unsafe fn new(channel: NonNull<b::scmi_chan_info>) -> Self {
        Self(channel)
    }

    /// Tells the core that something came. It fetches it by the handle before this returns. Interrupts may call it; nobody
    /// may hold a lock of ours.
    pub(crate) fn deliver(self, header: u32, handle: Handle) {
        let functions = FUNCTIONS.load(Ordering::Acquire);
        if functions.is_null() {
            return;
        }
        // SAFETY: The core's table is a constant of its own, and we use its symbols, so that it is not unloaded.
        if let Some(callback) = unsafe { (*functions).rx_callback } {
            // SAFETY: The channel is there, as who made this said.
            unsafe { callback(self.0.as_ptr(), header, handle.to_ptr()) };
        }
    }
}

/// A transfer of the core's: a command that is to be sent, or what is being received.
///
/// Other processors may write to other fields of it, so that there is no reference to the whole.
pub(crate) struct Transfer(NonNull<b::scmi_xfer>);

impl Transfer {
    /// # Safety
    /// It must be a transfer that the core gave to an operation of ours, which has not returned.
    pub(crate) unsafe fn new(transfer: NonNull<b::scmi_xfer>) -> Self {
        Self(transfer)
    }

    /// To be compared.
    pub(crate) fn name(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// The handle that we left in it, or that the core did when it was told of an answer.
    pub(crate) fn handle(&self) -> Option<Handle> {
        Handle::from_ptr(self.private().load(Ordering::Acquire))
    }

    /// Leaves a handle in it.
    pub(crate) fn set_handle(&self, handle: Option<Handle>) {
        let handle = handle.map_or(ptr::null_mut(), Handle::to_ptr);
        self.private().store(handle, Ordering::Release);
    }

    fn private(&self) -> &AtomicPtr<core::ffi::c_void> {
        // SAFETY: The field is there, is for us, and is stored to by others as a whole.
        unsafe { AtomicPtr::from_ptr(ptr::addr_of_mut!((*self.0.as_ptr()).priv_)) }
    }

    /// Whether the caller asks again and again instead of sleeping.
    pub(crate) fn polls(&self) -> bool {
        // SAFETY: The field is there, and is written before the operation.
        unsafe { (*self.0.as_ptr()).hdr.poll_completion }
    }

    /// The command's header.
    pub(crate) fn header(&self) -> u32 {
        // SAFETY: The fields are there, and are written before the operation.
        let header = unsafe { ptr::addr_of!((*self.0.as_ptr()).hdr).read() };
        wire::header(header.protocol_id, header.id, header.type_, header.seq)
    }

    /// How long the command is, in bytes, its header among them; none if there is no room for it.
    pub(crate) fn request_len(&self) -> Option<usize> {
        // SAFETY: The field is there, and is written before the operation.
        let payload = unsafe { (*self.0.as_ptr()).tx.len };
        (payload <= MAX_PAYLOAD).then_some(wire::HEADER + payload)
    }

    /// How much room the answer is to have, in bytes; none if there is not as much.
    pub(crate) fn answer_len(&self) -> Option<usize> {
        // SAFETY: The field is there, and is written before the operation.
        let payload = unsafe { (*self.0.as_ptr()).rx.len };
        (payload <= MAX_PAYLOAD).then_some(PREFIX + payload)
    }

    /// Writes the command, of which [`Self::request_len`] said that there is room, to a buffer that is ours.
    pub(crate) fn write_request(&self, request: &Buffer) {
        let header = self.header().to_le_bytes();
        // SAFETY: The field is there, and is written before the operation.
        let payload = unsafe { ptr::addr_of!((*self.0.as_ptr()).tx).read() };
        let len = payload.len.min(MAX_PAYLOAD);
        // SAFETY: The buffer has room for both, nobody else has it, and the core says that `len` bytes are at `buf`.
        unsafe {
            ptr::copy_nonoverlapping(header.as_ptr(), request.as_ptr(), header.len());
            if !payload.buf.is_null() {
                let target = request.as_ptr().add(wire::HEADER);
                ptr::copy_nonoverlapping(payload.buf.cast::<u8>(), target, len);
            }
        }
    }

    /// Takes an answer of `len` bytes, at least a header and a status.
    pub(crate) fn take_answer(&self, answer: &Buffer, len: usize) {
        self.set_status(answer.word(wire::HEADER));
        self.take(answer, PREFIX, len, usize::MAX);
    }

    /// Takes an event of `len` bytes, at least a header, of which the core wants so much at most.
    pub(crate) fn take_event(&self, event: &Buffer, len: usize, most: usize) {
        // A notification has no status: what the core expects has no limit but this.
        // SAFETY: The field is there, and is the core's to us while the operation lasts.
        unsafe { (*self.0.as_ptr()).rx.len = most };
        self.take(event, wire::HEADER, len, most);
    }

    /// There is none: the caller gets this status and nothing else.
    pub(crate) fn take_failure(&self, status: i32) {
        self.set_status(status as u32);
        // SAFETY: The field is there, and is the core's to us while the operation lasts.
        unsafe { (*self.0.as_ptr()).rx.len = 0 };
    }

    fn set_status(&self, status: u32) {
        // SAFETY: The field is there, and is the core's to us while the operation lasts.
        unsafe { (*self.0.as_ptr()).hdr.status = status };
    }

    /// Copies what is behind `skip` bytes of a message of `len`, and says how much that was.
    fn take(&self, message: &Buffer, skip: usize, len: usize, most: usize) {
        // SAFETY: The field is there, and is the core's to us while the operation lasts.
        let target = unsafe { ptr::addr_of!((*self.0.as_ptr()).rx).read() };
        let came = len.min(Buffer::SIZE).saturating_sub(skip);
        let len = came.min(target.len).min(most).min(MAX_PAYLOAD);
        // SAFETY: So many bytes are in the message behind `skip`, and the core's buffer has room for `MAX_PAYLOAD`, as its
        // description of us says.
        unsafe {
            ptr::copy_nonoverlapping(message.as_ptr().add(skip), target.buf.cast::<u8>(), len);
            (*self.0.as_ptr()).rx.len = len;
        }
    }
}
