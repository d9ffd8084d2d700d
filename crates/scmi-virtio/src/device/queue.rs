//! One virtqueue, from the device's side.

use core::fmt;

use super::fault::Plan;

/// The device's side of one virtqueue.
///
/// [`Device`](super::Device) calls it from one thread at a time and holds no chain across calls but those that
/// it parked. An implementation checks everything a driver can influence: indexes, table lengths, loops,
/// addresses. It reads each descriptor once, in [`pop`](Self::pop), and keeps what it read in the chain.
pub trait DeviceQueue {
    /// What is kept of a chain that was popped: its head and its descriptors. Storage is reused, so that a
    /// queue needs no allocation per message.
    type Chain: Default;

    /// Takes the next chain that the driver made available and describes it.
    fn pop(&mut self, chain: &mut Self::Chain) -> Popped;

    /// Makes the chain that was popped last available again, as if it had never been popped. Called at most
    /// once after each pop, and before the chain is completed.
    fn undo_pop(&mut self);

    /// Copies the start of the readable part into `into` and says how many bytes that were: the smaller of
    /// both lengths.
    ///
    /// # Errors
    /// A part of it is no longer in the guest's memory.
    fn read(&self, chain: &Self::Chain, into: &mut [u8]) -> Result<usize, OutsideMemory>;

    /// Writes `bytes` to the start of the writable part, which is at least as long.
    ///
    /// # Errors
    /// A part of it is no longer in the guest's memory. Bytes before that part may have been written.
    fn write(&self, chain: &Self::Chain, bytes: &[u8]) -> Result<(), OutsideMemory>;

    /// Gives the chain back to the driver, which may look at the first `used` bytes of its writable part.
    fn complete(&mut self, chain: &Self::Chain, used: usize);

    /// Told what was done on purpose to the message whose chain is completed next ([`fault`](super::fault)). For those who
    /// listen to a queue; nothing else has a use for it.
    fn mark(&mut self, plan: &Plan) {
        let _ = plan;
    }
}

impl<Q: DeviceQueue> DeviceQueue for &mut Q {
    type Chain = Q::Chain;

    fn pop(&mut self, chain: &mut Q::Chain) -> Popped {
        (**self).pop(chain)
    }

    fn undo_pop(&mut self) {
        (**self).undo_pop();
    }

    fn read(&self, chain: &Q::Chain, into: &mut [u8]) -> Result<usize, OutsideMemory> {
        (**self).read(chain, into)
    }

    fn write(&self, chain: &Q::Chain, bytes: &[u8]) -> Result<(), OutsideMemory> {
        (**self).write(chain, bytes)
    }

    fn complete(&mut self, chain: &Q::Chain, used: usize) {
        (**self).complete(chain, used);
    }

    fn mark(&mut self, plan: &Plan) {
        (**self).mark(plan);
    }
}

/// What [`DeviceQueue::pop`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Popped {
    /// A chain. It has to be completed.
    Chain(Shape),
    /// Nothing is available.
    Empty,
    /// An entry of the ring that names no chain, so that nothing can be completed. The ring goes on behind it.
    Lost,
    /// The ring as a whole makes no sense: its index jumped, or it lies outside the memory.
    Unusable,
}

/// What a chain looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Shape {
    /// Bytes that the device may read.
    pub readable: usize,
    /// Bytes that the device may write.
    pub writable: usize,
    /// What is wrong with it. The lengths mean nothing then.
    pub fault: Option<Fault>,
}

/// Why a chain cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A readable descriptor behind a writable one.
    Order,
    /// The descriptors do not end: a loop, an index beyond the table, a bad indirect table, or more of them
    /// than the queue has entries.
    Table,
    /// A descriptor lies outside the guest's memory.
    Memory,
}

/// An access outside the guest's memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutsideMemory;

impl fmt::Display for OutsideMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the chain lies outside the guest's memory")
    }
}

impl core::error::Error for OutsideMemory {}
