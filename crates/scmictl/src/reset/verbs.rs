//! Describing, resetting and watching reset domains.

use core::time::Duration;
use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::reset::agent::{Event, Resets};
use scmi::protocol::reset::wire::DomainWord;
use scmi::wire::{Header, ProtocolId};
use serde_json::json;

use super::entry::open;
use super::{Entry, Which, state};
use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::{self, Resource, Shown, abilities};
use crate::units;
use crate::watching::{self, Happening, Printing, Until, by, name_of};

/// `reset list` and `reset get`.
pub(super) fn get(
    session: &mut Session<'_>,
    wanted: &[String],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let wanted = resource::select(&entries, wanted)?;
    resource::report(&[">LATENCY", "CAN", "TELLS"], &wanted, json, out, |entry| {
        let can = abilities(&[("async", DomainWord::ASYNC)], |bits| entry.has(bits));
        let tells = abilities(&[("resets", DomainWord::NOTIFICATIONS)], |bits| entry.has(bits));
        let latency = entry.info.latency;
        let latency_text = latency
            .map_or_else(|| "?".into(), |micros| units::span(Duration::from_micros(micros.into())));
        Ok(Shown {
            cells: vec![latency_text, can.join(", "), tells.join(", ")],
            fields: json!({ "latency_us": latency, "can": can, "tells": tells }),
        })
    })
}

/// What is done to a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Cycle,
    CycleAsync,
    Assert,
    Deassert,
}

impl Act {
    /// While it is done, and when it is.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Cycle | Self::CycleAsync => ("resetting", "reset"),
            Self::Assert => ("asserting", "asserted"),
            Self::Deassert => ("deasserting", "deasserted"),
        }
    }
}

/// `reset cycle`, `assert` and `deassert`.
pub(super) fn act(
    session: &mut Session<'_>,
    which: &Which,
    act: Act,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, &which.domain)?;
    let (id, state) = (entry.info.id, which.state);
    let start = session.now();
    let mut domains = open(session)?;
    let done = match act {
        Act::Cycle => domains.reset(id, state),
        Act::CycleAsync => domains.reset_async(id, state),
        Act::Assert => domains.assert(id, state),
        Act::Deassert => domains.deassert(id, state),
    };
    let (doing, done_) = act.words();
    done.map_err(|error| {
        Failure::call(format_args!("{doing} {} ({})", entry.called(), state::show(state)), &error)
    })?;
    let took = session.now().since(start);
    if json {
        let document = json!([{
            "id": id,
            "name": entry.name,
            "done": done_,
            "state": state::show(state),
            "took_s": took.as_secs_f64(),
        }]);
        return Ok(writeln!(out, "{document}")?);
    }
    let took = format!("{:.1} ms", took.as_secs_f64() * 1e3);
    Ok(writeln!(out, "{} {done_} ({}) after {took}", entry.name, state::show(state))?)
}

/// `reset watch`.
pub(super) fn watch(
    session: &mut Session<'_>,
    names: &[String],
    until: &Until,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let mut wanted = resource::select(&entries, names)?;
    wanted.retain(|entry| entry.has(DomainWord::NOTIFICATIONS));
    let parse = |header: Header, payload: &[u8]| {
        let Event::Issued { agent, domain, state } = Event::parse(header, payload)? else {
            return None;
        };
        let state = state::show(state);
        Some(Happening {
            event: "reset",
            name: name_of(&entries, domain),
            text: format!("{state} reset, {}", by(agent)),
            fields: json!({ "id": domain, "agent": agent, "state": state }),
        })
    };
    let mut subscribe =
        |session: &mut Session<'_>, entry: &Entry, enable: bool| -> Result<(), CallError> {
            Resets::open(session)?.notify(entry.info.id, enable)
        };
    let how = Printing { until, json, out };
    watching::watch(session, ProtocolId::RESET, &wanted, &mut subscribe, &parse, how)
}
