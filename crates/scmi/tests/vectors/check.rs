//! Goes through a vector with the records that its message is made of.

use std::collections::BTreeSet;

use scmi::protocol::common::NameReply;
use scmi::wire::{I32, Reader, Record, Version};

use crate::entry::{Entry, find};
use crate::piece::{Lines, Piece, record};
use crate::text::{Kind, Vector};

record! {
    NameReply { flags: "flags", name: "name" }
}

/// The status word.
pub(crate) fn status(check: &mut Check<'_>) {
    check.one::<I32>();
}

/// One record, or word.
pub(crate) fn one<T: Record + Piece>(check: &mut Check<'_>) {
    check.one::<T>();
}

/// Records, or words, until the message ends.
pub(crate) fn many<T: Record + Piece>(check: &mut Check<'_>) {
    while !check.is_done() {
        check.one::<T>();
    }
}

/// A field that is no record, only bytes.
pub(crate) fn bytes(check: &mut Check<'_>) {
    if !check.is_done() {
        check.bytes();
    }
}

/// A vector that is gone through.
pub(crate) struct Check<'v> {
    vector: &'v Vector,
    payload: Vec<u8>,
    at: usize,
    lines: Lines<'v>,
    written: Vec<u8>,
}

impl<'v> Check<'v> {
    pub(crate) fn new(vector: &'v Vector) -> Self {
        let lines = Lines::new(vector);
        Self { vector, payload: vector.payload(), at: 0, lines, written: Vec::new() }
    }

    /// All of it, with the one entry that is about it in this version; returns the names of the records that it is made
    /// of.
    pub(crate) fn message(mut self, entries: &[Entry], version: Version) -> BTreeSet<&'static str> {
        let vector = self.vector;
        if vector.kind == Kind::Refusal {
            status(&mut self);
        } else {
            let entry = find(vector, version, entries);
            entry.parts.iter().for_each(|part| part(&mut self));
        }
        assert!(self.is_done() && self.lines.is_empty(), "{vector}: there is more of it");
        assert_eq!(self.written, self.payload, "{vector}: what the values give");
        self.lines.records
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at == self.payload.len()
    }

    /// The next record: what the bytes give must be what the lines say, and what the lines say gives the bytes.
    pub(crate) fn one<T: Record + Piece>(&mut self) -> T {
        let vector = self.vector;
        let mut reader = Reader::new(&self.payload[self.at..]);
        let taken: T = reader.take().unwrap_or_else(|_| panic!("{vector}: it ends too soon"));
        self.at = self.payload.len() - reader.rest().len();
        self.lines.taken.clear();
        let made = T::made("", &mut self.lines);
        let mut said = Vec::new();
        taken.say(&mut said);
        assert_eq!(said, self.lines.taken, "{vector}: at byte {}", self.written.len());
        self.written.extend(made.as_bytes());
        taken
    }

    fn bytes(&mut self) {
        let bytes = self.lines.next("").bytes.as_deref().unwrap_or_default();
        self.written.extend(bytes);
        self.at += bytes.len();
    }
}
