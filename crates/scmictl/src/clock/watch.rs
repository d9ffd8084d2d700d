//! `scmictl clock watch`.

use std::io::Write;

use scmi::protocol::clock::V2;
use scmi::protocol::clock::agent::{Clocks, Event};
use scmi::protocol::clock::wire::ClockWord;
use scmi::wire::{Header, ProtocolId};
use serde_json::json;

use super::Entry;
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource;
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
        let tells =
            entry.has(ClockWord::RATE_CHANGED) || entry.has(ClockWord::RATE_CHANGE_REQUESTED);
        entry.version >= V2 && tells
    });
    let parse =
        |header: Header, payload: &[u8]| Some(happening(&entries, Event::parse(header, payload)?));
    let how = Printing { until, json, out };
    watching::watch(session, ProtocolId::CLOCK, &wanted, &mut subscribe, &parse, how)
}

fn subscribe(
    session: &mut Session<'_>,
    entry: &Entry,
    enable: bool,
) -> Result<(), scmi::agent::CallError> {
    let mut clocks = Clocks::open(session)?;
    if entry.has(ClockWord::RATE_CHANGED) {
        clocks.notify_rate(entry.info.id, enable)?;
    }
    if entry.has(ClockWord::RATE_CHANGE_REQUESTED) {
        clocks.notify_requests(entry.info.id, enable)?;
    }
    Ok(())
}

fn happening(entries: &[Entry], event: Event) -> Happening {
    let (kind, words, agent, clock, rate) = match event {
        Event::RateChanged { agent, clock, rate } => ("rate", "rate is", agent, clock, rate),
        Event::RateChangeRequested { agent, clock, rate } => {
            ("request", "not given", agent, clock, rate)
        }
        other => return Happening::other(&other),
    };
    Happening {
        event: kind,
        name: name_of(entries, clock),
        text: format!("{words} {}, {}", Quantity::HERTZ.show(rate), by(agent)),
        fields: json!({ "id": clock, "agent": agent, "rate_hz": rate }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_with_its_rate() {
        let told =
            happening(&[], Event::RateChangeRequested { agent: 2, clock: 3, rate: 48_000_000 });
        assert_eq!((told.event, told.name.as_str()), ("request", "clock 3"));
        assert_eq!(told.text, "not given 48 MHz, by agent 2");
        let told = happening(&[], Event::RateChanged { agent: 0, clock: 3, rate: 32_768 });
        assert_eq!(told.text, "rate is 32.768 kHz, by the platform");
        assert_eq!(told.fields["rate_hz"], 32_768);
    }
}
