//! The bytes of a packet: a header of ours, then the message.

use core::fmt;

use thiserror::Error;

/// The link type of the interfaces: the first of those that are for private use (LINKTYPE_USER0).
pub const LINK_TYPE: u16 = 147;

/// The layout of the header. A reader that knows a newer one says so.
const FORMAT: u8 = 1;

/// A message and what was seen around it.
///
/// Its header is 12 bytes, numbers low byte first: the layout (1), the kind, the channel, flags (bit 0:
/// [`altered`](Self::altered)), [`room`](Self::room) and [`used`](Self::used) in four bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub kind: Kind,
    /// Where it passed.
    pub channel: Channel,
    /// Whether somebody altered it, or what became of it, on purpose.
    pub altered: bool,
    /// Bytes of the buffer's writable part; zero for answers, whose command had it.
    pub room: u32,
    /// Bytes that the device said it wrote.
    pub used: u32,
    /// The message from its header on, as far as it was kept.
    pub message: &'a [u8],
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A command, when it was read.
    Command,
    /// The answer to a command.
    Answer,
    /// A notification or a delayed response.
    Event,
    /// A command whose buffer went back without an answer. The message is its header, if it was read.
    Dropped,
    /// A buffer for events that went back with nothing in it.
    Returned,
    /// No message: the comment says what happened.
    Note,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Commands and their answers.
    A2p,
    /// Notifications and delayed responses.
    P2a,
}

/// Why bytes are no packet of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// They end within the header.
    #[error("a packet of {0} bytes, and its header has {header}", header = Frame::HEADER)]
    Short(usize),
    /// They are of a layout that is not known here.
    #[error("a packet of layout {0}, and only {FORMAT} is known")]
    Format(u8),
    /// A kind or a channel that is not known here.
    #[error("a packet of kind {kind} on channel {channel}, which are not known together")]
    Kind {
        /// The number of the kind.
        kind: u8,
        /// The number of the channel.
        channel: u8,
    },
}

impl Frame<'_> {
    /// Bytes of the header.
    pub const HEADER: usize = 12;

    /// The header's bytes.
    pub fn header(&self) -> [u8; 12] {
        let [r0, r1, r2, r3] = self.room.to_le_bytes();
        let [u0, u1, u2, u3] = self.used.to_le_bytes();
        let (kind, channel) = (self.kind.number(), self.channel.number());
        [FORMAT, kind, channel, self.altered.into(), r0, r1, r2, r3, u0, u1, u2, u3]
    }
}

impl<'a> Frame<'a> {
    /// Reads a packet.
    ///
    /// # Errors
    /// [`FrameError`]: it is none of ours, or of a later time.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let Some((header, message)) = bytes.split_first_chunk::<12>() else {
            return Err(FrameError::Short(bytes.len()));
        };
        let [format, kind, channel, flags, r0, r1, r2, r3, u0, u1, u2, u3] = *header;
        if format != FORMAT {
            return Err(FrameError::Format(format));
        }
        let (Some(known), Some(way)) = (Kind::from_number(kind), Channel::from_number(channel))
        else {
            return Err(FrameError::Kind { kind, channel });
        };
        Ok(Self {
            kind: known,
            channel: way,
            altered: flags & 1 != 0,
            room: u32::from_le_bytes([r0, r1, r2, r3]),
            used: u32::from_le_bytes([u0, u1, u2, u3]),
            message,
        })
    }
}

impl Kind {
    /// Every kind, by its number.
    pub const ALL: [Self; 6] =
        [Self::Command, Self::Answer, Self::Event, Self::Dropped, Self::Returned, Self::Note];

    /// Its number in the header.
    pub fn number(self) -> u8 {
        let place = Self::ALL.iter().position(|kind| *kind == self);
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Its name in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Answer => "answer",
            Self::Event => "event",
            Self::Dropped => "dropped",
            Self::Returned => "returned",
            Self::Note => "note",
        }
    }

    /// Whether the platform took it, rather than gave it.
    pub const fn is_inbound(self) -> bool {
        matches!(self, Self::Command)
    }
}

impl Channel {
    const fn number(self) -> u8 {
        match self {
            Self::A2p => 0,
            Self::P2a => 1,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::A2p),
            1 => Some(Self::P2a),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A2p => "a2p",
            Self::P2a => "p2a",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_laid_out_as_docs_trace_says() {
        let frame = Frame {
            kind: Kind::Event,
            channel: Channel::P2a,
            altered: true,
            room: 136,
            used: 0x0102,
            message: &[1, 2, 3, 4],
        };
        let header = [1, 2, 1, 1, 136, 0, 0, 0, 2, 1, 0, 0];
        assert_eq!(frame.header(), header);
        let bytes = [&header[..], frame.message].concat();
        assert_eq!(Frame::parse(&bytes), Ok(frame));
    }

    #[test]
    fn what_is_no_packet_of_ours_is_said_to_be_so() {
        assert_eq!(Frame::parse(&[1; 11]), Err(FrameError::Short(11)));
        let mut bytes = [0; 12];
        assert_eq!(Frame::parse(&bytes), Err(FrameError::Format(0)));
        (bytes[0], bytes[1]) = (1, 9);
        assert_eq!(Frame::parse(&bytes), Err(FrameError::Kind { kind: 9, channel: 0 }));
        (bytes[1], bytes[2]) = (0, 2);
        assert_eq!(Frame::parse(&bytes), Err(FrameError::Kind { kind: 0, channel: 2 }));
    }

    #[test]
    fn every_kind_has_its_number() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(kind), "{kind}");
        }
    }
}
