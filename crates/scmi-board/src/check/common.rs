//! What the items of all protocols but sensors are written with: names, times, quantities, references, rights.

use core::ops::RangeInclusive;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use scmi::platform::AgentId;
use toml::de::DeValue;

use super::Context;
use super::fields::{Fields, Value};
use crate::model::Access;
use crate::report::{Problems, did_you_mean};
use crate::units::{Decimal, Scaled, parse_quantity};

/// The bytes of an extended name, without its NUL.
const MAX_NAME: usize = 63;

const EXPECTED_NAME: &str = "a text of 1 to 63 characters of ASCII";

/// The longest that anything may take, in nanoseconds. Linux waits 2 s for a delayed response.
const MAX_DELAY: u64 = 10_000_000_000;

/// A physical unit: its sign, and the power of ten of it that is counted.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) sign: &'static str,
    pub(super) exponent: i8,
    /// What is counted, in words.
    pub(super) counted: &'static str,
}

pub(super) const HERTZ: Unit = Unit { sign: "Hz", exponent: 0, counted: "hertz" };
pub(super) const MICROVOLTS: Unit = Unit { sign: "V", exponent: -6, counted: "microvolts" };
pub(super) const MICROWATTS: Unit = Unit { sign: "W", exponent: -6, counted: "microwatts" };

impl Unit {
    /// A number in the unit, or a text with the unit after it, within `range`.
    pub(super) fn read<T>(
        self,
        value: &Value<'_>,
        range: RangeInclusive<T>,
        problems: &mut Problems,
    ) -> Option<T>
    where
        T: TryFrom<i64> + Into<i128> + PartialOrd + Copy,
    {
        let Self { sign, exponent, counted } = self;
        let number = match value.node() {
            DeValue::String(text) => match parse_quantity(text, &[sign]) {
                Ok(number) => number,
                Err(error) => return value.fail(problems, error),
            },
            _ => value
                .number(problems, format!("a number in {sign}, or a text such as \"20 {sign}\""))?,
        };
        let counts = match number.in_units_of(exponent) {
            Scaled::Exact(counts) => Some(counts),
            Scaled::Between(nearest) => {
                let help = format!("write {}", Decimal::new(nearest, exponent));
                return value.fail_with_help(
                    problems,
                    format!("a whole number of {counted}"),
                    Some(help),
                );
            }
            Scaled::OutOfRange => None,
        };
        let fits = counts.and_then(|counts| T::try_from(counts).ok()).filter(|n| range.contains(n));
        fits.or_else(|| {
            let shown = |bound: T| {
                let bound = i64::try_from(bound.into()).unwrap_or(i64::MAX);
                Decimal::new(bound, exponent)
            };
            let (low, high) = (shown(*range.start()), shown(*range.end()));
            value.fail(problems, format!("from {low} to {high} {sign}"))
        })
    }
}

/// A value that may be left out.
pub(super) fn or<'v, T>(
    value: Option<Value<'v>>,
    default: T,
    read: impl FnOnce(&Value<'v>) -> Option<T>,
) -> Option<T> {
    value.map_or(Some(default), |value| read(&value))
}

/// `true` or `false` at `key`.
pub(super) fn flag(
    fields: &mut Fields<'_>,
    key: &'static str,
    default: bool,
    problems: &mut Problems,
) -> Option<bool> {
    or(fields.get(key), default, |value| value.boolean(problems))
}

/// How long something takes; at most 10 s, no time where it is not said.
pub(super) fn delay(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Problems,
) -> Option<Duration> {
    let nanos =
        or(fields.get(key), 0, |value| value.time(problems, 0..=MAX_DELAY, "of at most 10 s"))?;
    Some(Duration::from_nanos(nanos))
}

/// The table of the item at position `at`, from 1, and its name; messages call it by that from then on.
pub(super) fn item<'a>(
    value: &Value<'a>,
    what: &str,
    at: usize,
    problems: &mut Problems,
) -> Option<(Fields<'a>, Option<String>)> {
    let expected = format!("a table [[{}]]", what.replace(' ', "-"));
    let mut fields = value.fields(problems, format!("{what} {at}"), expected)?;
    let name = fields.require("name", problems, EXPECTED_NAME).and_then(|value| {
        let text = value.text(problems, EXPECTED_NAME)?;
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if (1..=MAX_NAME).contains(&text.len()) && printable {
            Some(text.to_owned())
        } else {
            value.fail(problems, EXPECTED_NAME)
        }
    });
    if let Some(name) = &name {
        fields.rename(format!("{what} {name:?}"));
    }
    Some((fields, name))
}

/// The names of a list of tables, and the positions that they stand for.
pub(super) struct Names<'a> {
    what: &'static str,
    ids: BTreeMap<&'a str, usize>,
    twice: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    /// The names in `list`, whether or not the tables are right.
    pub(super) fn of(what: &'static str, list: Option<&Value<'a>>) -> Self {
        let tables = list.and_then(|list| list.node().as_array()).into_iter().flatten();
        let (mut ids, mut twice) = (BTreeMap::new(), BTreeSet::new());
        for (id, table) in tables.enumerate() {
            let name = table.get_ref().as_table().and_then(|table| table.get("name"));
            if let Some(name) = name.and_then(|name| name.get_ref().as_str())
                && *ids.entry(name).or_insert(id) != id
            {
                twice.insert(name);
            }
        }
        Self { what, ids, twice }
    }

    /// Whether several tables have this name.
    pub(super) fn is_twice(&self, name: &str) -> bool {
        self.twice.contains(name)
    }

    /// These names, in the order of their positions.
    pub(super) fn from_names(what: &'static str, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { what, ids: names.into_iter().zip(0..).collect(), twice: BTreeSet::new() }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.ids.len()
    }

    /// All of them, by alphabet.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a str> {
        self.ids.keys().copied()
    }

    /// The position of the table of this name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.ids.get(name).copied()
    }

    /// The name of the table at this position.
    pub(super) fn name(&self, position: usize) -> Option<&'a str> {
        self.ids.iter().find(|(_, at)| **at == position).map(|(name, _)| *name)
    }

    /// The position of the table that `value` names.
    pub(super) fn find(&self, value: &Value<'_>, problems: &mut Problems) -> Option<usize> {
        let article = if self.what.starts_with('a') { "an" } else { "a" };
        let expected = format!("the name of {article} {} of the board", self.what);
        let text = value.text(problems, &expected)?;
        self.ids.get(text).copied().or_else(|| {
            let help = did_you_mean(text, self.ids.keys().copied())
                .map(|name| format!("did you mean {name:?}?"));
            value.fail_with_help(problems, expected, help)
        })
    }

    /// The positions of the tables that the texts in `value` name, none twice.
    pub(super) fn find_all(
        &self,
        value: &Value<'_>,
        count: RangeInclusive<usize>,
        problems: &mut Problems,
    ) -> Option<Vec<usize>> {
        let expected =
            format!("an array of {} to {} names of {}s", count.start(), count.end(), self.what);
        let items = value.items(problems, &expected)?;
        if !count.contains(&items.len()) {
            return value.fail(problems, expected);
        }
        let mut seen = BTreeMap::new();
        let mut ids = Vec::with_capacity(items.len());
        for item in &items {
            let id = self.find(item, problems);
            ids.push(match id {
                Some(id) if seen.insert(id, ()).is_some() => item.fail(problems, "each name once"),
                id => id,
            });
        }
        ids.into_iter().collect()
    }
}

/// A path of the host, relative to the folder of the board file.
pub(super) fn path(
    value: &Value<'_>,
    expected: &str,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<PathBuf> {
    let text = value.text(problems, expected)?;
    if text.is_empty() || text.contains('\0') {
        return value.fail(problems, expected);
    }
    Some(context.folder.join(text))
}

/// Who may change an item: all agents where the file does not say.
pub(super) fn access(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Access> {
    or(fields.get("agents"), Access::all(), |value| {
        let ids = context.agents.find_all(value, 0..=255, problems)?;
        Some(Access::only(ids.into_iter().filter_map(AgentId::from_index).collect()))
    })
}

/// The only agent that may give an item a value; whoever may change it, where the file does not say.
pub(super) fn owner(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Option<AgentId>> {
    or(fields.get("owner"), None, |value| {
        context.agents.find(value, problems).map(AgentId::from_index)
    })
}

/// All from the lowest to the highest, in steps; or those of a list.
pub(super) enum Choice<T> {
    List(Vec<T>),
    Range { min: T, max: T, step: T },
}

/// An array of values that rise, or a table with min, max and step.
pub(super) fn choice<T: Copy + PartialOrd + Into<i128>>(
    value: &Value<'_>,
    example: &str,
    problems: &mut Problems,
    mut read: impl FnMut(&Value<'_>, &mut Problems) -> Option<T>,
    mut read_step: impl FnMut(&Value<'_>, &mut Problems) -> Option<T>,
) -> Option<Choice<T>> {
    let expected = format!("an array such as [{example}] or a table {{ min, max, step }}");
    if let DeValue::Table(_) = value.node() {
        let mut fields = value.fields(problems, value.label(), &expected)?;
        let [min, max, step] = ["min", "max", "step"]
            .map(|key| fields.require(key, problems, format!("a value such as {example}")));
        fields.finish(problems);
        let low = min.as_ref().and_then(|value| read(value, problems));
        let high = max.as_ref().and_then(|value| read(value, problems));
        let by = step.as_ref().and_then(|value| read_step(value, problems));
        let (min, top, step) = (low?, high?, by?);
        if min > top {
            return max?.fail(problems, "at least min");
        }
        return Some(Choice::Range { min, max: top, step });
    }
    let items = value.items(problems, &expected)?;
    if items.is_empty() || items.len() > usize::from(u16::MAX) {
        return value.fail(problems, format!("1 to 65535 values, {expected}"));
    }
    let values: Vec<Option<T>> = items.iter().map(|item| read(item, problems)).collect();
    let values: Vec<T> = values.into_iter().collect::<Option<_>>()?;
    for (item, pair) in items.iter().skip(1).zip(values.windows(2)) {
        if let [one, next] = pair
            && one >= next
        {
            return item.fail(problems, "more than the value before it");
        }
    }
    Some(Choice::List(values))
}
