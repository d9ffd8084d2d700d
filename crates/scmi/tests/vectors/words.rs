//! What the crate's own types say of the words of bits, against what is written in the vectors.

use core::fmt::Display;

use scmi::protocol::common::Count;
use scmi::protocol::sensor::SensorType;
use scmi::wire::ProtocolId;

use crate::text::Vector;
use crate::{all, records};

/// Says what a word is, in the decoder's words: `, flag, number 3, choice name (1)`.
pub(crate) type Says = fn(u32) -> String;

/// Flags that are set.
pub(crate) fn flags(word: u32, names: &[(&str, u32)]) -> String {
    let set = names.iter().filter(|(_, mask)| word & mask != 0);
    set.map(|(name, _)| format!(", {name}")).collect()
}

/// A flag by itself.
pub(crate) fn flag(name: &str, set: bool) -> String {
    if set { format!(", {name}") } else { String::new() }
}

/// A number.
pub(crate) fn number(name: &str, number: impl Display) -> String {
    format!(", {name} {number}")
}

/// A number that may have a name, in capitals as constants have them.
pub(crate) fn choice(name: &str, value: u32, constant: Option<&str>) -> String {
    match constant {
        Some(constant) => {
            format!(", {name} {} ({value})", constant.to_lowercase().replace('_', " "))
        }
        None => number(name, value),
    }
}

/// The count word of most lists; its flag is `[12]`.
pub(crate) fn count(word: u32) -> String {
    let count = Count::from_word(word);
    assert_eq!(count.to_word(), word);
    let triplet = flag("triplet", count.triplet);
    number("remaining", count.remaining) + &triplet + &number("returned", count.returned)
}

/// Words of which there is no type: one flag or one number, or two, read in the one place that needs it.
fn is_plain(vector: &Vector, field: &str) -> bool {
    match (vector.info.id, vector.name, field) {
        (_, _, "notify_enable") | (ProtocolId::BASE, _, _) => true,
        (protocol, "PROTOCOL_ATTRIBUTES", _) => [
            ProtocolId::POWER,
            ProtocolId::SENSOR,
            ProtocolId::RESET,
            ProtocolId::VOLTAGE,
            ProtocolId::POWERCAP,
        ]
        .contains(&protocol),
        (ProtocolId::PERF | ProtocolId::POWERCAP, _, "rate_limit" | "latency") => true,
        (ProtocolId::SENSOR, _, "flags" | "description") => true,
        _ => false,
    }
}

/// The digits of a word, and the rest of a line about it.
fn split(words: &str) -> Option<(u32, &str)> {
    let digits = words.strip_prefix("0x")?;
    let (digits, rest) = digits.split_at_checked(8)?;
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}

#[test]
fn types_of_words_say_what_the_vectors_say() {
    let mut compared = 0;
    for vector in all() {
        let fields = vector.lines.iter().filter_map(|line| Some((line.name, split(line.words)?)));
        for (field, (word, rest)) in fields {
            for version in vector.versions() {
                if let Some(says) = records::words(&vector, field, version) {
                    assert_eq!(says(word), rest, "{vector}: {field} in version {version}");
                    compared += 1;
                } else if rest.starts_with(", ") {
                    assert!(is_plain(&vector, field), "{vector}: {field} has no type");
                }
            }
        }
    }
    assert!(compared > 200, "{compared} words");
}

#[test]
fn every_type_of_sensor_has_its_number() {
    let lines = include_str!("sensor-types.txt").lines().filter(|line| line.starts_with("0x"));
    let columns = lines.map(|line| {
        let (number, rest) = line.split_once("  ").expect(line);
        let (word, unit) = rest.split_once("  ").unwrap_or((rest, ""));
        (u8::from_str_radix(&number[2..], 16).expect(line), word, unit.trim_start())
    });
    let known: Vec<(u8, &str, &str)> = columns.collect();
    for number in 0..=u8::MAX {
        let kind = SensorType(number);
        let known = known.iter().find(|(of, ..)| *of == number);
        assert_eq!(kind.word(), known.map(|(_, word, _)| *word), "{number:#04x}");
        assert_eq!(kind.unit(), known.map_or("", |(.., unit)| *unit), "{number:#04x}");
    }
}
