//! The spanned tables of a parsed file, read key by key.
//!
//! Every reader reports what it refuses and gives `None`, so that one look at a file finds all that is
//! wrong with it. Which keys there are, and the bounds of whole numbers, are those of the schema.

use core::fmt::Display;
use core::ops::{Range, RangeInclusive};

use toml::de::{DeTable, DeValue};

use crate::report::{Problems, alternatives, did_you_mean, found};
use crate::schema::{Kind, NOTHING, Table};
use crate::units::{Decimal, DecimalError, nanoseconds};

/// A table that is being read.
pub(super) struct Fields<'a> {
    table: &'a DeTable<'a>,
    known: &'static Table,
    span: Range<usize>,
    place: String,
    asked: Vec<&'static str>,
}

/// A value of a table or an array, and what it is called in messages.
#[derive(Clone)]
pub(super) struct Value<'a> {
    node: &'a DeValue<'a>,
    kind: &'static Kind,
    span: Range<usize>,
    label: String,
}

impl<'a> Fields<'a> {
    /// Reads `table`, whose keys are those of `known`, and which messages call `place` and show at `span`.
    pub(super) fn new(
        table: &'a DeTable<'a>,
        known: &'static Table,
        span: Range<usize>,
        place: impl Into<String>,
    ) -> Self {
        Self { table, known, span, place: place.into(), asked: Vec::new() }
    }

    /// What messages call this table.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Calls the table something else from here on, once its name is known.
    pub(super) fn rename(&mut self, place: impl Into<String>) {
        self.place = place.into();
    }

    /// The value of `key`, where it is there.
    pub(super) fn get(&mut self, key: &'static str) -> Option<Value<'a>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let known = self.known.key(key);
        debug_assert!(known.is_some(), "the schema has no key {key} of {}", self.place);
        let spanned = self.table.get(key)?;
        let label =
            if self.place.is_empty() { key.to_owned() } else { format!("{key} of {}", self.place) };
        let kind = known.map_or(&NOTHING, |key| &key.kind);
        Some(Value { node: spanned.get_ref(), kind, span: spanned.span(), label })
    }

    /// The value of `key`, which must be there.
    pub(super) fn require(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        expected: impl Display,
    ) -> Option<Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            let message = match self.place.as_str() {
                "" => format!("missing key {key}, expected {expected}"),
                place => format!("{place}: missing key {key}, expected {expected}"),
            };
            problems.push(&self.span, message);
        }
        value
    }

    /// True where `key` is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The first of `keys` that is there.
    pub(super) fn first_of(&self, keys: &[&'static str]) -> Option<&'static str> {
        keys.iter().copied().find(|key| self.has(key))
    }

    /// Refuses a key that is known, but not `here`.
    pub(super) fn refuse(&mut self, key: &'static str, problems: &mut Problems, reason: &str) {
        if let Some(value) = self.get(key) {
            value.refuse::<()>(problems, reason);
        }
    }

    /// Reports the keys that are unknown. Each known one was read by then.
    pub(super) fn finish(self, problems: &mut Problems) {
        let mut known: Vec<&str> = self.known.keys.iter().map(|key| key.name).collect();
        known.sort_unstable();
        let unread = known.iter().find(|key| !self.asked.contains(key));
        debug_assert_eq!(unread, None, "{}: nobody reads what the schema has", self.place);
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let place = if self.place.is_empty() { "the board file" } else { &self.place };
            let shown = found(&DeValue::String(name.into()));
            let message = format!(
                "{place}: found the unknown key {shown}, expected {}",
                alternatives(&known)
            );
            let help =
                did_you_mean(name, known.iter().copied()).map(|key| format!("did you mean {key}?"));
            problems.push_with_help(&key.span(), message, help);
        }
    }
}

impl<'a> Value<'a> {
    /// Where the value stands.
    pub(super) fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// Where the value of `key` stands in a table; where the table stands without it.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        let value = self.node.as_table().and_then(|table| table.get(key));
        value.map_or_else(|| self.span.clone(), toml::Spanned::span)
    }

    /// The text at `key` of a table, checked for nothing, and where it stands.
    pub(super) fn text_of(&self, key: &str) -> Option<(&'a str, Range<usize>)> {
        let value = self.node.as_table()?.get(key)?;
        Some((value.get_ref().as_str()?, value.span()))
    }

    /// What messages call the value.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// The value as it was parsed.
    pub(super) fn node(&self) -> &'a DeValue<'a> {
        self.node
    }

    /// Reports what is wrong with the value, in words of the caller.
    pub(super) fn refuse<T>(&self, problems: &mut Problems, message: impl Display) -> Option<T> {
        problems.push(&self.span, format!("{}: {message}", self.label));
        None
    }

    /// Reports that something else was expected.
    pub(super) fn fail<T>(&self, problems: &mut Problems, expected: impl Display) -> Option<T> {
        self.fail_with_help(problems, expected, None)
    }

    /// Reports that something else was expected, and a way out.
    pub(super) fn fail_with_help<T>(
        &self,
        problems: &mut Problems,
        expected: impl Display,
        help: Option<String>,
    ) -> Option<T> {
        let message = format!("{}: found {}, expected {expected}", self.label, found(self.node));
        problems.push_with_help(&self.span, message, help);
        None
    }

    /// Reports what an agent may not like, but what is no mistake.
    pub(super) fn warn(&self, problems: &mut Problems, message: impl Display) {
        problems.warn(&self.span, format!("{}: {message}", self.label));
    }

    /// The keys and values of a table, called "key of ..."; none of anything else.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let table = self.node.as_table();
        table.into_iter().flatten().map(|(key, value)| {
            let key: &'a str = key.get_ref();
            let label = format!("{key} of {}", self.label);
            let kind = self.kind.entry();
            (key, Self { node: value.get_ref(), kind, span: value.span(), label })
        })
    }

    /// A text.
    pub(super) fn text(&self, problems: &mut Problems, expected: impl Display) -> Option<&'a str> {
        match self.node {
            DeValue::String(text) => Some(text),
            _ => self.fail(problems, expected),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        match self.node {
            DeValue::Boolean(value) => Some(*value),
            _ => self.fail(problems, "true or false"),
        }
    }

    /// The whole number that it is, if it is one.
    fn number_of(&self) -> Option<i128> {
        match self.node {
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        }
    }

    /// Whether it is this whole number.
    pub(super) fn is_integer(&self, number: i128) -> bool {
        self.number_of() == Some(number)
    }

    /// A whole number within the bounds of the schema.
    pub(super) fn integer<T: TryFrom<i128>>(&self, problems: &mut Problems) -> Option<T> {
        let bounds = self.kind.bounds();
        debug_assert!(bounds.is_some(), "the schema has no whole number for {}", self.label);
        let (least, most) = bounds?;
        let inside = self.number_of().filter(|number| (least..=most).contains(number));
        let value = inside.and_then(|number| T::try_from(number).ok());
        value.or_else(|| self.fail(problems, format!("a whole number from {least} to {most}")))
    }

    /// A number, exactly as it was written.
    pub(super) fn number(
        &self,
        problems: &mut Problems,
        expected: impl Display,
    ) -> Option<Decimal> {
        let parsed = match self.node {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse(),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Ok(Decimal::new(number, 0)),
                    Err(_) => Err(DecimalError::TooLong),
                }
            }
            DeValue::Float(number) => number.as_str().parse(),
            _ => Err(DecimalError::NotANumber),
        };
        match parsed {
            Ok(number) => Some(number),
            Err(DecimalError::TooLong) => {
                self.fail(problems, format!("{expected} of at most 30 digits"))
            }
            Err(_) => self.fail(problems, expected),
        }
    }

    /// A time span within `range`, in nanoseconds; `bounds` says the range in words.
    pub(super) fn time(
        &self,
        problems: &mut Problems,
        range: RangeInclusive<u64>,
        bounds: &str,
    ) -> Option<u64> {
        let DeValue::String(text) = self.node else {
            return self.fail(problems, format!("a time {bounds} such as \"250 ms\""));
        };
        match nanoseconds(text) {
            Ok(time) if range.contains(&time) => Some(time),
            Ok(_) => self.fail(problems, format!("a time {bounds}")),
            Err(error) => self.fail(problems, error),
        }
    }

    /// The values of an array, called "item 1 of ..." and so on.
    pub(super) fn items(
        &self,
        problems: &mut Problems,
        expected: impl Display,
    ) -> Option<Vec<Self>> {
        let DeValue::Array(items) = self.node else {
            return self.fail(problems, expected);
        };
        let item = |(index, item): (usize, &'a toml::Spanned<DeValue<'a>>)| Self {
            node: item.get_ref(),
            kind: self.kind.item(),
            span: item.span(),
            label: format!("item {} of {}", index + 1, self.label),
        };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// The keys of a table that messages call `place`.
    pub(super) fn fields(
        &self,
        problems: &mut Problems,
        place: impl Into<String>,
        expected: impl Display,
    ) -> Option<Fields<'a>> {
        match self.node {
            DeValue::Table(table) => {
                let known = self.kind.table(&|key| table.contains_key(key));
                debug_assert!(known.is_some(), "the schema has no table for {}", self.label);
                Some(Fields::new(table, known?, self.span.clone(), place))
            }
            _ => self.fail(problems, expected),
        }
    }
}
