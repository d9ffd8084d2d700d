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
        lost: u16,
    },
    /// The parameters or the room for the answer are larger than a slot.
    TooLarge {
        /// The bytes that were asked for.
        bytes: u16,
        /// The bytes that a slot has.
        most: u16,
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
// So that what an error is, is half a register, and what it says the other half; and that it is not 0, which is left
// to what is no error.
#[repr(u32)]
pub enum Malformed {
    /// Its header is not that of the command.
    Header {
        /// The answer's header word.
        came: u32,
    } = 1,
    /// It is shorter than its layout.
    Short {
        /// Bytes of values that came.
        came: u16,
        /// Bytes of values that the layout has.
        wanted: u16,
    },
    /// It names another resource than the one that was asked for.
    OtherResource {
        /// The one that is named.
        named: u32,
    },
    /// A list that does not end, or that contradicts itself.
    List {
        /// Entries that came before.
        index: u16,
        /// Entries that this page claims.
        returned: u16,
    },
}

// One register holds it, and most results with it: that halves the code of whoever returns one. So numbers of bytes
// and of entries have 16 bits here; a larger one, which nobody should see, is shown as the largest.
const _: () = assert!(size_of::<Result<u32, CallError>>() == 8);

impl CallError {
    /// [`Self::NoSlot`].
    #[cold]
    pub(super) fn no_slot(lost: usize) -> Self {
        Self::NoSlot { lost: clamp(lost) }
    }

    /// [`Self::TooLarge`].
    #[cold]
    pub(crate) fn too_large(bytes: usize, most: usize) -> Self {
        Self::TooLarge { bytes: clamp(bytes), most: clamp(most) }
    }
}

// Into each caller, which then knows that it is an error: that is less code than a call.
impl Malformed {
    /// [`Self::Short`].
    #[inline(always)]
    pub(crate) fn short(came: usize, wanted: usize) -> CallError {
        CallError::Malformed(Self::Short { came: clamp(came), wanted: clamp(wanted) })
    }

    /// [`Self::Short`], of a list whose entries do not follow.
    #[cold]
    #[inline(never)]
    pub(crate) fn short_of(came: usize) -> CallError {
        let came = clamp(came);
        CallError::Malformed(Self::Short { came, wanted: came.saturating_add(1) })
    }

    /// [`Self::List`].
    #[cold]
    #[inline(never)]
    pub(crate) fn list_of(index: u32, returned: u32) -> CallError {
        let clamp = |number| u16::try_from(number).unwrap_or(u16::MAX);
        CallError::Malformed(Self::List { index: clamp(index), returned: clamp(returned) })
    }

    /// [`Self::List`].
    #[inline(always)]
    pub(crate) fn list(index: usize, returned: usize) -> CallError {
        CallError::Malformed(Self::List { index: clamp(index), returned: clamp(returned) })
    }
}

/// A number of bytes or entries, as errors have it.
fn clamp(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
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
            Self::Header { came } => {
                write!(f, "its header, {came:#010x}, is not that of the command")
            }
            Self::Short { came, wanted } => write!(f, "{came} bytes of values, not {wanted}"),
            Self::OtherResource { named } => write!(f, "it names {named}, which was not asked for"),
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
