//! An area: one message at a time, and a word that says whose it is.

use core::fmt;

use crate::layout::{ChannelFlags, ChannelStatus, HEAD_BYTES, MIN_AREA_BYTES, word};
use crate::memory::Memory;

const WORD: usize = size_of::<u32>();

/// An area of shared memory: room for one message, and a status word that hands it to and fro.
///
/// The status word is the lock. Whoever gives the area away writes everything else first and the status last, with
/// release ordering; whoever looks whether it came back reads the status first, with acquire ordering. So all other
/// words can be plain. The other side may keep to that or not: what was read is our own copy, and only that is judged.
#[derive(Debug)]
pub struct Area<M> {
    memory: M,
}

impl<M: Memory> Area<M> {
    /// The area that begins with the first word of `memory`.
    ///
    /// # Errors
    /// [`AreaTooSmall`], below [`MIN_AREA_BYTES`].
    pub fn new(memory: M) -> Result<Self, AreaTooSmall> {
        let bytes = memory.words().saturating_mul(WORD);
        if bytes < MIN_AREA_BYTES { Err(AreaTooSmall { bytes }) } else { Ok(Self { memory }) }
    }

    /// Most bytes of a message, its header included.
    pub fn max_message(&self) -> usize {
        self.memory.words().saturating_mul(WORD).saturating_sub(HEAD_BYTES)
    }

    /// Whose the area is. What is read after this is what the other side wrote before it gave the area away.
    pub fn status(&self) -> ChannelStatus {
        ChannelStatus(u32::from_le(self.memory.load_acquire(word::STATUS)))
    }

    /// Gives the area away: all that was written before this is there when the other side sees the status.
    pub fn give(&self, status: ChannelStatus) {
        self.memory.store_release(word::STATUS, status.0.to_le());
    }

    /// How the sender wants to hear that the area is free again.
    pub fn flags(&self) -> ChannelFlags {
        ChannelFlags(u32::from_le(self.memory.load(word::FLAGS)))
    }

    /// Says how we want to hear that the area is free again.
    pub fn set_flags(&self, flags: ChannelFlags) {
        self.memory.store(word::FLAGS, flags.0.to_le());
    }

    /// How many bytes the message has; none where they would not be in the area, or are too few for a header.
    pub fn length(&self) -> Option<usize> {
        let length = u32::from_le(self.memory.load(word::LENGTH));
        usize::try_from(length).ok().filter(|length| (WORD..=self.max_message()).contains(length))
    }

    /// Copies the message's first bytes, each word read once; how many there were to copy is the caller's to know.
    pub fn read(&self, into: &mut [u8]) {
        for (index, bytes) in (word::MESSAGE..).zip(into.chunks_mut(WORD)) {
            let word = self.memory.load(index).to_ne_bytes();
            bytes.iter_mut().zip(word).for_each(|(to, from)| *to = from);
        }
    }

    /// Puts a message in, cut at the end of the area; the bytes up to the next whole word become 0.
    pub fn write(&self, message: &[u8]) {
        let message = message.get(..self.max_message()).unwrap_or(message);
        for (index, bytes) in (word::MESSAGE..).zip(message.chunks(WORD)) {
            let mut word = [0; WORD];
            word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            self.memory.store(index, u32::from_ne_bytes(word));
        }
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        self.memory.store(word::LENGTH, length.to_le());
    }
}

/// So few bytes are no area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AreaTooSmall {
    /// How many there are.
    pub bytes: usize,
}

impl fmt::Display for AreaTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes are no area: it has at least {MIN_AREA_BYTES}", self.bytes)
    }
}

impl core::error::Error for AreaTooSmall {}
