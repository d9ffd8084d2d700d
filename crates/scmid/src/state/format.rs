//! What stands in a state file, in version 1. All numbers are little-endian.
//!
//! First a snapshot: the mark, the version (u32), the length of the words that say of which board it is (u32), that of the
//! entries (u32), the words, the entries ([`StateEntry::to_bytes`]), and a CRC-32 of all that; so much is the same in every
//! version, so that a newer file is told from a damaged one. Then records, one for each time
//! that something was set: the number of its entries (u16) and the same number inverted, the entries, and a CRC-32 that begins
//! with the one before. So a record that was not written to its end is told from anything else that is wrong, and a record
//! counts as a whole or not at all.

use core::fmt;

use scmi::platform::StateEntry;

/// What a state file begins with.
const MARK: [u8; 8] = *b"scmistat";
/// The version that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;
/// Mark, version and two lengths.
const HEAD: usize = 20;
/// What stands around the entries of a record.
const FRAME: usize = 8;
/// Entries of a record at most; what changes at once beyond that is in another record.
pub(super) const MOST: usize = 0xFFFF;

/// A state file, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    /// Of which board it is.
    pub(super) board: String,
    /// The snapshot's entries and those of the records, in their order: the last one of a key counts.
    pub(super) entries: Vec<StateEntry>,
    /// Bytes behind the last whole record: one that was being written.
    pub(super) torn: usize,
}

/// Why a file is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is damaged, or something else.
    Corrupt {
        /// Where.
        offset: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// It has another version.
    Version(u32),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt { offset, what } => write!(f, "{what} at byte {offset}"),
            Self::Version(version) => write!(f, "version {version}"),
        }
    }
}

const fn corrupt(offset: usize, what: &'static str) -> Wrong {
    Wrong::Corrupt { offset, what }
}

/// The sum at the end of each record, which the next one begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain(u32);

impl Chain {
    fn sum(self, bytes: &[u8]) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        sum.update(&self.0.to_le_bytes());
        sum.update(bytes);
        sum.finalize()
    }
}

/// A snapshot as bytes, and what the first record behind it begins with.
pub(super) fn snapshot(board: &str, entries: &[StateEntry]) -> (Vec<u8>, Chain) {
    let mut bytes = Vec::with_capacity(HEAD + board.len() + entries.len() * StateEntry::BYTES + 4);
    let length = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes();
    bytes.extend_from_slice(&MARK);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&length(board.len()));
    bytes.extend_from_slice(&length(entries.len() * StateEntry::BYTES));
    bytes.extend_from_slice(board.as_bytes());
    entries.iter().for_each(|entry| bytes.extend_from_slice(&entry.to_bytes()));
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    (bytes, Chain(sum))
}

/// Begins a record.
pub(super) fn begin(record: &mut Vec<u8>) {
    record.clear();
    record.extend_from_slice(&[0; 4]);
}

/// Adds an entry to a record that was begun.
pub(super) fn add(record: &mut Vec<u8>, entry: &StateEntry) {
    record.extend_from_slice(&entry.to_bytes());
}

/// How many entries a record has.
pub(super) fn count(record: &[u8]) -> usize {
    record.len().saturating_sub(4) / StateEntry::BYTES
}

/// Ends a record: what the next one begins with.
pub(super) fn end(record: &mut Vec<u8>, chain: Chain) -> Chain {
    let count = u16::try_from(count(record)).unwrap_or(u16::MAX);
    let [low, high] = count.to_le_bytes();
    for (to, from) in record.iter_mut().zip([low, high, !low, !high]) {
        *to = from;
    }
    let sum = chain.sum(record);
    record.extend_from_slice(&sum.to_le_bytes());
    Chain(sum)
}

/// Reads a state file.
pub(super) fn read(bytes: &[u8]) -> Result<Contents, Wrong> {
    let short = corrupt(bytes.len(), "the file ends too early");
    let word = |at: usize| {
        let word = bytes.get(at..at + 4).and_then(|word| word.first_chunk::<4>());
        word.map(|word| u32::from_le_bytes(*word)).ok_or(short)
    };
    let length = |at: usize| word(at).map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if !bytes.starts_with(&MARK) {
        return Err(corrupt(0, "it is no state file"));
    }
    let (version, words, list) = (word(8)?, length(12)?, length(16)?);
    let end = words.checked_add(list).and_then(|end| end.checked_add(HEAD)).ok_or(short)?;
    let body = bytes.get(..end).ok_or(short)?;
    let sum = word(end)?;
    if sum != crc32fast::hash(body) {
        return Err(corrupt(end, "the sum of the snapshot is wrong"));
    }
    if version != VERSION {
        return Err(Wrong::Version(version));
    }
    let (board, list) =
        body.get(HEAD..).and_then(|rest| rest.split_at_checked(words)).ok_or(short)?;
    let board = str::from_utf8(board).map_err(|_| corrupt(HEAD, "the board is no text"))?;
    let mut contents = Contents { board: board.to_owned(), entries: Vec::new(), torn: 0 };
    parse(list, HEAD + words, &mut contents.entries)?;
    records(bytes, end + 4, Chain(sum), &mut contents)?;
    Ok(contents)
}

/// Reads the records from `at` on.
fn records(
    bytes: &[u8],
    mut at: usize,
    mut chain: Chain,
    into: &mut Contents,
) -> Result<(), Wrong> {
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some([a, b, c, d]) = rest.first_chunk::<4>().copied() else {
            into.torn = rest.len();
            return Ok(());
        };
        if [a, b] != [!c, !d] {
            return Err(corrupt(at, "the length of a record is wrong"));
        }
        let length = FRAME + usize::from(u16::from_le_bytes([a, b])) * StateEntry::BYTES;
        let Some((record, sum)) = rest.get(..length).and_then(|all| all.split_last_chunk::<4>())
        else {
            into.torn = rest.len();
            return Ok(());
        };
        let expected = chain.sum(record);
        if expected.to_le_bytes() != *sum {
            return Err(corrupt(at, "the sum of a record is wrong"));
        }
        parse(record.get(4..).unwrap_or_default(), at + 4, &mut into.entries)?;
        chain = Chain(expected);
        at += length;
    }
    Ok(())
}

fn parse(list: &[u8], at: usize, into: &mut Vec<StateEntry>) -> Result<(), Wrong> {
    let (entries, []) = list.as_chunks::<{ StateEntry::BYTES }>() else {
        return Err(corrupt(at, "there is a part of an entry"));
    };
    for (nth, bytes) in entries.iter().enumerate() {
        let offset = at + nth * StateEntry::BYTES;
        into.push(
            StateEntry::from_bytes(bytes)
                .ok_or_else(|| corrupt(offset, "an entry makes no sense"))?,
        );
    }
    Ok(())
}
