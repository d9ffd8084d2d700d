//! `scmictl perf watch`.

use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::perf::agent::{Event, PerfDomains};
use scmi::protocol::perf::wire::DomainFlags;
use scmi::wire::{Header, ProtocolId};
use serde_json::json;

use super::Entry;
use super::show::number;
use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::{self, Resource};
use crate::watching::{self, Happening, Printing, Until, by, name_of};

/// Watches, and ends the subscriptions.
pub(super) fn run(
    session: &mut Session<'_>,
    names: &[String],
    until: &Until,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let mut wanted = resource::select(&entries, names)?;
    wanted.retain(|entry| {
        entry.has(DomainFlags::LEVEL_NOTIFICATIONS) || entry.has(DomainFlags::LIMIT_NOTIFICATIONS)
    });
    let parse =
        |header: Header, payload: &[u8]| Some(happening(&entries, Event::parse(header, payload)?));
    let how = Printing { until, json, out };
    watching::watch(session, ProtocolId::PERF, &wanted, &mut subscribe, &parse, how)
}

fn subscribe(session: &mut Session<'_>, entry: &Entry, enable: bool) -> Result<(), CallError> {
    let mut domains = PerfDomains::open(session)?;
    if entry.has(DomainFlags::LEVEL_NOTIFICATIONS) {
        domains.notify_level(entry.info.id, enable)?;
    }
    if entry.has(DomainFlags::LIMIT_NOTIFICATIONS) {
        domains.notify_limits(entry.info.id, enable)?;
    }
    Ok(())
}

fn happening(entries: &[Entry], event: Event) -> Happening {
    let find = |id: u32| entries.iter().find(|entry| entry.id() == id);
    let show =
        |id, word: u32| find(id).map_or_else(|| word.to_string(), |entry| entry.show_word(word));
    let level = |id, word| find(id).and_then(|entry| number(entry, word));
    match event {
        Event::LevelChanged { agent, domain, level: word } => Happening {
            event: "level",
            name: name_of(entries, domain),
            text: format!("level is {}, {}", show(domain, word), by(agent)),
            fields: json!({ "id": domain, "agent": agent, "level": level(domain, word) }),
        },
        Event::LimitsChanged { agent, domain, limits } => {
            let [min, max] = [limits.min, limits.max].map(|word| show(domain, word));
            Happening {
                event: "limits",
                name: name_of(entries, domain),
                text: format!("limits are {min} to {max}, {}", by(agent)),
                fields: json!({
                    "id": domain,
                    "agent": agent,
                    "min": level(domain, limits.min),
                    "max": level(domain, limits.max),
                }),
            }
        }
        other => Happening::other(&other),
    }
}
