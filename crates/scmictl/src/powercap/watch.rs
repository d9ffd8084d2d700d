//! `scmictl powercap watch`.

use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::powercap::agent::{Event, PowercapDomains};
use scmi::protocol::powercap::wire::DomainFlags;
use scmi::wire::{Header, ProtocolId};
use serde_json::json;

use super::show::{cap_json, cap_text};
use super::{Entry, Watch};
use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::quantity::Quantity;
use crate::resource::{self, Resource};
use crate::watching::{self, Happening, Printing, by, name_of};

/// Watches, and ends the subscriptions.
pub(super) fn run(
    session: &mut Session<'_>,
    arguments: &Watch,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let mut wanted = resource::select(&entries, &arguments.domains)?;
    let thresholds = arguments.below.as_ref().zip(arguments.above.as_ref());
    wanted.retain(|entry| {
        entry.has(DomainFlags::CAP_NOTIFICATIONS)
            || thresholds.is_some() && entry.has(DomainFlags::MEASUREMENT_NOTIFICATIONS)
    });
    let mut limits = Vec::new();
    if let Some((below, above)) = thresholds {
        for entry in &wanted {
            let (low, high) = (entry.parse(below)?, entry.parse(above)?);
            if low > high {
                let what = format!("--below {below} is above --above {above}");
                return Err(Failure::new(Kind::Usage, what));
            }
            limits.push((entry.info.id, (low, high)));
        }
    }
    let mut subscribe = |session: &mut Session<'_>, entry: &Entry, enable: bool| {
        let limits = limits.iter().find(|(id, _)| *id == entry.info.id);
        subscribe_to(session, entry, enable, limits.map(|(_, limits)| *limits))
    };
    let parse =
        |header: Header, payload: &[u8]| Some(happening(&entries, Event::parse(header, payload)?));
    let how = Printing { until: &arguments.until, json, out };
    watching::watch(session, ProtocolId::POWERCAP, &wanted, &mut subscribe, &parse, how)
}

fn subscribe_to(
    session: &mut Session<'_>,
    entry: &Entry,
    enable: bool,
    limits: Option<(u32, u32)>,
) -> Result<(), CallError> {
    let mut domains = PowercapDomains::open(session)?;
    if entry.has(DomainFlags::CAP_NOTIFICATIONS) {
        domains.notify_cap(entry.info.id, enable)?;
    }
    if limits.is_some() && entry.has(DomainFlags::MEASUREMENT_NOTIFICATIONS) {
        domains.notify_measurements(entry.info.id, limits.filter(|_| enable))?;
    }
    Ok(())
}

fn happening(entries: &[Entry], event: Event) -> Happening {
    let find = |id: u32| entries.iter().find(|entry| entry.id() == id);
    match event {
        Event::CapChanged { agent, domain, cap, pai_us } => {
            let text = find(domain).map_or_else(|| cap.to_string(), |entry| cap_text(entry, cap));
            let interval = Quantity::MICROSECOND.show(pai_us);
            Happening {
                event: "cap",
                name: name_of(entries, domain),
                text: format!("cap is {text}, interval {interval}, {}", by(agent)),
                fields: json!({
                    "id": domain,
                    "agent": agent,
                    "cap": find(domain).map(|entry| cap_json(entry, cap)),
                    "interval_s": Quantity::MICROSECOND.json(pai_us.into()),
                }),
            }
        }
        Event::MeasurementsChanged { domain, power } => {
            let text =
                find(domain).map_or_else(|| power.to_string(), |entry| entry.power.show(power));
            Happening {
                event: "power",
                name: name_of(entries, domain),
                text: format!("power is {text}"),
                fields: json!({
                    "id": domain,
                    "power": find(domain).map(|entry| entry.power.json(power.into())),
                }),
            }
        }
        other => Happening::other(&other),
    }
}
