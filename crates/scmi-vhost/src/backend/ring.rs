//! One ring: the queue in guest memory and the file descriptors that go with it.

use core::sync::atomic::Ordering;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::epoll;
use virtio_queue::{Queue, QueueT};
use vm_memory::{Bytes, GuestAddress};

use super::chain::View;
use super::memory::Memory;
use crate::eventfd::Bell;

/// Entries that a ring can have. Commands and tokens are 10 bits, so more would serve nobody, and a chain may
/// have as many descriptors as its ring has entries: this bounds the work of looking at one.
pub(super) const MAX_ENTRIES: u16 = 1024;

/// Where a ring's three parts are, by the VMM's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) descriptors: u64,
    pub(super) available: u64,
    pub(super) used: u64,
}

/// Where a ring stood when it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    entries: u16,
    next_available: u16,
    next_used: u16,
    descriptors: u64,
    available: u64,
    used: u64,
}

impl Mark {
    /// Whether nothing had been taken from the ring yet, as far as one can tell.
    pub(super) const fn is_fresh(&self) -> bool {
        self.next_available == 0
    }

    /// What its driver chose of features and rings, in a number that tells one driver from another. It lasts longer than this
    /// process, so it is the same in every version of this crate.
    pub(super) fn name(&self, features: u64) -> u64 {
        let words = [features, self.entries.into(), self.descriptors, self.available, self.used];
        words.into_iter().fold(0xCBF2_9CE4_8422_2325, |name: u64, word| {
            (name ^ word).wrapping_mul(0x100_0000_01B3).rotate_left(29)
        })
    }
}

/// A kick's place in the poll set of the agent's thread.
#[derive(Debug)]
struct Kick {
    file: File,
    epoll: Arc<OwnedFd>,
}

impl Drop for Kick {
    fn drop(&mut self) {
        // The VMM has a duplicate, so closing ours would not remove it from the set.
        let _ = epoll::delete(&self.epoll, &self.file);
    }
}

/// A ring of one VMM's device.
#[derive(Debug)]
pub(super) struct Ring {
    queue: Queue,
    addresses: Option<Addresses>,
    kick: Option<Kick>,
    call: Option<Bell>,
    error: Option<Bell>,
    error_told: bool,
    enabled: bool,
    running: bool,
}

impl Ring {
    pub(super) fn new() -> Self {
        Self {
            queue: Queue::new(MAX_ENTRIES).unwrap_or_default(),
            addresses: None,
            kick: None,
            call: None,
            error: None,
            error_told: false,
            enabled: false,
            running: false,
        }
    }

    /// Whether it may be worked now.
    pub(super) const fn is_active(&self) -> bool {
        self.running && self.enabled
    }

    pub(super) const fn is_running(&self) -> bool {
        self.running
    }

    pub(super) fn enable(&mut self, enabled: bool) {
        self.enabled = enabled;
    }

    pub(super) fn set_event_idx(&mut self, negotiated: bool) {
        self.queue.set_event_idx(negotiated);
    }

    /// Sets the number of entries; false if a ring cannot have so many.
    pub(super) fn set_entries(&mut self, entries: u32) -> bool {
        u16::try_from(entries).is_ok_and(|entries| self.queue.try_set_size(entries).is_ok())
    }

    pub(super) fn set_base(&mut self, base: u16) {
        self.queue.set_next_avail(base);
    }

    pub(super) fn base(&self) -> u16 {
        self.queue.next_avail()
    }

    pub(super) const fn addresses(&self) -> Option<Addresses> {
        self.addresses
    }

    pub(super) fn set_addresses(&mut self, addresses: Addresses) {
        self.addresses = Some(addresses);
    }

    /// Sets the file descriptor that the guest's notifications arrive on. It is watched for edges and never
    /// read: so it does not matter what kind of file it is, who else reads it, or whether that blocks.
    pub(super) fn set_kick(
        &mut self,
        file: File,
        epoll: &Arc<OwnedFd>,
        data: u64,
    ) -> io::Result<()> {
        self.kick = None;
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(epoll, &file, epoll::EventData::new_u64(data), flags)?;
        self.kick = Some(Kick { file, epoll: Arc::clone(epoll) });
        Ok(())
    }

    /// Sets the file descriptor that wakes the guest, and wakes it: what was used while the old one was in
    /// place may have gone unnoticed.
    pub(super) fn set_call(&mut self, file: Option<File>) -> io::Result<()> {
        self.call = file.map(Bell::new).transpose()?;
        if self.running {
            self.ring_call();
        }
        Ok(())
    }

    pub(super) fn set_error(&mut self, file: Option<File>) -> io::Result<()> {
        self.error = file.map(Bell::new).transpose()?;
        Ok(())
    }

    /// Starts if everything that is needed is there: addresses that lie in the memory, and a kick.
    pub(super) fn start(&mut self, memory: &Memory) {
        if self.running || self.kick.is_none() {
            return;
        }
        let Some([descriptors, available, used]) = self.locate(memory) else { return };
        let placed = self.queue.try_set_desc_table_address(descriptors).is_ok()
            && self.queue.try_set_avail_ring_address(available).is_ok()
            && self.queue.try_set_used_ring_address(used).is_ok();
        if !placed {
            return;
        }
        let Ok(used) = self.queue.used_idx(memory.map(), Ordering::Acquire) else { return };
        self.queue.set_next_used(used.0);
        self.queue.set_ready(true);
        self.error_told = false;
        self.running = true;
    }

    /// Stops and says where it stood, if it was running.
    pub(super) fn stop(&mut self) -> Option<Mark> {
        let mark = self.running.then(|| self.mark());
        self.queue.set_ready(false);
        self.running = false;
        mark
    }

    /// Stops for good: the file descriptors go too.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }

    /// The notifications end; the VMM gives new ones with the next start.
    pub(super) fn drop_notifiers(&mut self) {
        self.kick = None;
        self.call = None;
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            entries: self.queue.size(),
            next_available: self.queue.next_avail(),
            next_used: self.queue.next_used(),
            descriptors: self.queue.desc_table(),
            available: self.queue.avail_ring(),
            used: self.queue.used_ring(),
        }
    }

    /// Where descriptors, available and used ring lie in the memory, if they do so whole.
    pub(super) fn locate(&self, memory: &Memory) -> Option<[GuestAddress; 3]> {
        let addresses = self.addresses?;
        let entries = u64::from(self.queue.size());
        let part = |user, len| memory.translate(user).filter(|at| memory.holds(*at, len));
        Some([
            part(addresses.descriptors, 16 * entries)?,
            part(addresses.available, 6 + 2 * entries)?,
            part(addresses.used, 6 + 8 * entries)?,
        ])
    }

    /// Whether a ring that runs lies in another memory at the same place of the guest.
    pub(super) fn still_lies_in(&self, memory: &Memory) -> bool {
        let queue = &self.queue;
        let here = [queue.desc_table(), queue.avail_ring(), queue.used_ring()].map(GuestAddress);
        self.locate(memory) == Some(here)
    }

    /// The queue as the device's rules see it.
    pub(super) fn view<'a>(&'a mut self, memory: &'a Memory) -> View<'a> {
        View::new(&mut self.queue, memory.map())
    }

    /// Asks the guest not to kick while we look anyway.
    pub(super) fn hush(&mut self, memory: &Memory) {
        let _ = self.queue.disable_notification(memory.map());
    }

    /// Asks the guest to kick again. Whether something came in the meantime, so that one has to look now.
    pub(super) fn listen(&mut self, memory: &Memory) -> bool {
        self.queue.enable_notification(memory.map()).unwrap_or(false)
    }

    /// Wakes the guest for what was used, if it wants to be.
    pub(super) fn notify(&mut self, memory: &Memory) {
        if self.wants_call(memory) {
            self.ring_call();
        }
    }

    fn wants_call(&mut self, memory: &Memory) -> bool {
        if self.queue.event_idx_enabled() {
            return self.queue.needs_notification(memory.map()).unwrap_or(false);
        }
        // The flags of the available ring; virtio-queue does not look at them.
        core::sync::atomic::fence(Ordering::SeqCst);
        const NO_INTERRUPT: u16 = 1;
        let flags: Result<u16, _> =
            memory.map().load(GuestAddress(self.queue.avail_ring()), Ordering::Relaxed);
        flags.is_ok_and(|flags| u16::from_le(flags) & NO_INTERRUPT == 0)
    }

    fn ring_call(&self) {
        if let Some(call) = &self.call {
            call.ring();
        }
    }

    /// The index behind the last answer that was written.
    pub(super) fn written(&self) -> u16 {
        self.queue.next_used()
    }

    /// The index behind the last answer that the guest has taken, as far as it says. It says so only with event indexes,
    /// and while it wants to be woken.
    pub(super) fn taken(&self, memory: &Memory) -> Option<u16> {
        if !self.queue.event_idx_enabled() {
            return None;
        }
        // Behind the entries of the available ring.
        let at = self.queue.avail_ring() + 4 + 2 * u64::from(self.queue.size());
        let taken: u16 = memory.map().load(GuestAddress(at), Ordering::Acquire).ok()?;
        Some(u16::from_le(taken))
    }

    /// Tells the VMM, once a start, that the ring is in disorder.
    pub(super) fn tell_error(&mut self) {
        if !core::mem::replace(&mut self.error_told, true)
            && let Some(error) = &self.error
        {
            error.ring();
        }
    }
}
