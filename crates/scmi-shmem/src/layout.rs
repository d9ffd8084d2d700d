//! Where things are in an area, and the bits of its words.

use core::fmt;

/// Words before the message, by their position: what stands at 0, 2 and 3 is reserved.
pub(crate) mod word {
    /// Who has the area: [`super::ChannelStatus`].
    pub(crate) const STATUS: usize = 1;
    /// How the receiver of the message is to report: [`super::ChannelFlags`].
    pub(crate) const FLAGS: usize = 4;
    /// Bytes of the message, its header included.
    pub(crate) const LENGTH: usize = 5;
    /// The message: its header, then what follows it.
    pub(crate) const MESSAGE: usize = 6;
}

/// Bytes before the message.
pub const HEAD_BYTES: usize = 24;

/// Bytes of the smallest area: a message of a header and a status.
pub const MIN_AREA_BYTES: usize = 32;

/// The word that says whose an area is, at offset 4 ("channel status"). Unknown bits are kept.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ChannelStatus(pub u32);

impl ChannelStatus {
    /// The area belongs to whoever sends through it; clear, to whoever receives.
    pub const FREE: Self = Self(1);
    /// The receiver could make nothing of the message.
    pub const ERROR: Self = Self(2);
    /// Nothing set: the receiver has the area.
    pub const BUSY: Self = Self(0);

    /// Whether the sender has the area.
    pub const fn is_free(self) -> bool {
        self.0 & Self::FREE.0 != 0
    }

    /// Whether the receiver reported an error.
    pub const fn is_error(self) -> bool {
        self.0 & Self::ERROR.0 != 0
    }

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for ChannelStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "free={} error={} ({:#x})", self.is_free(), self.is_error(), self.0)
    }
}

/// The word that goes with a message, at offset 16 ("channel flags"). Unknown bits are kept.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ChannelFlags(pub u32);

impl ChannelFlags {
    /// The sender polls for the end.
    pub const POLLING: Self = Self(0);
    /// The sender wants an interrupt when the area is free again.
    pub const INTERRUPT: Self = Self(1);

    /// Whether the sender wants an interrupt.
    pub const fn wants_interrupt(self) -> bool {
        self.0 & Self::INTERRUPT.0 != 0
    }
}

impl fmt::Debug for ChannelFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "interrupt={} ({:#x})", self.wants_interrupt(), self.0)
    }
}
