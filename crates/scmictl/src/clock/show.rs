//! What clocks are, and what they do now.

use core::time::Duration;
use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::clock::V3;
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::{ClockWord, ExtendedType, Permissions};
use serde_json::{Value, json};

use super::Entry;
use super::entry::open;
use crate::choice::Choice;
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource::{self, Shown, abilities, few, optional};
use crate::units;
use crate::watching::name_of;

/// `clock list`.
pub(super) fn list(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let mut clocks = open(session)?;
    let all: Vec<&Entry> = entries.iter().collect();
    let headings = ["RATES", ">ENABLED IN", "PARENTS", "MAY", "TELLS"];
    resource::report(&headings, &all, json, out, |entry| describe(&mut clocks, &entries, entry))
}

fn describe(clocks: &mut Clocks<'_>, entries: &[Entry], entry: &Entry) -> Result<Shown, CallError> {
    let rates = all_rates(clocks, entry)?;
    let mut parents = Vec::new();
    if entry.version >= V3 && entry.has(ClockWord::PARENTS) {
        clocks.possible_parents(entry.info.id, &mut |id| parents.push(name_of(entries, id)))?;
    }
    let permissions = clocks.permissions(&entry.info)?;
    let may = [
        ("rate", Permissions::RATE),
        ("state", Permissions::STATE),
        ("parent", Permissions::PARENT),
    ];
    let may = abilities(&may, |bits| permissions.has(bits));
    let tells =
        [("changes", ClockWord::RATE_CHANGED), ("requests", ClockWord::RATE_CHANGE_REQUESTED)];
    let tells = abilities(&tells, |bits| entry.has(bits));
    let delay = entry.info.enable_delay;
    let delay_text =
        delay.map_or_else(String::new, |micros| units::span(Duration::from_micros(micros.into())));
    let cells = vec![
        few(&rates, shown),
        delay_text,
        few(&parents, Clone::clone),
        may.join(", "),
        tells.join(", "),
    ];
    let fields = json!({
        "rates_hz": rates.iter().map(rate_json).collect::<Value>(),
        "enable_delay_us": delay,
        "parents": parents,
        "may": may,
        "tells": tells,
    });
    Ok(Shown { cells, fields })
}

/// `clock get`.
pub(super) fn get(
    session: &mut Session<'_>,
    wanted: &[String],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let wanted = resource::select(&entries, wanted)?;
    now(session, &entries, &wanted, json, out)
}

/// What these clocks do now.
pub(super) fn now(
    session: &mut Session<'_>,
    entries: &[Entry],
    wanted: &[&Entry],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut clocks = open(session)?;
    let headings = [">RATE", "STATE", "PARENT", ">DUTY", ">PHASE"];
    resource::report(&headings, wanted, json, out, |entry| read(&mut clocks, entries, entry))
}

fn read(clocks: &mut Clocks<'_>, entries: &[Entry], entry: &Entry) -> Result<Shown, CallError> {
    let id = entry.info.id;
    let rate = clocks.rate(id)?;
    let on = clocks.enabled(id)?;
    let modern = entry.version >= V3;
    let mut parent = None;
    if modern && entry.has(ClockWord::PARENTS) {
        parent = Some(name_of(entries, clocks.parent(id)?));
    }
    let mut extended = |kind| {
        if modern && entry.has(ClockWord::EXTENDED_CONFIG) {
            // Which types a clock has is only found by asking.
            optional(clocks.extended(id, kind))
        } else {
            Ok(None)
        }
    };
    let (duty, phase) = (extended(ExtendedType::DUTY_CYCLE)?, extended(ExtendedType::PHASE)?);
    let with = |value: Option<u32>, sign: &str| {
        value.map_or_else(String::new, |value| format!("{value}{sign}"))
    };
    let cells = vec![
        Quantity::HERTZ.show(rate),
        if on { "on" } else { "off" }.into(),
        parent.clone().unwrap_or_default(),
        with(duty, " %"),
        with(phase, "°"),
    ];
    let fields = json!({
        "rate_hz": rate,
        "on": on,
        "parent": parent,
        "duty_percent": duty,
        "phase_degrees": phase,
    });
    Ok(Shown { cells, fields })
}

/// `clock rates`.
pub(super) fn rates(
    session: &mut Session<'_>,
    wanted: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    let rates = all_rates(&mut open(session)?, entry).map_err(|error| {
        use crate::resource::Resource;
        Failure::call(format_args!("listing the rates of {}", entry.called()), &error)
    })?;
    if json {
        return Ok(writeln!(out, "{}", rates.iter().map(rate_json).collect::<Value>())?);
    }
    rates.iter().try_for_each(|rate| writeln!(out, "{}", shown(rate)))?;
    Ok(())
}

fn all_rates(clocks: &mut Clocks<'_>, entry: &Entry) -> Result<Vec<Choice<u64>>, CallError> {
    let mut rates = Vec::new();
    clocks.rates(entry.info.id, &mut |rate| rates.push(rate.into()))?;
    Ok(rates)
}

fn shown(rates: &Choice<u64>) -> String {
    rates.text(|rate| Quantity::HERTZ.show(rate))
}

fn rate_json(rates: &Choice<u64>) -> Value {
    rates.json(Value::from)
}
