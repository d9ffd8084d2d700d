//! Fields of records, read from and compared with what is written in a vector.

use core::any::type_name;
use std::collections::BTreeSet;

use scmi::wire::{I32, I64, LongName, Nothing, ShortName, U32, U64};

use crate::text::{Line, Vector};

/// What a field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    Number(i128),
    Text(String),
}

impl Worth {
    /// From the words of a vector: `"text"`, `0x12, bits`, `name (12)`, `2.1` or `12`.
    fn of(words: &str) -> Option<Self> {
        if let Some(text) = words.strip_prefix('"') {
            return Some(Self::Text(text.trim_end_matches('"').into()));
        }
        let number: Option<i128> = if let Some(hex) = words.strip_prefix("0x") {
            let digits = hex.split(',').next().unwrap_or_default();
            i128::from_str_radix(digits, 16).ok()
        } else if let Some((_, number)) = words.rsplit_once('(') {
            number.trim_end_matches(')').parse().ok()
        } else if let Some((major, minor)) = words.split_once('.') {
            let parts: Option<(i128, i128)> = major.parse().ok().zip(minor.parse().ok());
            parts.map(|(major, minor)| major << 16 | minor)
        } else {
            words.parse().ok()
        };
        number.map(Self::Number)
    }
}

/// The lines of a vector that have bytes, one after another.
#[derive(Debug)]
pub(crate) struct Lines<'v> {
    vector: &'v Vector,
    rest: Vec<&'v Line>,
    /// What the fields taken so far say.
    pub(crate) taken: Vec<Worth>,
    /// The records taken so far.
    pub(crate) records: BTreeSet<&'static str>,
}

impl<'v> Lines<'v> {
    pub(crate) fn new(vector: &'v Vector) -> Self {
        let with_bytes = |line: &&Line| line.bytes.as_ref().is_some_and(|bytes| !bytes.is_empty());
        let mut rest: Vec<&Line> = vector.lines.iter().filter(with_bytes).collect();
        rest.reverse();
        Self { vector, rest, taken: Vec::new(), records: BTreeSet::new() }
    }

    /// The next field, which must have this name; the empty name is any.
    pub(crate) fn next(&mut self, name: &str) -> &'v Line {
        let vector = self.vector;
        let line = self.rest.pop().unwrap_or_else(|| panic!("{vector}: no line for {name}"));
        let right = name.is_empty() || name == line.name;
        assert!(right, "{vector}: the record has {name} where the text has {}", line.name);
        line
    }

    fn worth(&mut self, name: &str) -> Worth {
        let (vector, Line { name, words, .. }) = (self.vector, self.next(name));
        let worth = Worth::of(words);
        let worth = worth.unwrap_or_else(|| panic!("{vector}: {name}: what is {words}?"));
        self.taken.push(worth.clone());
        worth
    }

    fn number<T: TryFrom<i128>>(&mut self, name: &str) -> T {
        let worth = self.worth(name);
        let number = if let Worth::Number(number) = worth { number.try_into().ok() } else { None };
        let (vector, wanted) = (self.vector, type_name::<T>());
        number
            .unwrap_or_else(|| panic!("{vector}: {name}: {worth:?} where the record has {wanted}"))
    }

    fn text(&mut self, name: &str) -> String {
        let vector = self.vector;
        match self.worth(name) {
            Worth::Text(text) => text,
            number @ Worth::Number(_) => {
                panic!("{vector}: {name}: {number:?} where the record has a name")
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// A field, or fields that belong together.
pub(crate) trait Piece: Copy {
    /// Made from what the next lines say. `name` is the field's own in the text; where a record is a field of another
    /// one, its fields have names of their own, in which a `*` stands for `name`.
    fn made(name: &str, lines: &mut Lines<'_>) -> Self;

    /// What it says, field by field.
    fn say(&self, said: &mut Vec<Worth>);
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Piece for $type {
            fn made(name: &str, lines: &mut Lines<'_>) -> Self {
                Self::new(lines.number(name))
            }

            fn say(&self, said: &mut Vec<Worth>) {
                said.push(Worth::Number(self.get().into()));
            }
        }
    )*};
}

numbers!(U32, U64, I32, I64);

macro_rules! names {
    ($($type:ty),*) => {$(
        impl Piece for $type {
            fn made(name: &str, lines: &mut Lines<'_>) -> Self {
                Self::new(&lines.text(name))
            }

            fn say(&self, said: &mut Vec<Worth>) {
                said.push(Worth::Text(self.as_str().into()));
            }
        }
    )*};
}

names!(ShortName, LongName);

impl Piece for Nothing {
    fn made(_: &str, _: &mut Lines<'_>) -> Self {
        []
    }

    fn say(&self, _: &mut Vec<Worth>) {}
}

/// The name of a field in the text: its own, with the `*` replaced.
pub(crate) fn named(own: &str, outer: &str) -> String {
    own.replace('*', outer)
}

/// Which name in the text each field of a record has. No field can be left out.
macro_rules! record {
    ($($type:ty { $($field:ident: $name:literal),* })*) => {$(
        impl $crate::piece::Piece for $type {
            fn made(outer: &str, lines: &mut $crate::piece::Lines<'_>) -> Self {
                lines.records.insert(core::any::type_name::<Self>());
                let _: &str = outer;
                Self { $($field: $crate::piece::Piece::made(&$crate::piece::named($name, outer), lines)),* }
            }

            fn say(&self, said: &mut Vec<$crate::piece::Worth>) {
                let Self { $($field),* } = *self;
                let _: &Vec<_> = said;
                $($crate::piece::Piece::say(&$field, said);)*
            }
        }
    )*};
}

pub(crate) use record;
