//! The walk over the fields of a message.

use super::Visitor;
use super::value::{Group, Head, Subject, Trouble, Value};
use crate::protocol::sensor::SensorType;
use crate::protocol::{BitKind, Bits, Field, Layout, Shape, When};
use crate::wire::{Header, I64, ProtocolId, Reader, Record, Status, U32, U64, Version};

/// The message is not as its table says; the visitor knows by now.
struct Stop;

/// Words of a group that later fields of it may depend on. No table names one that is further back.
const REMEMBERED: usize = 8;

/// The words read so far in one group, the newest last.
#[derive(Clone, Copy, Default)]
struct Words {
    named: [Option<(&'static str, u32)>; REMEMBERED],
    last: u32,
}

impl Words {
    fn remember(&mut self, name: &'static str, word: u32) {
        self.named.rotate_left(1);
        if let Some(place) = self.named.last_mut() {
            *place = Some((name, word));
        }
        self.last = word;
    }

    fn find(&self, name: &str) -> Option<u32> {
        self.named.iter().rev().flatten().find(|(known, _)| *known == name).map(|(_, word)| *word)
    }
}

/// Where in a message we are.
pub(super) struct Walk<'a, 'v> {
    reader: Reader<'a>,
    version: Version,
    visitor: &'v mut dyn Visitor,
}

impl<'a, 'v> Walk<'a, 'v> {
    pub(super) fn new(payload: &'a [u8], version: Version, visitor: &'v mut dyn Visitor) -> Self {
        Self { reader: Reader::new(payload), version, visitor }
    }

    /// All that follows the header. What stopped it, the visitor was told.
    pub(super) fn message(mut self, head: &Head) {
        let _stopped = self.payload(head);
    }

    fn payload(&mut self, head: &Head) -> Result<(), Stop> {
        if head.subject.has_status() {
            let status = Status(self.word("status")?.cast_signed());
            self.visitor.field("status", Value::Status(status));
            if status != Status::SUCCESS {
                return self.end(Trouble::AfterError);
            }
        }
        let Some(message) = head.message else {
            return self.stop(Trouble::Unknown(self.reader.rest()));
        };
        if message.since > self.version {
            let trouble = Trouble::NotInVersion { since: message.since, spoken: self.version };
            self.visitor.trouble(trouble);
        }
        self.fields(match head.subject {
            Subject::Response => message.reply,
            Subject::DelayedResponse => message.delayed.unwrap_or_default(),
            _ => message.payload,
        })?;
        self.end(Trouble::Leftover)
    }

    /// Nothing may follow.
    fn end(&mut self, trouble: fn(&'a [u8]) -> Trouble<'a>) -> Result<(), Stop> {
        if self.reader.is_empty() { Ok(()) } else { self.stop(trouble(self.reader.rest())) }
    }

    fn stop(&mut self, trouble: Trouble<'a>) -> Result<(), Stop> {
        self.visitor.trouble(trouble);
        Err(Stop)
    }

    fn take<T: Record>(&mut self, field: &'static str) -> Result<T, Stop> {
        self.reader.take().map_err(|_| self.short(field, size_of::<T>()))
    }

    fn short(&mut self, field: &'static str, wanted: usize) -> Stop {
        self.visitor.trouble(Trouble::Short { field, wanted, rest: self.reader.rest() });
        Stop
    }

    fn bytes(&mut self, field: &'static str, wanted: usize) -> Result<&'a [u8], Stop> {
        let split = self.reader.rest().split_at_checked(wanted);
        let (bytes, rest) = split.ok_or_else(|| self.short(field, wanted))?;
        self.reader = Reader::new(rest);
        Ok(bytes)
    }

    fn word(&mut self, field: &'static str) -> Result<u32, Stop> {
        self.take::<U32>(field).map(U32::get)
    }

    fn fields(&mut self, layout: Layout) -> Result<(), Stop> {
        let mut words = Words::default();
        layout.iter().try_for_each(|field| {
            if self.applies(&field.when, &words) { self.field(field, &mut words) } else { Ok(()) }
        })
    }

    fn applies(&self, when: &When, words: &Words) -> bool {
        match when {
            When::Always => true,
            When::Bits { field, mask, value } => {
                words.find(field).is_some_and(|word| word & mask == *value)
            }
            When::Both(one, other) => self.applies(one, words) && self.applies(other, words),
            When::Since(version) => self.version >= *version,
            When::Before(version) => self.version < *version,
        }
    }

    fn field(&mut self, field: &Field, words: &mut Words) -> Result<(), Stop> {
        let name = field.name;
        match field.shape {
            Shape::Wide => {
                let value = self.take::<U64>(name)?.get();
                self.visitor.field(name, Value::Unsigned(value));
            }
            Shape::WideSigned => {
                let value = self.take::<I64>(name)?.get();
                self.visitor.field(name, Value::Signed(value));
            }
            Shape::Name(bytes) => {
                let bytes = self.bytes(name, bytes)?;
                let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
                self.visitor.field(name, Value::Name(text));
            }
            Shape::ProtocolIds => self.protocol_ids(name, words.last)?,
            Shape::ShortIds => self.short_ids(name, words.last)?,
            Shape::Group(layout) => {
                self.visitor.enter(name, Group::Record);
                let result = self.fields(layout);
                self.visitor.leave(Group::Record);
                result?;
            }
            Shape::Repeat(layout) => self.repeat(name, layout)?,
            ref shape => {
                let word = self.word(name)?;
                words.remember(name, word);
                self.one_word(name, shape, word);
            }
        }
        Ok(())
    }

    /// The shapes that are one word.
    fn one_word(&mut self, name: &'static str, shape: &Shape, word: u32) {
        let value = match shape {
            Shape::Bits(bits) => return self.bits(name, bits, word),
            Shape::Hex => Value::Hex(word),
            Shape::Signed => Value::Signed(word.cast_signed().into()),
            Shape::Version => Value::Version(Version(word)),
            Shape::Status => Value::Status(Status(word.cast_signed())),
            Shape::Header => Value::Header(Header::from_word(word)),
            _ => Value::Unsigned(word.into()),
        };
        self.visitor.field(name, value);
    }

    fn bits(&mut self, name: &'static str, layout: &[Bits], word: u32) {
        self.visitor.enter(name, Group::Bits(word));
        let mut unnamed = u32::MAX;
        for bits in layout {
            let mask = u32::MAX.wrapping_shr(width(bits).abs_diff(32));
            unnamed &= !mask.wrapping_shl(bits.low.into());
            let value = word.wrapping_shr(bits.low.into()) & mask;
            self.visitor.field(bits.name, bit_value(bits, value));
        }
        if word & unnamed != 0 {
            self.visitor.field("reserved", Value::Hex(word & unnamed));
        }
        self.visitor.leave(Group::Bits(word));
    }

    /// One byte each, padded to whole words.
    fn protocol_ids(&mut self, name: &'static str, count: u32) -> Result<(), Stop> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let padded = count.checked_next_multiple_of(4).unwrap_or(usize::MAX);
        let bytes = self.bytes(name, padded)?;
        self.visitor.field(name, Value::Protocols(bytes.get(..count).unwrap_or(bytes)));
        Ok(())
    }

    /// Two bytes each, padded to whole words.
    fn short_ids(&mut self, name: &'static str, count: u32) -> Result<(), Stop> {
        let bytes = usize::try_from(count & 0xFFF).unwrap_or(0).saturating_mul(2);
        let padded = bytes.next_multiple_of(4);
        let ids = self.bytes(name, padded)?;
        self.visitor.field(name, Value::ShortIds(ids.get(..bytes).unwrap_or(ids)));
        Ok(())
    }

    /// Items until the message ends.
    fn repeat(&mut self, name: &'static str, layout: Layout) -> Result<(), Stop> {
        self.visitor.enter(name, Group::List);
        let mut result = Ok(());
        for position in 0.. {
            let before = self.reader.rest().len();
            if before == 0 || result.is_err() {
                break;
            }
            self.visitor.enter(name, Group::Item(position));
            result = self.fields(layout);
            self.visitor.leave(Group::Item(position));
            if self.reader.rest().len() == before {
                // In this version an item has no fields at all: what is left is left over.
                break;
            }
        }
        self.visitor.leave(Group::List);
        result
    }
}

/// How many bits there are, 1 to 32.
fn width(bits: &Bits) -> u32 {
    u32::from(bits.high.saturating_sub(bits.low)).saturating_add(1).min(32)
}

fn bit_value(bits: &Bits, value: u32) -> Value<'static> {
    let [low, ..] = value.to_le_bytes();
    match bits.kind {
        BitKind::Flag => Value::Flag(value != 0),
        BitKind::Unsigned => Value::Unsigned(value.into()),
        BitKind::Signed => {
            // The sign bit goes to the top and comes back as the upper bits.
            let unused = width(bits).abs_diff(32);
            let signed = value.wrapping_shl(unused).cast_signed().wrapping_shr(unused);
            Value::Signed(signed.into())
        }
        BitKind::SensorType => Value::SensorType(SensorType(low)),
        BitKind::Protocol => Value::Protocol(ProtocolId(low)),
        BitKind::Names(names) => {
            let name = names.iter().find(|(number, _)| *number == value).map(|(_, name)| *name);
            Value::Named { number: value, name }
        }
    }
}
