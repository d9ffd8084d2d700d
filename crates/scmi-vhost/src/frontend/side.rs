//! One queue of a guest without a VM, and its two notifications.

use std::io;

use scmi_virtio::driver::queue::{AddError, Entry, Fault, Layout, Piece, Queue, Used};
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};

use super::connection::Placement;
use super::ram::Ram;

/// A queue and its two notifications.
#[derive(Debug)]
pub(super) struct Side {
    queue: Queue<Vec<Entry>>,
    pub(super) kick: EventFd,
    pub(super) call: EventFd,
}

impl Side {
    /// Lays out a queue. With `indirect`, every chain is a table of at most so many descriptors; 0 is none.
    pub(super) fn new(
        ram: &mut Ram,
        entries: u16,
        event_idx: bool,
        indirect: u16,
    ) -> io::Result<Self> {
        let at = ram.allocate_offset(Layout::bytes(entries, indirect), 16)?;
        let layout = Layout::new(entries, indirect, at);
        let records = vec![Entry::NEW; entries.into()];
        let queue = layout.and_then(|layout| Queue::new(&ram.shared(), records, layout, event_idx));
        let queue = queue.ok_or_else(|| {
            io::Error::other(format!("a queue of {entries} entries cannot be laid out"))
        })?;
        let (kick, call) = (EventFd::new(EFD_NONBLOCK)?, EventFd::new(EFD_NONBLOCK)?);
        Ok(Self { queue, kick, call })
    }

    /// Where it lies, if it begins with the available entry `base`.
    pub(super) fn placement(&self, ram: &mut Ram, base: u16) -> Option<Placement> {
        let rings = self.queue.rings(&ram.shared())?;
        Some(Placement {
            entries: rings.size,
            base,
            descriptors: rings.descriptors,
            available: rings.available,
            used: rings.used,
        })
    }

    /// Makes a chain available and tells the device if it wants to be told.
    pub(super) fn offer(
        &mut self,
        ram: &mut Ram,
        readable: &[Piece],
        writable: &[Piece],
        token: u16,
    ) -> Result<(), AddError> {
        let shared = ram.shared();
        self.queue.add(&shared, readable, writable, token)?;
        if self.queue.wants_kick(&shared) {
            // It fails only if the counter is full, and then the device is awake.
            let _ = self.kick.write(1);
        }
        Ok(())
    }

    /// Takes a chain back.
    pub(super) fn take(&mut self, ram: &mut Ram) -> Result<Option<Used>, Fault> {
        self.queue.pop(&ram.shared())
    }

    /// Whether the device gave something back.
    pub(super) fn has_used(&self, ram: &mut Ram) -> bool {
        self.queue.has_used(&ram.shared())
    }

    /// Asks to be called; whether something has come already.
    pub(super) fn arm(&mut self, ram: &mut Ram) -> bool {
        self.queue.arm(&ram.shared())
    }

    /// Asks not to be called.
    pub(super) fn disarm(&mut self, ram: &mut Ram) {
        self.queue.disarm(&ram.shared());
    }
}
