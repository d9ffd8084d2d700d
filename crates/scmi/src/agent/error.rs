//! Why a call did not end well, sorted by whose fault it is.

use core::fmt;

use crate::transport::SendError;
use crate::wire::Status;

/// Why a call did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The platform refused.
    Refused(Status),
    /// The platform's answer makes no sense.
    Malformed(Malformed),
    /// No answer came in time. Its buffer stays with the channel until it comes back.
    TimedOut {
        /// The immediate response had come; the delayed one had not.
        delayed: bool,
    },
    /// Every slot is taken, so many of them by calls that timed out and whose buffers never came back.
    NoSlot {
        /// How many are lost.
        lost: usize,
    },
    /// The parameters or the room for the answer are larger than a slot.
    TooLarge {
        /// The bytes that were asked for.
        bytes: usize,
        /// The bytes that a slot has.
        most: usize,
    },
    /// The channel did not take the command, or ended before the answer came.
    Channel(SendError),
    /// There is no channel to a platform yet, or none any more.
    NoChannel,
    /// The engine was in use where it was needed: a [`super::Lock`] was asked for by whoever holds it, or is broken.
    Locked,
}

/// In which way an answer makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// Its header is not that of the command.
    Header {
        /// The command's header word.
        sent: u32,
        /// The answer's header word.
        came: u32,
    },
    /// It is shorter than its layout.
    Short {
        /// Bytes of values that came.
        came: usize,
        /// Bytes of values that the layout has.
        wanted: usize,
    },
    /// It names another resource than the one that was asked for.
    OtherResource {
        /// The one that was asked for.
        asked: u32,
        /// The one that is named.
        named: u32,
    },
    /// A list that does not end, or that contradicts itself.
    List {
        /// Entries that came before.
        index: usize,
        /// Entries that this page claims.
        returned: usize,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(status) => write!(f, "the platform answered {status}"),
            Self::Malformed(how) => write!(f, "the platform's answer makes no sense: {how}"),
            Self::TimedOut { delayed: false } => f.write_str("no answer came in time"),
            Self::TimedOut { delayed: true } => f.write_str("no delayed response came in time"),
            Self::NoSlot { lost } => {
                write!(f, "all slots are taken, {lost} of them by calls that never came back")
            }
            Self::TooLarge { bytes, most } => {
                write!(f, "{bytes} bytes do not fit into a slot of {most}")
            }
            Self::Channel(SendError::Closed) => f.write_str("the way to the platform has ended"),
            Self::Channel(_) => f.write_str("the command could not be sent"),
            Self::NoChannel => f.write_str("there is no way to a platform"),
            Self::Locked => f.write_str("the engine is in use by whoever asks for it"),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { sent, came } => write!(f, "header {came:#010x} answers {sent:#010x}"),
            Self::Short { came, wanted } => write!(f, "{came} bytes of values, not {wanted}"),
            Self::OtherResource { asked, named } => write!(f, "it names {named}, not {asked}"),
            Self::List { index, returned } => {
                write!(f, "a page of {returned} entries after {index}")
            }
        }
    }
}

impl core::error::Error for CallError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Channel(error) => Some(error),
            _ => None,
        }
    }
}

impl From<SendError> for CallError {
    fn from(error: SendError) -> Self {
        Self::Channel(error)
    }
}

impl From<Malformed> for CallError {
    fn from(how: Malformed) -> Self {
        Self::Malformed(how)
    }
}
