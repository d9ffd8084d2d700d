//! What powercap domains are, and what they do now.

use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::powercap::V2;
use scmi::protocol::powercap::agent::PowercapDomains;
use scmi::protocol::powercap::wire::{DomainFlags, Steps};
use serde_json::{Value, json};

use super::Entry;
use super::entry::open;
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource::{self, Shown, abilities};
use crate::watching::name_of;

/// `powercap list`.
pub(super) fn list(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let all: Vec<&Entry> = entries.iter().collect();
    let headings = ["PART OF", "CAPS", "INTERVALS", ">SUSTAINABLE", ">ACCURACY", "CAN", "TELLS"];
    resource::report(&headings, &all, json, out, |entry| {
        let can = [
            ("cap", DomainFlags::SET_CAP),
            ("async", DomainFlags::ASYNC),
            ("interval", DomainFlags::SET_PAI),
            ("measure", DomainFlags::MONITORING),
        ];
        let tells = [
            ("cap", DomainFlags::CAP_NOTIFICATIONS),
            ("power", DomainFlags::MEASUREMENT_NOTIFICATIONS),
        ];
        let can = abilities(&can, |bits| entry.has(bits));
        let tells = abilities(&tells, |bits| entry.has(bits));
        let info = &entry.info;
        let parent = info.parent.map(|parent| name_of(&entries, parent));
        let cells = vec![
            parent.clone().unwrap_or_default(),
            steps(&info.cap, entry.power),
            steps(&info.pai, Quantity::MICROSECOND),
            entry.power.show(info.sustainable_power),
            // In thousandths of a percent.
            format!("{} %", f64::from(info.accuracy) / 1e3),
            can.join(", "),
            tells.join(", "),
        ];
        let fields = json!({
            "parent": parent,
            "unit": entry.power.unit,
            "cap": steps_json(&info.cap, entry.power),
            "interval_s": steps_json(&info.pai, Quantity::MICROSECOND),
            "sustainable_power": entry.power.json(info.sustainable_power.into()),
            "accuracy_percent": f64::from(info.accuracy) / 1e3,
            "can": can,
            "tells": tells,
        });
        Ok(Shown { cells, fields })
    })
}

fn steps(steps: &Steps, quantity: Quantity) -> String {
    let [min, max, step] = [steps.min, steps.max, steps.step].map(|each| quantity.show(each.get()));
    if steps.min == steps.max { min } else { format!("{min} to {max} by {step}") }
}

fn steps_json(steps: &Steps, quantity: Quantity) -> Value {
    let [min, max, step] =
        [steps.min, steps.max, steps.step].map(|each| quantity.json(each.get().into()));
    json!({ "min": min, "max": max, "step": step })
}

/// `powercap get`.
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
    resource::report(&[">CAP", ">INTERVAL", ">POWER"], wanted, json, out, |entry| {
        read(&mut domains, entry)
    })
}

fn read(domains: &mut PowercapDomains<'_>, entry: &Entry) -> Result<Shown, CallError> {
    let id = entry.info.id;
    let cap = domains.cap(id)?;
    let pai = domains.pai(id)?;
    let mut power = None;
    if entry.has(DomainFlags::MONITORING) {
        power = Some(domains.measurements(id)?.power.get());
    }
    let shown = power.map_or_else(String::new, |power| entry.power.show(power));
    let cells = vec![cap_text(entry, cap), Quantity::MICROSECOND.show(pai), shown];
    let fields = json!({
        "unit": entry.power.unit,
        "cap": cap_json(entry, cap),
        "interval_s": Quantity::MICROSECOND.json(pai.into()),
        "power": power.map(|power| entry.power.json(power.into())),
    });
    Ok(Shown { cells, fields })
}

/// A cap, or that there is none.
pub(super) fn cap_text(entry: &Entry, cap: u32) -> String {
    if cap == 0 && entry.version >= V2 { "none".into() } else { entry.power.show(cap) }
}

/// A cap; null where there is none.
pub(super) fn cap_json(entry: &Entry, cap: u32) -> Value {
    if cap == 0 && entry.version >= V2 { Value::Null } else { entry.power.json(cap.into()) }
}

/// `powercap measure`.
pub(super) fn measure(
    session: &mut Session<'_>,
    names: &[String],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let mut wanted = resource::select(&entries, names)?;
    if names.is_empty() {
        wanted.retain(|entry| entry.has(DomainFlags::MONITORING));
    }
    let mut domains = open(session)?;
    resource::report(&[">POWER", ">AVERAGED OVER"], &wanted, json, out, |entry| {
        let measured = domains.measurements(entry.info.id)?;
        let (power, pai) = (measured.power.get(), measured.pai.get());
        Ok(Shown {
            cells: vec![entry.power.show(power), Quantity::MICROSECOND.show(pai)],
            fields: json!({
                "unit": entry.power.unit,
                "power": entry.power.json(power.into()),
                "interval_s": Quantity::MICROSECOND.json(pai.into()),
            }),
        })
    })
}
