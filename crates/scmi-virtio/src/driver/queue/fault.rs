//! How a device can break a used ring.

use core::fmt;

/// Why a queue is of no more use until its device was reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
// So that it fits into one register, and none of it is zero.
#[repr(u16)]
pub enum Fault {
    /// The used index says that more chains came back than the device has.
    Jump {
        /// How many it says came back.
        claimed: u16,
        /// How many it has.
        in_flight: u16,
    } = 1,
    /// A used entry names a descriptor that does not exist.
    Beyond {
        /// The queue's entries.
        size: u16,
        /// The descriptor.
        id: u32,
    },
    /// A used entry names a chain that the device does not have: it came back before, or never went.
    NotInFlight {
        /// The chain's head.
        id: u16,
    },
    /// The queue does not lie in the memory that it was used with.
    Outside,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jump { claimed, in_flight } => {
                write!(f, "the device says that {claimed} chains came back, and has {in_flight}")
            }
            Self::Beyond { id, size } => {
                write!(f, "the device gave back descriptor {id} of a queue of {size}")
            }
            Self::NotInFlight { id } => {
                write!(f, "the device gave back chain {id}, which it does not have")
            }
            Self::Outside => f.write_str("the queue lies outside its memory"),
        }
    }
}

impl core::error::Error for Fault {}

/// Why a chain was not taken; nothing changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddError {
    /// Too few descriptors are free; take chains back first.
    Full,
    /// A chain has at least one piece, and at most as many as the queue or an indirect table has descriptors.
    Pieces {
        /// How many there were.
        pieces: u32,
    },
    /// A piece lies outside the shared memory, or all writable ones together exceed 4 GiB.
    Outside,
    /// The queue broke before.
    Broken(Fault),
}

impl fmt::Display for AddError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the queue is full"),
            Self::Pieces { pieces } => {
                write!(f, "a chain of {pieces} pieces does not fit the queue")
            }
            Self::Outside => f.write_str("a piece of the chain lies outside the shared memory"),
            Self::Broken(_) => f.write_str("the queue is broken"),
        }
    }
}

impl core::error::Error for AddError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Broken(fault) => Some(fault),
            _ => None,
        }
    }
}
