//! A flattened tree as a row of tokens (Devicetree Specification 0.4, chapter 5).

use core::fmt;

const MAGIC: u32 = 0xD00D_FEED;
/// The only version there is to see today; it says how large its blocks are.
const VERSION: u32 = 17;

/// The blocks of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blob<'a> {
    structure: &'a [u8],
    strings: &'a [u8],
}

/// The bytes are no tree, or one that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadTree {
    /// No header, or one that does not fit the bytes.
    Header,
    /// What stands at this offset of the structure block makes no sense.
    Structure {
        /// In bytes.
        at: usize,
    },
    /// Nodes are nested more than 16 deep.
    TooDeep,
}

impl fmt::Display for BadTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("no header of a device tree"),
            Self::Structure { at } => {
                write!(f, "the device tree goes wrong at {at:#x} of its nodes")
            }
            Self::TooDeep => f.write_str("the device tree is nested more than 16 deep"),
        }
    }
}

impl core::error::Error for BadTree {}

impl<'a> Blob<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, BadTree> {
        let word = |index: usize| cell(bytes, index).ok_or(BadTree::Header);
        let place =
            |index| word(index).and_then(|at| usize::try_from(at).map_err(|_| BadTree::Header));
        // Offsets in words: magic 0, all 1, structure 2, strings 3, version 5, oldest 6, their sizes 9 and 8.
        if word(0)? != MAGIC || word(5)? < VERSION || word(6)? > VERSION {
            return Err(BadTree::Header);
        }
        let all = bytes.get(..place(1)?).ok_or(BadTree::Header)?;
        let block = |at: usize, len: usize| {
            let end = at.checked_add(len)?;
            all.get(at..end)
        };
        let structure = block(place(2)?, place(9)?).ok_or(BadTree::Header)?;
        let strings = block(place(3)?, place(8)?).ok_or(BadTree::Header)?;
        Ok(Self { structure, strings })
    }

    pub(crate) const fn tokens(self) -> Tokens<'a> {
        Tokens { blob: self, at: 0, ended: false }
    }
}

/// The cell at a position; cells are big-endian words.
pub(crate) fn cell(bytes: &[u8], index: usize) -> Option<u32> {
    let (word, _) = bytes.get(index.checked_mul(4)?..)?.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*word))
}

/// The strings of a list, each of which ends with a zero.
pub(crate) fn strings(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == 0)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A node begins; its name is of no interest.
    Begin,
    Property {
        name: &'a [u8],
        value: &'a [u8],
    },
    End,
}

/// Each step takes at least four bytes, so it ends; after an error nothing comes.
pub(crate) struct Tokens<'a> {
    blob: Blob<'a>,
    at: usize,
    ended: bool,
}

impl<'a> Tokens<'a> {
    fn word(&mut self) -> Option<u32> {
        let word = cell(self.blob.structure.get(self.at..)?, 0)?;
        self.at = self.at.checked_add(4)?;
        Some(word)
    }

    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(len)?;
        let bytes = self.blob.structure.get(self.at..end)?;
        self.at = end.checked_next_multiple_of(4)?;
        Some(bytes)
    }

    /// The next token; within, none at the end of the tree.
    fn step(&mut self) -> Option<Option<Token<'a>>> {
        loop {
            return Some(match self.word()? {
                1 => {
                    let name = self.blob.structure.get(self.at..)?;
                    let len = name.iter().position(|byte| *byte == 0)?;
                    self.bytes(len.checked_add(1)?)?;
                    Some(Token::Begin)
                }
                2 => Some(Token::End),
                3 => {
                    let len = usize::try_from(self.word()?).ok()?;
                    let name = usize::try_from(self.word()?).ok()?;
                    let name = self.blob.strings.get(name..)?.split(|byte| *byte == 0).next()?;
                    Some(Token::Property { name, value: self.bytes(len)? })
                }
                4 => continue,
                9 => None,
                _ => return None,
            });
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, BadTree>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let at = self.at;
        let step = self.step();
        self.ended = !matches!(step, Some(Some(_)));
        match step {
            Some(token) => token.map(Ok),
            None => Some(Err(BadTree::Structure { at })),
        }
    }
}
