//! What performance domains are, and what they do now.

use core::time::Duration;
use std::io::Write;

use scmi::protocol::perf::agent::LevelInfo;
use scmi::protocol::perf::wire::DomainFlags;
use serde_json::{Value, json};

use super::Entry;
use super::entry::open;
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource::{self, Shown, abilities, few};
use crate::table::Columns;
use crate::units;

/// `perf list`.
pub(super) fn list(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let all: Vec<&Entry> = entries.iter().collect();
    let headings = ["LEVELS", "SUSTAINED", ">PAUSE", "MAY", "TELLS"];
    resource::report(&headings, &all, json, out, |entry| {
        let may = [("level", DomainFlags::SET_LEVEL), ("limits", DomainFlags::SET_LIMITS)];
        let tells = [
            ("level", DomainFlags::LEVEL_NOTIFICATIONS),
            ("limits", DomainFlags::LIMIT_NOTIFICATIONS),
        ];
        let may = abilities(&may, |bits| entry.has(bits));
        let tells = abilities(&tells, |bits| entry.has(bits));
        let info = &entry.info;
        let sustained = match (info.sustained_level, info.sustained_khz) {
            (0, _) => String::new(),
            (level, 0) => level.to_string(),
            (level, khz) => format!("{level} ({})", Quantity::KILOHERTZ.show(khz)),
        };
        let pause = match info.rate_limit_us {
            0 => String::new(),
            micros => units::span(Duration::from_micros(micros.into())),
        };
        let levels = few(&entry.levels, |level| entry.show(level));
        Ok(Shown {
            cells: vec![levels, sustained, pause, may.join(", "), tells.join(", ")],
            fields: json!({
                "levels": levels_json(entry),
                "sustained_level": info.sustained_level,
                "sustained_khz": info.sustained_khz,
                "rate_limit_us": info.rate_limit_us,
                "indexed": info.indexed(),
                "may": may,
                "tells": tells,
            }),
        })
    })
}

/// `perf get`.
pub(super) fn get(
    session: &mut Session<'_>,
    wanted: &[String],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    now(session, &resource::select(&entries, wanted)?, json, out)
}

/// What these domains do now.
pub(super) fn now(
    session: &mut Session<'_>,
    wanted: &[&Entry],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut domains = open(session)?;
    resource::report(&["LEVEL", ">POWER", "LIMITS"], wanted, json, out, |entry| {
        let word = domains.level(entry.info.id)?;
        let limits = domains.limits(entry.info.id)?;
        let level = entry.by_word(word);
        let cost = level.and_then(|level| level.power_cost);
        let power = cost.map_or_else(String::new, |cost| entry.power.show(cost));
        let [min, max] = [limits.min, limits.max].map(|word| entry.show_word(word));
        Ok(Shown {
            cells: vec![entry.show_word(word), power, format!("{min} to {max}")],
            fields: json!({
                "level": number(entry, word),
                "khz": level.and_then(|level| entry.khz(level)),
                "power": cost.map(|cost| entry.power.json(cost.into())),
                "power_unit": entry.power.unit,
                "min": number(entry, limits.min),
                "max": number(entry, limits.max),
            }),
        })
    })
}

/// The level that an answer names, by its number; in level-indexing mode none where the list does not have it.
pub(super) fn number(entry: &Entry, word: u32) -> Option<u32> {
    let listed = entry.by_word(word).map(|level| level.level);
    listed.or_else(|| (!entry.info.indexed()).then_some(word))
}

/// `perf levels`.
pub(super) fn levels(
    session: &mut Session<'_>,
    wanted: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    if json {
        return Ok(writeln!(out, "{}", levels_json(entry))?);
    }
    let mut columns = Columns::new(&[">LEVEL", ">INDEX", ">FREQUENCY", ">POWER", ">LATENCY"]);
    for level in &entry.levels {
        let index = level.indexed.filter(|_| entry.info.indexed());
        columns.row([
            level.level.to_string(),
            index.map_or_else(String::new, |(_, index)| index.to_string()),
            entry.khz(level).map_or_else(String::new, |khz| Quantity::KILOHERTZ.show(khz)),
            level.power_cost.map_or_else(String::new, |cost| entry.power.show(cost)),
            units::span(Duration::from_micros(level.latency_us.into())),
        ]);
    }
    Ok(columns.write(out)?)
}

fn levels_json(entry: &Entry) -> Value {
    let each = |level: &LevelInfo| {
        json!({
            "level": level.level,
            "index": level.indexed.filter(|_| entry.info.indexed()).map(|(_, index)| index),
            "khz": entry.khz(level),
            "power": level.power_cost.map(|cost| entry.power.json(cost.into())),
            "power_unit": entry.power.unit,
            "latency_us": level.latency_us,
        })
    };
    entry.levels.iter().map(each).collect()
}
