//! Why a device does not run.

use core::fmt;

use super::queue::Fault;
use super::transport::Status;

/// Why a device could not be started. It can be tried again at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartError {
    /// The device did not say that it was reset while patience lasted. The shared memory is still its own.
    Reset {
        /// What its status was instead.
        status: Status,
    },
    /// The device is not of virtio 1.
    Legacy {
        /// What it offers.
        offered: u64,
    },
    /// The device did not agree on features.
    Features {
        /// What it offered.
        offered: u64,
        /// What was accepted.
        accepted: u64,
    },
    /// A queue is absent, or too small to hold one message.
    Queue {
        /// Which.
        index: u16,
        /// The most entries that it can have here.
        entries: u16,
    },
    /// The device did not take a queue.
    QueueRefused {
        /// Which.
        index: u16,
    },
    /// The shared memory is too small, or not aligned.
    Memory {
        /// Bytes that are needed.
        needed: usize,
        /// Bytes that there are; 0 if they are not aligned as they should be.
        len: usize,
    },
    /// The device was in trouble as soon as it ran.
    Trouble(Trouble),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset { status } => {
                write!(f, "the device was not reset; its status is {status:?}")
            }
            Self::Legacy { offered } => {
                write!(f, "the device offers features {offered:#x}, without virtio version 1")
            }
            Self::Features { offered, accepted } => {
                write!(f, "of features {offered:#x} the device does not agree to {accepted:#x}")
            }
            Self::Queue { index, entries } => {
                write!(f, "queue {index} can have {entries} entries, too few for a message")
            }
            Self::QueueRefused { index } => write!(f, "the device did not take queue {index}"),
            Self::Memory { needed, len } => {
                write!(f, "{needed} bytes of aligned shared memory are needed, {len} are there")
            }
            Self::Trouble(_) => f.write_str("the device was in trouble as soon as it ran"),
        }
    }
}

impl core::error::Error for StartError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Trouble(trouble) => Some(trouble),
            _ => None,
        }
    }
}

/// Why a device that ran is of no use until it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// It said that it needs a reset.
    NeedsReset,
    /// It went away or was reset behind the driver's back.
    Lost(Status),
    /// It broke the command queue.
    Commands(Fault),
    /// It broke the event queue.
    Events(Fault),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsReset => f.write_str("the device says that it needs a reset"),
            Self::Lost(status) => {
                write!(f, "the device does not run any more; its status is {status:?}")
            }
            Self::Commands(_) => f.write_str("the device broke the command queue"),
            Self::Events(_) => f.write_str("the device broke the event queue"),
        }
    }
}

impl core::error::Error for Trouble {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Commands(fault) | Self::Events(fault) => Some(fault),
            _ => None,
        }
    }
}
