//! What lies in an agent's ring until it is written: a head of a fixed size, the message, texts.

use crate::frame::{Channel, Frame, Kind};

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its place among the records of all agents.
    pub(crate) sequence: u64,
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    pub(crate) room: u32,
    pub(crate) used: u32,
    /// Bytes that the message had before it was cut.
    pub(crate) len: u32,
    /// Records of this agent that were lost before it.
    pub(crate) lost: u32,
    pub(crate) message: u16,
    pub(crate) reason: u16,
    pub(crate) mark: u16,
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
}

impl Head {
    pub(crate) const BYTES: usize = 40;

    /// Bytes of the record behind its head.
    pub(crate) fn tail(&self) -> usize {
        [self.message, self.reason, self.mark].into_iter().map(usize::from).sum()
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let mut rest = bytes.as_mut_slice();
        let mut put = |field: &[u8]| {
            if let Some((place, behind)) =
                core::mem::take(&mut rest).split_at_mut_checked(field.len())
            {
                place.copy_from_slice(field);
                rest = behind;
            }
        };
        put(&self.sequence.to_le_bytes());
        put(&self.time.to_le_bytes());
        for word in [self.room, self.used, self.len, self.lost] {
            put(&word.to_le_bytes());
        }
        for half in [self.message, self.reason, self.mark] {
            put(&half.to_le_bytes());
        }
        put(&[self.kind.number(), u8::from(self.channel == Channel::P2a)]);
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) made.
    pub(crate) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut rest = bytes.as_slice();
        fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
            let (field, behind) = rest.split_first_chunk().unwrap_or((&[0; N], &[]));
            *rest = behind;
            *field
        }
        let (sequence, time) = (take(&mut rest), take(&mut rest));
        let words: [[u8; 4]; 4] = [(); 4].map(|()| take(&mut rest));
        let halves: [[u8; 2]; 3] = [(); 3].map(|()| take(&mut rest));
        let [kind, channel] = take(&mut rest);
        let [room, used, len, lost] = words.map(u32::from_le_bytes);
        let [message, reason, mark] = halves.map(u16::from_le_bytes);
        Self {
            sequence: u64::from_le_bytes(sequence),
            time: u64::from_le_bytes(time),
            room,
            used,
            len,
            lost,
            message,
            reason,
            mark,
            kind: Kind::ALL.get(usize::from(kind)).copied().unwrap_or(Kind::Note),
            channel: if channel == 0 { Channel::A2p } else { Channel::P2a },
        }
    }

    /// The packet's header, for a record whose message is `message`.
    pub(crate) fn frame<'a>(&self, message: &'a [u8]) -> Frame<'a> {
        Frame {
            kind: self.kind,
            channel: self.channel,
            altered: self.mark > 0,
            room: self.room,
            used: self.used,
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_out_as_it_went_in() {
        for (kind, channel) in [(Kind::Event, Channel::P2a), (Kind::Note, Channel::A2p)] {
            let head = Head {
                sequence: 1 << 40,
                time: u64::MAX,
                room: 3,
                used: 4,
                len: 5,
                lost: 6,
                message: 7,
                reason: 8,
                mark: 9,
                kind,
                channel,
            };
            assert_eq!(Head::from_bytes(&head.to_bytes()), head);
            assert_eq!(head.tail(), 24);
        }
    }
}
