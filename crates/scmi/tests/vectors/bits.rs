//! Which bit of a word is what: the last part of each file, against the tables and the types.
//!
//! `bits of FIELD [in MESSAGE [versions]]`, then a line for each: its place, its name, and how it is read: nothing for a
//! flag, `number`, `signed`, or the names that numbers have. Without a message it is about the field wherever the protocol
//! has it.

use core::ops::RangeInclusive;

use scmi::decode::Words;
use scmi::protocol::{ALL, BitKind, Bits, Field, Layout, MessageInfo, ProtocolInfo, Shape, When};
use scmi::wire::Version;

use crate::text::{FILES, Vector, versions};
use crate::{all, records};

/// A word of bits as a file has it.
#[derive(Debug)]
pub(crate) struct Word {
    info: &'static ProtocolInfo,
    field: &'static str,
    message: Option<&'static str>,
    versions: RangeInclusive<Version>,
    bits: Vec<Known>,
}

/// Bits of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    name: &'static str,
    high: u8,
    low: u8,
    kind: &'static str,
}

impl Word {
    fn is_of(&self, info: &ProtocolInfo, message: &str, field: &str, version: Version) -> bool {
        self.info.id == info.id
            && self.field == field
            && self.message.is_none_or(|known| known == message)
            && self.versions.contains(&version)
    }
}

/// All words of all files.
fn words() -> Vec<Word> {
    let named = |name: &str| ALL.iter().find(|info| name.strip_suffix(".txt") == Some(info.name));
    FILES.iter().flat_map(|(name, text)| read(text, named(name).expect(name))).collect()
}

fn read(text: &'static str, info: &'static ProtocolInfo) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let start = text.find("\nbits of ").unwrap_or(text.len());
    for line in text[start..].lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            words.last_mut().expect("a word").bits.push(bits(line).expect(line));
        } else {
            words.push(heading(line, info).expect(line));
        }
    }
    words
}

fn heading(line: &'static str, info: &'static ProtocolInfo) -> Option<Word> {
    let line = line.strip_prefix("bits of ")?;
    let (field, place) = line.split_once(" in ").unwrap_or((line, ""));
    let (message, range) = place.split_once(' ').unwrap_or((place, ""));
    let message = (!message.is_empty()).then_some(message);
    Some(Word { info, field, message, versions: versions(range, info)?, bits: Vec::new() })
}

fn bits(line: &'static str) -> Option<Known> {
    let (place, rest) = line.trim_start().strip_prefix('[')?.split_once(']')?;
    let (high, low) = place.split_once(':').unwrap_or((place, place));
    let rest = rest.trim_start();
    let (name, kind) = rest.split_once("  ").unwrap_or((rest, ""));
    Some(Known { name, high: high.parse().ok()?, low: low.parse().ok()?, kind: kind.trim_start() })
}

/// The one word of the files that is about a field of a message.
fn find<'w>(
    words: &'w [Word],
    info: &ProtocolInfo,
    message: &str,
    field: &str,
    version: Version,
) -> &'w Word {
    let found: Vec<&Word> =
        words.iter().filter(|word| word.is_of(info, message, field, version)).collect();
    assert_eq!(found.len(), 1, "bits of {field} in {} {message} in version {version}", info.name);
    found[0]
}

/// Whether a field is there in a version, whatever the message says.
fn is_in(when: &When, version: Version) -> bool {
    match when {
        When::Since(since) => version >= *since,
        When::Before(before) => version < *before,
        When::Both(one, other) => is_in(one, version) && is_in(other, version),
        When::Always | When::Bits { .. } => true,
    }
}

/// Calls with every word of bits of a layout.
fn each(layout: Layout, version: Version, on: &mut dyn FnMut(&Field, &[Bits])) {
    for field in layout.iter().filter(|field| is_in(&field.when, version)) {
        match field.shape {
            Shape::Bits(bits) => on(field, bits),
            Shape::Group(layout) | Shape::Repeat(layout) => each(layout, version, on),
            _ => {}
        }
    }
}

fn is_described(known: &Known, bits: &Bits) -> bool {
    let kind = match bits.kind {
        BitKind::Flag => String::new(),
        BitKind::Unsigned => "number".into(),
        BitKind::Signed => "signed".into(),
        BitKind::SensorType => "type of sensor".into(),
        BitKind::Protocol => "protocol".into(),
        BitKind::Names(names) => {
            let names = names.iter().map(|(number, name)| format!("{number} {name}"));
            names.collect::<Vec<String>>().join(", ")
        }
    };
    (known.name, known.high, known.low, known.kind) == (bits.name, bits.high, bits.low, &kind)
}

#[test]
fn every_bit_of_the_tables_is_where_it_was_worked_out_to_be() {
    let words = words();
    let mut used = Vec::new();
    for info in ALL {
        for message in info.commands.iter().chain(info.notifications) {
            for version in info.versions.iter().filter(|version| **version >= message.since) {
                let MessageInfo { payload, reply, delayed, .. } = message;
                for layout in [*payload, *reply, delayed.unwrap_or_default()] {
                    each(layout, *version, &mut |field, bits| {
                        let word = find(&words, info, message.name, field.name, *version);
                        let same = word.bits.len() == bits.len()
                            && word
                                .bits
                                .iter()
                                .zip(bits)
                                .all(|(known, bits)| is_described(known, bits));
                        assert!(same, "{} {version}: {word:#?}\n{bits:#?}", message.name);
                        used.push(core::ptr::from_ref(word));
                    });
                }
            }
        }
    }
    let unused: Vec<&Word> =
        words.iter().filter(|word| !used.contains(&core::ptr::from_ref(*word))).collect();
    assert!(unused.is_empty(), "{unused:#?}");
}

/// A vector with another word in a line: what the decoder says of it after the digits.
fn decoded(vector: &Vector, version: Version, line: usize, word: u32) -> String {
    let before = vector.lines[..line].iter().flat_map(|line| line.bytes.iter().flatten());
    let at = 4 + before.count();
    let mut message = vector.message();
    message[at..at + 4].copy_from_slice(&word.to_le_bytes());
    let text = Words::new(&message, vector.direction()).version(version).to_string();
    let told = text.lines().nth(line + 1).and_then(|line| line.split_once(": 0x"));
    let (_, told) = told.unwrap_or_else(|| panic!("{vector}: {text}"));
    told[8..].into()
}

/// Each bit by itself, in every place that has it: the decoder and the types say the same of it.
#[test]
fn types_of_words_find_every_bit_where_the_tables_have_it() {
    let words = words();
    let mut compared = 0;
    for vector in all() {
        for version in vector.versions() {
            for (number, line) in vector.lines.iter().enumerate() {
                let Some(says) = records::words(&vector, line.name, version) else { continue };
                let word = find(&words, vector.info, vector.name, line.name, version);
                for bit in word.bits.iter().flat_map(|known| known.low..=known.high) {
                    let told = decoded(&vector, version, number, 1 << bit);
                    let name = line.name;
                    assert_eq!(
                        says(1 << bit),
                        told,
                        "{vector}: [{bit}] of {name} in version {version}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 2000, "{compared} bits");
}
