//! Chains: what a guest offers on a ring, read once and then judged.

use scmi_virtio::device::{DeviceQueue, Fault, OutsideMemory, Popped, Shape};
use virtio_queue::{Queue, QueueOwnedT, QueueT};
use vm_memory::{Bytes, GuestAddress, GuestMemory, Permissions};

use super::map::Map;

/// A piece of guest memory.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: GuestAddress,
    len: usize,
}

/// A chain that was popped: what its descriptors said when they were read.
#[derive(Debug)]
pub(super) struct Chain {
    head: u16,
    readable: Vec<Piece>,
    writable: Vec<Piece>,
}

impl Default for Chain {
    /// Room for what drivers usually send, so that popping allocates only for the first odd chain.
    fn default() -> Self {
        Self { head: 0, readable: Vec::with_capacity(16), writable: Vec::with_capacity(16) }
    }
}

/// A ring while it is being worked.
pub(super) struct View<'a> {
    queue: &'a mut Queue,
    memory: &'a Map,
}

impl<'a> View<'a> {
    pub(super) const fn new(queue: &'a mut Queue, memory: &'a Map) -> Self {
        Self { queue, memory }
    }
}

impl DeviceQueue for View<'_> {
    type Chain = Chain;

    fn pop(&mut self, chain: &mut Chain) -> Popped {
        let entries = usize::from(self.queue.size());
        let Ok(mut available) = self.queue.iter(self.memory) else { return Popped::Unusable };
        let Some(descriptors) = available.next() else { return Popped::Empty };
        chain.head = descriptors.head_index();
        chain.readable.clear();
        chain.writable.clear();
        if usize::from(chain.head) >= entries {
            return Popped::Lost;
        }
        let mut shape = Shape::default();
        // The iterator ends early on whatever it does not like; then the last descriptor it gave, if there
        // was one, still names a next one.
        let mut unfinished = true;
        for descriptor in descriptors {
            if chain.readable.len() + chain.writable.len() >= entries {
                unfinished = true;
                break;
            }
            unfinished = descriptor.has_next();
            let len = usize::try_from(descriptor.len()).unwrap_or(usize::MAX);
            let piece = Piece { start: descriptor.addr(), len };
            if descriptor.is_write_only() {
                shape.writable += len;
                chain.writable.push(piece);
            } else if chain.writable.is_empty() {
                shape.readable += len;
                chain.readable.push(piece);
            } else {
                shape.fault = Some(Fault::Order);
                return Popped::Chain(shape);
            }
        }
        let holds =
            |piece: &Piece| self.memory.check_range(piece.start, piece.len, Permissions::No);
        if unfinished {
            shape.fault = Some(Fault::Table);
        } else if !chain.readable.iter().chain(&chain.writable).all(holds) {
            shape.fault = Some(Fault::Memory);
        }
        Popped::Chain(shape)
    }

    fn undo_pop(&mut self) {
        self.queue.go_to_previous_position();
    }

    fn read(&self, chain: &Chain, into: &mut [u8]) -> Result<usize, OutsideMemory> {
        let mut done = 0;
        for piece in &chain.readable {
            let rest = into.get_mut(done..).unwrap_or_default();
            let len = piece.len.min(rest.len());
            self.memory.read_slice(&mut rest[..len], piece.start).map_err(|_| OutsideMemory)?;
            done += len;
        }
        Ok(done)
    }

    fn write(&self, chain: &Chain, bytes: &[u8]) -> Result<(), OutsideMemory> {
        let mut rest = bytes;
        for piece in &chain.writable {
            let (now, later) = rest.split_at(piece.len.min(rest.len()));
            self.memory.write_slice(now, piece.start).map_err(|_| OutsideMemory)?;
            rest = later;
        }
        if rest.is_empty() { Ok(()) } else { Err(OutsideMemory) }
    }

    fn complete(&mut self, chain: &Chain, used: usize) {
        // The head was checked when it was popped; the ring may have become smaller since.
        if chain.head < self.queue.size() {
            let used = u32::try_from(used).unwrap_or(u32::MAX);
            // It cannot fail: a ring that runs lies in the memory.
            let _ = self.queue.add_used(self.memory, chain.head, used);
        }
    }
}
