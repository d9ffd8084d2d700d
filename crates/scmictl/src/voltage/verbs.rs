//! Listing, reading and setting voltage domains.

use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::voltage::agent::Voltages;
use scmi::protocol::voltage::wire::{DomainWord, Mode};
use scmi::wire::ProtocolId;
use serde_json::{Value, json};

use super::entry::open;
use super::{Entry, mode};
use crate::choice::Choice;
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource::{self, Resource, Shown, few};
use crate::watching::Hold;

/// `voltage list`.
pub(super) fn list(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let all: Vec<&Entry> = entries.iter().collect();
    let mut domains = open(session)?;
    resource::report(&["LEVELS", "SET"], &all, json, out, |entry| {
        let levels = all_levels(&mut domains, entry)?;
        let set: &[&str] = match entry.has(DomainWord::ASYNC) {
            true => &["sync", "async"],
            false => &["sync"],
        };
        Ok(Shown {
            cells: vec![few(&levels, shown), set.join(", ")],
            fields: json!({
                "levels_v": levels.iter().map(level_json).collect::<Value>(),
                "set": set,
            }),
        })
    })
}

/// `voltage get`.
pub(super) fn get(
    session: &mut Session<'_>,
    wanted: &[String],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    now(session, &resource::select(&entries, wanted)?, json, out)
}

fn now(
    session: &mut Session<'_>,
    wanted: &[&Entry],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut domains = open(session)?;
    resource::report(&[">LEVEL", "MODE"], wanted, json, out, |entry| {
        let level = domains.level(entry.info.id)?;
        let mode = mode::show(domains.mode(entry.info.id)?);
        Ok(Shown {
            cells: vec![Quantity::MICROVOLT.show(level), mode.clone()],
            fields: json!({ "level_v": Quantity::MICROVOLT.json(level.into()), "mode": mode }),
        })
    })
}

/// `voltage levels`.
pub(super) fn levels(
    session: &mut Session<'_>,
    wanted: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    let levels = all_levels(&mut open(session)?, entry).map_err(|error| {
        Failure::call(format_args!("listing the levels of {}", entry.called()), &error)
    })?;
    if json {
        return Ok(writeln!(out, "{}", levels.iter().map(level_json).collect::<Value>())?);
    }
    levels.iter().try_for_each(|level| writeln!(out, "{}", shown(level)))?;
    Ok(())
}

/// `voltage set`.
pub(super) fn set(
    session: &mut Session<'_>,
    wanted: &str,
    level: i32,
    asynchronous: bool,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    let mut domains = open(session)?;
    let set = if asynchronous {
        domains.set_level_async(entry.info.id, level).map(|_| ())
    } else {
        domains.set_level(entry.info.id, level)
    };
    set.map_err(|error| {
        let level = Quantity::MICROVOLT.show(level);
        Failure::call(format_args!("setting {} to {level}", entry.called()), &error)
    })?;
    now(session, &[entry], json, out)
}

/// `voltage mode`, `enable` and `disable`.
pub(super) fn mode(
    session: &mut Session<'_>,
    wanted: &str,
    mode: Mode,
    hold: &Hold,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    open(session)?.set_mode(entry.info.id, mode).map_err(|error| {
        Failure::call(
            format_args!("putting {} into mode {}", entry.called(), mode::show(mode)),
            &error,
        )
    })?;
    now(session, &[entry], json, out)?;
    hold.wait(session, ProtocolId::VOLTAGE)
}

fn all_levels(domains: &mut Voltages<'_>, entry: &Entry) -> Result<Vec<Choice<i32>>, CallError> {
    let mut levels = Vec::new();
    domains.levels(entry.info.id, &mut |level| levels.push(level.into()))?;
    Ok(levels)
}

fn shown(levels: &Choice<i32>) -> String {
    levels.text(|level| Quantity::MICROVOLT.show(level))
}

fn level_json(levels: &Choice<i32>) -> Value {
    levels.json(|level| Quantity::MICROVOLT.json(level.into()))
}
