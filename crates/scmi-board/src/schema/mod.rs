//! What keys a board file has, and what values: one description, which the checker reads files by and from which the
//! JSON Schema for editors is made.

mod faults;
mod items;
mod json;
mod reload;
mod sensors;
mod tables;

pub use json::schema;
pub(crate) use reload::{Reload, Why};
pub(crate) use tables::{FAULTS, ROOT};

/// The keys of a table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether a table without it is wrong, whatever else it has.
    pub(crate) required: bool,
    /// For people, in an editor.
    pub(crate) about: &'static str,
    /// Whether it can change while agents are there.
    pub(crate) reload: Reload,
}

/// What may stand at a key. What depends on other keys is the checker's.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A text, such as a path.
    Text,
    /// A text of at least one byte and at most so many.
    Name(usize),
    /// A text in letters, digits, `.`, `_` and `-`, of at most so many, the first no dot.
    FileName(usize),
    /// One of these texts.
    Words(fn() -> Vec<String>),
    /// A text that begins with a number and ends in a unit of time.
    Time,
    /// A number, or a text that begins with one and ends in a unit.
    Quantity,
    /// As [`Kind::Quantity`], the text only.
    QuantityText,
    /// A whole number within these bounds.
    Integer(i128, i128),
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `true`.
    True,
    /// An array of so many.
    Array(&'static Self, usize, usize),
    /// A table.
    Table(&'static Table),
    /// A table from names of settings of pins to values.
    Settings(&'static Self),
    /// One of these. Of several tables it is the one whose first key is there.
    Any(&'static [Self]),
}

/// The version of the form of board files. What is in this form stays readable: keys are added, and keep their meaning.
pub(crate) const VERSION: i128 = 1;

/// What may stand where the file has something that no table knows.
pub(crate) const NOTHING: Kind = Kind::Any(&[]);

impl Table {
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Kind {
    /// The table that it is where something is a table, chosen by whether `has` the table a key.
    pub(crate) fn table(&'static self, has: &dyn Fn(&str) -> bool) -> Option<&'static Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Any(kinds) => {
                let tables = || kinds.iter().filter_map(|kind| kind.table(has));
                let begun = |table: &&Table| table.keys.first().is_some_and(|key| has(key.name));
                tables().find(begun).or_else(|| tables().next())
            }
            _ => None,
        }
    }

    /// What each item is where something is an array.
    pub(crate) fn item(&'static self) -> &'static Self {
        match self {
            Self::Array(item, ..) => item,
            Self::Any(kinds) => {
                let array = kinds.iter().find(|kind| matches!(kind, Self::Array(..)));
                array.map_or(&NOTHING, Self::item)
            }
            _ => &NOTHING,
        }
    }

    /// What each value is where something is a table with keys of its own.
    pub(crate) fn entry(&'static self) -> &'static Self {
        match self {
            Self::Settings(value) => value,
            _ => &NOTHING,
        }
    }

    /// The bounds where something is a whole number.
    pub(crate) fn bounds(&self) -> Option<(i128, i128)> {
        match self {
            Self::Integer(least, most) => Some((*least, *most)),
            Self::Any(kinds) => kinds.iter().find_map(Self::bounds),
            _ => None,
        }
    }
}

/// A key that may be missing.
const fn key(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, required: false, about, reload: Reload::Fixed(Why::Known) }
}

/// A key that may not be missing.
const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, required: true, about, reload: Reload::Fixed(Why::Known) }
}

/// Whole numbers that 32 bits hold.
const U32: Kind = Kind::Integer(0, 0xFFFF_FFFF);

/// Whole numbers that 64 bits hold.
const U64: Kind = Kind::Integer(0, 0xFFFF_FFFF_FFFF_FFFF);

/// The name of another table of the file.
const OTHER: Kind = Kind::Name(63);

/// Names of other tables of the file.
const OTHERS: Kind = Kind::Array(&OTHER, 0, 65_535);

#[cfg(test)]
mod tests {
    use super::*;

    /// Every table that can be reached.
    fn all(kind: &'static Kind, found: &mut Vec<&'static Table>) {
        match kind {
            Kind::Table(table) => {
                found.push(table);
                table.keys.iter().for_each(|key| all(&key.kind, found));
            }
            Kind::Array(kind, ..) | Kind::Settings(kind) => all(kind, found),
            Kind::Any(kinds) => kinds.iter().for_each(|kind| all(kind, found)),
            _ => {}
        }
    }

    #[test]
    fn no_table_has_a_key_twice_and_each_is_explained() {
        static WHOLE: Kind = Kind::Table(&ROOT);
        let mut tables = Vec::new();
        all(&WHOLE, &mut tables);
        assert!(tables.len() > 30, "{}", tables.len());
        for table in tables {
            let mut names: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
            for key in table.keys {
                assert!(!key.about.is_empty() && !key.about.ends_with('.'), "{}", key.name);
            }
        }
    }
}
