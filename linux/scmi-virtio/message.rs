// SPDX-License-Identifier: GPL-2.0

//! A message of a queue: its memory, and whose it is.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use kernel::prelude::*;

/// The longest payload, in bytes, as of the kernel's own transport.
pub(crate) const MAX_PAYLOAD: usize = 128;

/// A header and a status stand before it.
pub(crate) const PREFIX: usize = 8;

/// Memory that the device reads or writes. It is from `kmalloc`, so that it can be mapped for a device, and shares no
/// cache line with anything.
pub(crate) struct Buffer(UnsafeCell<[u8; Self::SIZE]>);

// SAFETY: The bytes are only reached by pointer, by whom the message belongs to.
unsafe impl Send for Buffer {}

impl Buffer {
    /// Room for the longest message, in bytes.
    pub(crate) const SIZE: usize = PREFIX + MAX_PAYLOAD;

    fn new() -> Result<KBox<Self>> {
        Ok(KBox::new(
            Self(UnsafeCell::new([0; Self::SIZE])),
            GFP_KERNEL,
        )?)
    }

    /// Where its bytes are: [`Self::SIZE`] of them.
    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.0.get().cast()
    }

    /// The little-endian word at this offset. It is read once: the device may go on writing where it should not.
    ///
    /// Beyond the end there is 0.
    pub(crate) fn word(&self, offset: usize) -> u32 {
        if offset > Self::SIZE - 4 {
            return 0;
        }
        // SAFETY: The four bytes are in the buffer, and any bytes are a word.
        u32::from_le(unsafe { self.as_ptr().add(offset).cast::<u32>().read_unaligned() })
    }
}

/// Which queue a message is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Commands and their answers.
    Commands,
    /// Notifications and delayed responses.
    Events,
}

/// The name of one use of a message. It is what the ring and the core are given in place of a pointer: whatever comes
/// back is looked up, and a name of an earlier use finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handle(usize);

impl Handle {
    /// So that it is never a null pointer.
    const MARK: usize = 1;
    const EVENTS: usize = 1 << 1;
    const INDEX_SHIFT: u32 = 2;
    /// Room for twice the 1024 messages that tokens can name.
    const INDEX_MASK: usize = 0x7ff;
    const ONE_USE: usize = 1 << 13;

    fn new(side: Side, index: u16) -> Self {
        let events = if side == Side::Events {
            Self::EVENTS
        } else {
            0
        };
        Self((usize::from(index) & Self::INDEX_MASK) << Self::INDEX_SHIFT | events | Self::MARK)
    }

    /// The same message's next use.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(Self::ONE_USE))
    }

    /// Its place among the messages of its queue.
    pub(crate) fn index(self) -> usize {
        self.0 >> Self::INDEX_SHIFT & Self::INDEX_MASK
    }

    /// As C keeps it.
    pub(crate) fn to_ptr(self) -> *mut c_void {
        self.0 as *mut c_void
    }

    /// What C kept. Nothing is behind a null pointer.
    pub(crate) fn from_ptr(ptr: *mut c_void) -> Option<Self> {
        (!ptr.is_null()).then_some(Self(ptr as usize))
    }
}

/// What came of a command, or what came as an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// So many bytes are in the buffer, no more than were offered.
    Bytes(usize),
    /// None, and the caller gets this status.
    Failure(i32),
}

/// Who waits for what the device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiter {
    /// A call that sleeps, or for an event the core: the core is told by its callback.
    Callback,
    /// A call that asks again and again.
    Poller,
    /// A call that polls and does not know yet that it failed.
    Failed(i32),
    /// The core is being told that the call failed.
    Told(i32),
    /// Nobody any more: the call was given up.
    Nobody,
}

/// Whom a message belongs to. It is always one, who alone touches its memory and passes it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Nobody: the list of the free ones.
    Free,
    /// The device.
    Queue(Waiter),
    /// The core, while its callback runs.
    Core(Answer),
    /// A call that polls and has not looked yet.
    Poller(Answer),
}

/// A message of a queue.
pub(crate) struct Message {
    /// Whom it belongs to.
    pub(crate) owner: Owner,
    /// The name of this use.
    pub(crate) handle: Handle,
    /// What the command's header is.
    pub(crate) header: u32,
    /// How many bytes the device may write.
    pub(crate) offered: usize,
    /// Which transfer of the core's it is for, to be compared and nothing else.
    pub(crate) xfer: usize,
    /// The next one in the list of the free ones.
    pub(super) next_free: Option<u16>,
    /// The command. Events have none.
    pub(crate) request: Option<KBox<Buffer>>,
    /// What the device writes.
    pub(crate) answer: KBox<Buffer>,
}

impl Message {
    pub(super) fn new(side: Side, index: u16) -> Result<Self> {
        let request = match side {
            Side::Commands => Some(Buffer::new()?),
            Side::Events => None,
        };
        Ok(Self {
            owner: Owner::Free,
            handle: Handle::new(side, index),
            header: 0,
            offered: 0,
            xfer: 0,
            next_free: None,
            request,
            answer: Buffer::new()?,
        })
    }
}
