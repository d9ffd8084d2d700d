//! What an agent sees: the lists of `[[agent]]`, and those of `[[device]]`.

use std::collections::BTreeSet;

use scmi::platform::{Rights, Space};
use toml::de::DeValue;

use super::Context;
use super::common::{Names, flag};
use super::fields::{Fields, Value};
use crate::board::{Board, Listed};
use crate::report::{Problems, alternatives, did_you_mean};
use crate::rights::{self, ALL, LISTS, READ};

/// The names of everything that an agent can see, by kind.
pub(super) struct Everything<'a> {
    names: Vec<(Space, Names<'a>)>,
}

impl<'a> Everything<'a> {
    /// The names in lists of tables, whether or not the tables are right. `list` gives those of a kind.
    pub(super) fn of(list: impl Fn(Space) -> Option<&'a Value<'a>>) -> Self {
        let names = |(_, space): (_, Space)| (space, Names::of(space.name(), list(space)));
        Self { names: LISTS.into_iter().map(names).collect() }
    }

    /// The names of everything that a board has.
    pub(super) fn of_board(board: &'a Board) -> Self {
        let names = |(_, space): (_, Space)| {
            let names = (0..board.count(space)).filter_map(|id| board.name_of(space, id));
            (space, Names::from_names(space.name(), names))
        };
        Self { names: LISTS.into_iter().map(names).collect() }
    }

    /// Those of a kind.
    pub(super) fn of_kind(&self, space: Space) -> Option<&Names<'a>> {
        self.names.iter().find(|(of, _)| *of == space).map(|(_, names)| names)
    }
}

/// The lists that an agent has; no list of what it sees all of.
pub(super) fn lists(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<(Space, Vec<Listed>)>> {
    let mut lists = Vec::new();
    let mut good = true;
    for (key, space) in LISTS {
        let Some(value) = fields.get(key) else { continue };
        let list = context.everything.of_kind(space);
        match list.and_then(|names| entries(&value, space, names, problems)) {
            Some(entries) => lists.push((space, entries)),
            None => good = false,
        }
    }
    good.then_some(lists)
}

/// The lists of what belongs to a device.
pub(super) fn resources(
    fields: &mut Fields<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<(Space, Vec<usize>)>> {
    let mut lists = Vec::new();
    let mut good = true;
    for (key, space) in LISTS {
        let Some(value) = fields.get(key) else { continue };
        let names = context.everything.of_kind(space);
        match names.and_then(|names| names.find_all(&value, 0..=65_535, problems)) {
            Some(ids) => lists.push((space, ids)),
            None => good = false,
        }
    }
    good.then_some(lists)
}

/// The entries of one list, each once.
fn entries(
    value: &Value<'_>,
    space: Space,
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<Vec<Listed>> {
    let expected = format!("an array of names of {space}s");
    let mut there = BTreeSet::new();
    let mut entries = Vec::new();
    for item in value.items(problems, expected)? {
        let entry = entry(&item, space, names, problems);
        entries.push(match entry {
            Some(Listed { id, .. }) if !there.insert(id) => item.fail(problems, "each name once"),
            entry => entry,
        });
    }
    entries.into_iter().collect()
}

/// A name, or a table with a name and what the agent may do with it.
fn entry(
    item: &Value<'_>,
    space: Space,
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<Listed> {
    if rights::words(space).is_empty() || !matches!(item.node(), DeValue::Table(_)) {
        let id = names.find(item, problems)?;
        return Some(Listed { id, rights: Rights::ALL, hold: false });
    }
    let mut fields = item.fields(problems, item.label(), "a name, or a table { name, may }")?;
    let id = fields.require("name", problems, format!("the name of a {space}"));
    let id = id.and_then(|value| names.find(&value, problems));
    let rights = match fields.get("may") {
        Some(value) => may(&value, space, problems),
        None => Some(Rights::ALL),
    };
    let hold = if rights::can_be_held(space) {
        flag(&mut fields, "hold", false, problems)
    } else {
        Some(false)
    };
    fields.finish(problems);
    Some(Listed { id: id?, rights: rights?, hold: hold? })
}

/// What an agent may do: a word, or an array of words.
fn may(value: &Value<'_>, space: Space, problems: &mut Problems) -> Option<Rights> {
    let quoted = |words: &[String]| {
        alternatives(&words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>())
    };
    let several = rights::several(space);
    let DeValue::Array(_) = value.node() else {
        let single = rights::single(space);
        let expected = match several.len() {
            1 => quoted(&single),
            _ => format!("{}, or an array of {}", quoted(&single), quoted(&several)),
        };
        return right(value, space, &single, &expected, problems).map(Rights);
    };
    let expected = format!("an array of {}", quoted(&several));
    let items = value.items(problems, expected)?;
    let expected = quoted(&several);
    let rights: Vec<Option<u32>> =
        items.iter().map(|item| right(item, space, &several, &expected, problems)).collect();
    let rights: Vec<u32> = rights.into_iter().collect::<Option<_>>()?;
    Some(Rights(rights.iter().fold(0, |all, right| all | right)))
}

/// What one of `words` lets an agent do.
fn right(
    value: &Value<'_>,
    space: Space,
    words: &[String],
    expected: &str,
    problems: &mut Problems,
) -> Option<u32> {
    let text = value.text(problems, expected)?;
    if !words.iter().any(|word| word == text) {
        let help = did_you_mean(text, words.iter().map(String::as_str))
            .map(|word| format!("did you mean {word:?}?"));
        return value.fail_with_help(problems, expected, help);
    }
    match text {
        ALL => Some(Rights::ALL.0),
        READ => Some(Rights::READ.0),
        _ => rights::words(space).iter().find(|(word, _)| *word == text).map(|(_, right)| *right),
    }
}
