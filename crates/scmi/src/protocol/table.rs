//! Tables of messages: one source for decoding, help, traces and coverage.

use crate::wire::{MessageId, ProtocolId, Status, Version};

/// A protocol: its messages and its versions.
#[derive(Debug)]
pub struct ProtocolInfo {
    /// Its number.
    pub id: ProtocolId,
    /// Its name in lower case, as tools and board files write it.
    pub name: &'static str,
    /// The versions that can be spoken, oldest first; the last is what a platform reports by default.
    pub versions: &'static [Version],
    /// The first version whose release has NEGOTIATE_PROTOCOL_VERSION.
    pub negotiable_from: Version,
    /// Its commands, without the four that are common to all.
    pub commands: &'static [MessageInfo],
    /// Its notifications; they have an id space of their own.
    pub notifications: &'static [MessageInfo],
}

/// A command or a notification.
#[derive(Debug)]
pub struct MessageInfo {
    /// Its id.
    pub id: MessageId,
    /// The standard's name of it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// The first version of the protocol that has it.
    pub since: Version,
    /// Whether every platform that has the protocol must have it.
    pub mandatory: bool,
    /// Whether it only makes sense with a channel from platform to agent (virtio: refused without one).
    pub needs_p2a: bool,
    /// The statuses that it can be refused with, beside those that any command can be (section 2.1, steps 1 to 5; no
    /// room for the answer): about in the order in which they are found. No platform has occasion for all of them.
    pub refusals: &'static [Status],
    /// A command's parameters, a notification's payload.
    pub payload: Layout,
    /// The values of the response, after the status.
    pub reply: Layout,
    /// The values of the delayed response, where there is one.
    pub delayed: Option<Layout>,
}

/// Fields in the order of the wire.
pub type Layout = &'static [Field];

/// One field of a message.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// How it looks.
    pub shape: Shape,
    /// When it is there at all.
    pub when: When,
}

/// When a field is part of a message.
#[derive(Debug)]
pub enum When {
    /// Always.
    Always,
    /// If the word named so, read before in the same group, has these bits: `word & mask == value`.
    Bits {
        /// The name of the earlier field.
        field: &'static str,
        /// Which bits matter.
        mask: u32,
        /// What they must be.
        value: u32,
    },
    /// If both are so.
    Both(&'static Self, &'static Self),
    /// If the protocol's version is at least this.
    Since(Version),
    /// If the protocol's version is older than this.
    Before(Version),
}

/// How a field looks on the wire.
#[derive(Debug)]
pub enum Shape {
    /// A word, unsigned.
    Word,
    /// A word that people read in hex.
    Hex,
    /// A word, signed.
    Signed,
    /// Two words, low first, unsigned.
    Wide,
    /// Two words, low first, signed.
    WideSigned,
    /// A protocol version.
    Version,
    /// A status word.
    Status,
    /// A message header inside a payload.
    Header,
    /// A name of so many bytes.
    Name(usize),
    /// A word of bit fields.
    Bits(&'static [Bits]),
    /// Protocol ids, a byte each, as many as the word before says, padded to a word.
    ProtocolIds,
    /// Ids of 16 bits, as many as the count word before says in `[11:0]`, padded to a word.
    ShortIds,
    /// Fields that belong together.
    Group(Layout),
    /// The same fields again and again until the message ends.
    Repeat(Layout),
}

/// A named range of bits of a word.
#[derive(Debug)]
pub struct Bits {
    /// Its name.
    pub name: &'static str,
    /// Highest bit.
    pub high: u8,
    /// Lowest bit.
    pub low: u8,
    /// How to read it.
    pub kind: BitKind,
}

/// How a range of bits is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitKind {
    /// One bit, set or not.
    Flag,
    /// A number.
    Unsigned,
    /// A number in two's complement.
    Signed,
    /// A type of sensor (section 8.6).
    SensorType,
    /// A protocol id.
    Protocol,
    /// A number of which some have names.
    Names(&'static [(u32, &'static str)]),
}

impl Field {
    /// A field that is always there.
    pub const fn new(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, when: When::Always }
    }

    /// An unsigned word.
    pub const fn word(name: &'static str) -> Self {
        Self::new(name, Shape::Word)
    }

    /// A word of bit fields.
    pub const fn bits(name: &'static str, bits: &'static [Bits]) -> Self {
        Self::new(name, Shape::Bits(bits))
    }

    /// This field, but only when so.
    pub const fn only(self, when: When) -> Self {
        Self { name: self.name, shape: self.shape, when }
    }
}

impl Bits {
    /// One bit.
    pub const fn flag(name: &'static str, bit: u8) -> Self {
        Self { name, high: bit, low: bit, kind: BitKind::Flag }
    }

    /// An unsigned number.
    pub const fn number(name: &'static str, high: u8, low: u8) -> Self {
        Self { name, high, low, kind: BitKind::Unsigned }
    }

    /// A number read in another way.
    pub const fn of(name: &'static str, high: u8, low: u8, kind: BitKind) -> Self {
        Self { name, high, low, kind }
    }
}

impl MessageInfo {
    /// An optional command that returns nothing, to be refined by the methods below.
    pub const fn command(
        id: u8,
        name: &'static str,
        summary: &'static str,
        since: Version,
    ) -> Self {
        Self {
            id: MessageId(id),
            name,
            summary,
            since,
            mandatory: false,
            needs_p2a: false,
            refusals: &[],
            payload: &[],
            reply: &[],
            delayed: None,
        }
    }

    /// A notification.
    pub const fn notification(
        id: u8,
        name: &'static str,
        summary: &'static str,
        since: Version,
        payload: Layout,
    ) -> Self {
        Self { payload, ..Self::command(id, name, summary, since) }
    }

    /// Every platform must have it.
    pub const fn mandatory(self) -> Self {
        Self { mandatory: true, ..self }
    }

    /// It asks for messages from platform to agent.
    pub const fn needs_p2a(self) -> Self {
        Self { needs_p2a: true, ..self }
    }

    /// Which can be refused so.
    pub const fn refuses(self, refusals: &'static [Status]) -> Self {
        Self { refusals, ..self }
    }

    /// With these parameters.
    pub const fn takes(self, payload: Layout) -> Self {
        Self { payload, ..self }
    }

    /// Which returns these values.
    pub const fn returns(self, reply: Layout) -> Self {
        Self { reply, ..self }
    }

    /// Which may be answered later with these values.
    pub const fn delayed(self, delayed: Layout) -> Self {
        Self { delayed: Some(delayed), ..self }
    }
}

impl ProtocolInfo {
    /// The version a platform reports unless told otherwise.
    pub fn newest(&self) -> Version {
        self.versions.last().copied().unwrap_or(Version(0))
    }

    /// A command by its id, the common ones included, whatever version has it.
    pub fn command(&self, id: MessageId) -> Option<&'static MessageInfo> {
        let own = self.commands.iter().find(|info| info.id == id);
        own.or_else(|| super::common::COMMANDS.iter().find(|info| info.id == id))
    }

    /// A notification by its id.
    pub fn notification(&self, id: MessageId) -> Option<&'static MessageInfo> {
        self.notifications.iter().find(|info| info.id == id)
    }
}
