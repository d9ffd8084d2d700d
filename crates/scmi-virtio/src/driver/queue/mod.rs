//! A split virtqueue, as a driver works it that does not trust its device.
//!
//! 1. [`Layout`]: its size and its place in shared memory; [`Rings`]: what the device is told of it.
//! 2. [`Queue`]: offer chains, take them back.
//! 3. [`Fault`], [`AddError`]: what goes wrong.
//!
//! # What the device can do
//!
//! It can write anything anywhere in shared memory at any time. So nothing that the driver decides by is read back
//! from there, except the used ring, and that is judged: an index that runs ahead of what the device
//! has, an entry that names no chain of the device's, a chain that comes back twice, each breaks the queue, which
//! then does nothing until it is made anew. A length beyond the room that was offered is cut, and the caller
//! is told: the chain is known all the same, and devices that count the readable part exist.
//!
//! # Who owns what
//!
//! From [`Queue::add`] on a chain's pieces belong to the device, until [`Queue::pop`] gives its token back or
//! the device was reset. The queue owns no messages; whoever adds pieces keeps to that.
//!
//! # Barriers
//!
//! - *Publishing*: descriptors, tables and messages are stored, then the ring's entry, then the available index with
//!   Release. A device that sees the index sees all of it.
//! - *Taking*: the used index is loaded with Acquire; the entry and what the device wrote to the chain are
//!   read after that.
//! - *Whether to kick*: the index is stored, then the device's wish loaded. A full fence stands between; without
//!   it both sides could miss each other's store, and the device would sleep on a full ring.
//! - *Whether to sleep*: the same in the other direction, in [`Queue::arm`].
//!
//! These are barriers between processors. A device that is hardware may want stronger ones, and says so by
//! VIRTIO_F_ORDER_PLATFORM, which the driver does not accept.

mod entry;
mod fault;
mod layout;
mod split;

#[cfg(test)]
mod tests;

pub use entry::Entry;
pub use fault::{AddError, Fault};
pub use layout::{Layout, Rings};
pub use split::{Piece, Queue, Used};
