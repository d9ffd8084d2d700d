//! From the text of a board file to a checked board, or to everything that is wrong with it.
//!
//! The raw form is the spanned tree of the TOML parser; the checked form is [`Board`]. Each submodule checks
//! one table of the file and gives `None` where it reported something.

mod agent;
mod channel;
mod fields;
mod intervals;
mod platform;
mod sensor;
mod source;
mod syntax;
mod thermal;

use core::ops::{Range, RangeInclusive};
use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;

use crate::board::Board;
use crate::error::BoardError;
use crate::report::Problems;
use crate::sensor::Sensor;
use fields::{Fields, Value};

/// Sensors on a board: their number and their ids have 16 bits on the wire.
const MAX_SENSORS: usize = 65_535;

/// Agents of a platform: their number has 8 bits on the wire.
const MAX_AGENTS: usize = 255;

/// What checks need besides the tables.
struct Context<'a> {
    text: &'a str,
    folder: &'a Path,
    seed: u64,
}

impl Context<'_> {
    /// The line of the byte at `offset`, from 1.
    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }
}

/// Checks `text`, which messages call `origin`; paths in it are relative to `folder`.
pub(crate) fn board(text: &str, origin: &str, folder: &Path) -> Result<Board, BoardError> {
    let mut problems = Problems::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        problems.push(&span, syntax::message(text, &span, error.message()));
    }
    // What a parser made of broken text would only be reported a second time, in odder words.
    let board = if problems.is_empty() {
        root(document.get_ref(), text, folder, &mut problems)
    } else {
        None
    };
    match board {
        Some(board) if problems.is_empty() => Ok(board),
        _ => Err(BoardError::Refused(problems.into_report(origin, text))),
    }
}

fn root(table: &DeTable<'_>, text: &str, folder: &Path, problems: &mut Problems) -> Option<Board> {
    let mut fields = Fields::new(table, 0..0, "");
    let platform = fields.require("platform", problems, "the table [platform]");
    let platform = platform.and_then(|value| platform::platform(&value, problems));
    let seed = platform.as_ref().map_or(0, |(_, seed)| *seed);
    let context = Context { text, folder, seed };
    let sensors = fields.get("sensor");
    let agents = fields.require("agent", problems, "at least one table [[agent]]");
    fields.finish(problems);

    let sensors = match sensors {
        Some(list) => sensors_of(&list, &context, problems),
        None => Some(Vec::new()),
    };
    let agents = agents.and_then(|list| AGENTS.read(&list, &context, problems, agent::agent));
    Some(Board { identity: platform?.0, agents: agents?, sensors: sensors? })
}

fn sensors_of(
    list: &Value<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<Sensor>> {
    let mut zones = Vec::new();
    let sensors = SENSORS.read(list, context, problems, |value, at, problems| {
        let sensor = sensor::sensor(value, at, context, problems)?;
        let zone = sensor.thermal_zone.as_ref().map(|zone| zone.name.clone());
        zones.extend(zone.map(|name| (name, value.span_of("thermal-zone"))));
        Some(sensor)
    });
    unique(
        context,
        problems,
        "thermal zone",
        zones.iter().map(|(name, place)| (name.as_str(), place.clone())),
    );
    sensors
}

/// A list of tables that have names.
struct Tables<'a> {
    /// What one of them is called in messages.
    what: &'a str,
    /// How one of them begins in a file.
    header: &'static str,
    /// How many there may be.
    count: RangeInclusive<usize>,
}

const SENSORS: Tables<'_> = Tables { what: "sensor", header: "[[sensor]]", count: 0..=MAX_SENSORS };

const AGENTS: Tables<'_> = Tables { what: "agent", header: "[[agent]]", count: 1..=MAX_AGENTS };

impl Tables<'_> {
    /// Checks each table of `list` with `check`, all of them even where one fails; and that no two have one name.
    fn read<'v, T>(
        &self,
        list: &Value<'v>,
        context: &Context<'_>,
        problems: &mut Problems,
        mut check: impl FnMut(&Value<'v>, usize, &mut Problems) -> Option<T>,
    ) -> Option<Vec<T>> {
        let (fewest, most) = (self.count.start(), self.count.end());
        let expected = format!("{fewest} to {most} tables {}", self.header);
        let items = list.items(problems, &expected)?;
        if !self.count.contains(&items.len()) {
            return list.fail(problems, expected);
        }
        let mut checked = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            checked.push(check(item, index + 1, problems));
        }
        let names = items.iter().filter_map(|item| item.text_of("name"));
        unique(context, problems, self.what, names);
        checked.into_iter().collect()
    }
}

/// Reports each name that was there before.
fn unique<'a>(
    context: &Context<'_>,
    problems: &mut Problems,
    what: &str,
    names: impl Iterator<Item = (&'a str, Range<usize>)>,
) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, place) in names {
        if let Some(earlier) = first.get(name) {
            let line = context.line(*earlier);
            let message = format!(
                "found a second {what} named {name:?} (the first is in line {line}), expected a name of its own"
            );
            problems.push(&place, message);
        } else {
            first.insert(name, place.start);
        }
    }
}
