//! What the guest reaches: tables that turn each of its addresses into the same one, and have no others.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::layout::BLOCK;

const PAGE: u64 = 4096;
/// Entries of a table, and what each is: gigabytes, blocks, pages.
const ENTRIES: usize = 512;
const SIZES: [u64; 3] = [1 << 30, BLOCK, PAGE];

/// A table of the next level, or a page at the last level.
const TABLE: u64 = 0b11;
/// A block at a level before the last.
const BLOCK_HERE: u64 = 0b01;
/// Where what an entry names begins.
const ADDRESS: u64 = 0xFFFF_FFFF_F000;

/// How memory is seen by the guest, or more strictly if it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Memory: cached, shareable, executed.
    Memory,
    /// Memory that is not cached, nor executed.
    Shared,
    /// Registers.
    Device,
}

/// Why a range was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotMapped {
    address: u64,
    len: u64,
}

/// The tables.
#[derive(Debug)]
pub(crate) struct Stage2 {
    /// The first is that of gigabytes.
    tables: Vec<Box<Table>>,
}

#[repr(C, align(4096))]
#[derive(Debug)]
struct Table([u64; ENTRIES]);

impl Stage2 {
    /// Tables that have nothing.
    pub(crate) fn new() -> Self {
        Self { tables: Vec::from([empty()]) }
    }

    /// Adds a range of whole pages that has nothing yet, by blocks where it has whole ones.
    ///
    /// # Errors
    /// [`NotMapped`] where it is not so, or beyond what tables can have. A part may be there then.
    pub(crate) fn add(&mut self, range: Range<u64>, how: How) -> Result<(), NotMapped> {
        let mut at = range.start;
        while at < range.end {
            let left = range.end - at;
            let is_block = at.is_multiple_of(BLOCK) && left >= BLOCK;
            let level = if is_block { 1 } else { 2 };
            let added = at.is_multiple_of(PAGE) && left >= PAGE && self.entry(at, level, how);
            if !added {
                return Err(NotMapped { address: at, len: left });
            }
            at += SIZES[level];
        }
        Ok(())
    }

    /// Where the first table is, for the processor. They stay for ever.
    pub(crate) fn leak(self) -> u64 {
        let tables = self.tables.leak();
        tables.first().map_or(0, |first| address(first))
    }

    /// Adds the block or page at an address; whether it was possible.
    fn entry(&mut self, at: u64, level: usize, how: How) -> bool {
        let mut table = 0;
        for above in 0..level {
            let Some(next) = self.next(table, index(at, above)) else { return false };
            table = next;
        }
        let kind = if level == 2 { TABLE } else { BLOCK_HERE };
        match self.slot(table, index(at, level)) {
            Some(entry) if *entry == 0 => {
                *entry = at | how.bits() | kind;
                true
            }
            _ => false,
        }
    }

    /// The table that an entry names, made if there is none; none if the entry is a block.
    fn next(&mut self, table: usize, index: Option<usize>) -> Option<usize> {
        let entry = *self.slot(table, index)?;
        if entry == 0 {
            let next = empty();
            *self.slot(table, index)? = address(&next) | TABLE;
            self.tables.push(next);
            return Some(self.tables.len() - 1);
        }
        let is_table = entry & 0b11 == TABLE;
        self.tables.iter().position(|table| is_table && address(table) == entry & ADDRESS)
    }

    fn slot(&mut self, table: usize, index: Option<usize>) -> Option<&mut u64> {
        self.tables.get_mut(table)?.0.get_mut(index?)
    }
}

impl How {
    /// What an entry says, beside the address and the kind: accessed already, read and written.
    const fn bits(self) -> u64 {
        const USED: u64 = 1 << 10 | 0b11 << 6;
        const NOT_EXECUTED: u64 = 1 << 54;
        match self {
            Self::Memory => USED | 0b11 << 8 | 0b1111 << 2,
            Self::Shared => USED | NOT_EXECUTED | 0b0101 << 2,
            Self::Device => USED | NOT_EXECUTED | 0b0001 << 2,
        }
    }
}

impl fmt::Display for NotMapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} bytes at {:#x} cannot be the guest's", self.len, self.address)
    }
}

fn empty() -> Box<Table> {
    Box::new(Table([0; ENTRIES]))
}

fn address(table: &Table) -> u64 {
    u64::try_from((&raw const *table).expose_provenance()).unwrap_or(0)
}

/// The position of an address in its table of a level; none beyond the first one.
fn index(at: u64, level: usize) -> Option<usize> {
    let index = usize::try_from(at / SIZES.get(level)?).ok()?;
    if level == 0 { Some(index).filter(|index| *index < ENTRIES) } else { Some(index % ENTRIES) }
}
