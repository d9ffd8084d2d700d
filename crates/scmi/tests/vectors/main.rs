//! Every record of every protocol against bytes that were worked out by hand from the tables of the wire reference.
//!
//! The vectors stand in text files beside this one, one a protocol, made to be read: each field of a message with its
//! bytes as they stand on the wire and what they say; then, of each word of bits, which bit is what. `text` and `bits`
//! read them. `records/` says which records of `wire.rs` each message is made of, and which name of the text each field of
//! a record has; `check` goes through a vector with them. What is written in the text is compared with the records, field
//! by field, with the words of the decoder, and with what each end makes of a message of the wrong length; and nothing
//! of the tables may be without a vector.

#![cfg(all(feature = "agent", feature = "platform"))]

mod bits;
mod check;
mod coverage;
mod entry;
mod events;
mod lengths;
mod piece;
mod records;
mod text;
mod words;

use std::collections::BTreeSet;

use scmi::decode::Words;

use check::Check;
use text::Vector;

/// All vectors of all files.
fn all() -> Vec<Vector> {
    let vectors: Vec<Vector> =
        text::FILES.iter().flat_map(|(name, text)| text::read(name, text)).collect();
    assert!(!vectors.is_empty());
    vectors
}

#[test]
fn every_vector_has_the_length_of_its_heading() {
    for vector in all() {
        assert_eq!(vector.payload().len(), vector.size, "{vector}");
        assert_eq!(vector.size % 4, 0, "{vector}: a payload is whole words");
    }
}

/// Records are taken from the bytes and each field is compared; records are made from the values, and their bytes are
/// compared.
#[test]
fn every_vector_is_what_its_records_read_and_write() {
    let entries = records::all();
    for vector in all() {
        for version in vector.versions() {
            Check::new(&vector).message(&entries, version);
        }
    }
}

#[test]
fn every_vector_is_decoded_to_its_words() {
    let mut wrong = Vec::new();
    for vector in all() {
        let bytes = vector.message();
        for version in vector.versions() {
            let text = Words::new(&bytes, vector.direction()).version(version).to_string();
            let (title, words) = text.split_once('\n').unwrap_or((&text, ""));
            if (title, words) != (&vector.title(), &vector.words()) {
                wrong.push(format!("{vector} in version {version}, decoded:\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_record_has_a_vector() {
    let entries = records::all();
    let mut reached = BTreeSet::new();
    for vector in all() {
        for version in vector.versions() {
            reached.extend(Check::new(&vector).message(&entries, version));
        }
    }
    let missing: Vec<String> = coverage::records_of_the_crate()
        .into_iter()
        .filter(|record| !reached.contains(record.as_str()))
        .collect();
    assert_eq!(missing, [""; 0], "records without a vector");
}
