//! What there must be a vector of.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scmi::protocol::{ALL, MessageInfo, ProtocolInfo, common};
use scmi::wire::{Header, MessageId, Version};

use crate::all;
use crate::text::{Kind, Vector, message_type};

/// The versions that have a message.
fn versions(info: &'static ProtocolInfo, message: &MessageInfo) -> BTreeSet<Version> {
    let negotiate = message.id == MessageId::NEGOTIATE_PROTOCOL_VERSION;
    let since = if negotiate { info.negotiable_from } else { message.since };
    info.versions.iter().copied().filter(|version| *version >= since).collect()
}

/// The versions in which a message of a kind has a vector.
fn covered(
    vectors: &[Vector],
    info: &ProtocolInfo,
    message: &MessageInfo,
    kind: Kind,
) -> BTreeSet<Version> {
    let of = |vector: &&Vector| {
        (vector.info.id, vector.id, vector.kind) == (info.id, message.id, kind)
            && vector.name == message.name
    };
    vectors.iter().filter(of).flat_map(Vector::versions).collect()
}

#[test]
fn every_message_has_a_vector_in_every_version() {
    let vectors = all();
    let mut known = 0;
    for info in ALL {
        let mut must = |message: &MessageInfo, kind: Kind| {
            let (wanted, covered) =
                (versions(info, message), covered(&vectors, info, message, kind));
            known += vectors
                .iter()
                .filter(|v| (v.info.id, v.id, v.kind) == (info.id, message.id, kind))
                .count();
            if kind == Kind::Delayed {
                // The tables do not say since when a command can be answered later, only that it can.
                assert!(covered.contains(&info.newest()), "{} {kind:?}", message.name);
            } else {
                assert_eq!(covered, wanted, "{} {kind:?}", message.name);
            }
        };
        let common = if info.id == ALL[0].id { common::COMMANDS } else { &[] };
        for message in info.commands.iter().chain(common) {
            must(message, Kind::Command);
            must(message, Kind::Response);
            if message.delayed.is_some() {
                must(message, Kind::Delayed);
            }
        }
        info.notifications.iter().for_each(|message| must(message, Kind::Notification));
    }
    let refusals = vectors.iter().filter(|vector| vector.kind == Kind::Refusal).count();
    assert_eq!(known + refusals, vectors.len(), "a vector of a message that no table has");
}

/// The vectors themselves: a count word says how many entries follow it.
#[test]
fn lists_have_as_many_entries_as_they_say() {
    let mut lists = 0;
    for vector in all() {
        for line in vector.lines.iter().filter(|line| line.name == "count") {
            let (_, returned) = line.words.split_once("returned ").expect("how many");
            let ids = vector.lines.iter().find(|line| line.name == "ids");
            let entries = match ids {
                Some(ids) => ids.words.split(", ").count(),
                None => vector.lines.iter().filter(|line| line.name.ends_with(']')).count(),
            };
            assert_eq!(returned, entries.to_string(), "{vector}");
            lists += 1;
        }
    }
    assert!(lists > 20, "{lists} lists");
}

#[test]
fn headers_are_as_section_1_says() {
    for vector in all() {
        let message = vector.message();
        let header = Header::parse(&message).expect("four bytes");
        assert_eq!(header, vector.header(), "{vector}");
        assert_eq!(header.kind(), message_type(vector.kind), "{vector}");
        assert_eq!((header.protocol(), header.message()), (vector.info.id, vector.id), "{vector}");
    }
}

/// The names of all types that are read from the wire or written to it, out of the crate's own source: structures
/// that derive `FromBytes`.
pub(crate) fn records_of_the_crate() -> Vec<String> {
    let protocols = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/protocol");
    let mut records = Vec::new();
    for info in ALL {
        let file = protocols.join(info.name).join("wire.rs");
        let module = format!("scmi::protocol::{}::wire", info.name);
        records.extend(records_of(&fs::read_to_string(file).expect("its records"), &module));
    }
    for module in ["common", "fastchannel"] {
        let text =
            fs::read_to_string(protocols.join(module).with_extension("rs")).expect("records");
        records.extend(records_of(&text, &format!("scmi::protocol::{module}")));
    }
    assert!(records.len() > 120, "{} records", records.len());
    records
}

fn records_of(text: &str, module: &str) -> Vec<String> {
    let mut records = Vec::new();
    let mut derived = false;
    for line in text.lines() {
        derived |= line.contains("FromBytes, IntoBytes") && !line.starts_with("use ");
        if let Some(rest) = line.strip_prefix("pub struct ") {
            let name =
                rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            if derived {
                records.push(format!("{module}::{name}"));
            }
            derived = false;
        }
    }
    records
}
