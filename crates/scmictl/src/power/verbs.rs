//! Listing, reading, switching and watching power domains.

use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::power::V2;
use scmi::protocol::power::agent::{Event, PowerDomains};
use scmi::protocol::power::wire::{DomainFlags, PowerState};
use scmi::wire::{Header, ProtocolId};
use serde_json::json;

use super::entry::open;
use super::{Entry, How, state};
use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::resource::{self, Resource, Shown, abilities};
use crate::watching::{self, Happening, Printing, Until, by, name_of};

/// `power list`.
pub(super) fn list(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let all: Vec<&Entry> = entries.iter().collect();
    resource::report(&["SET", "TELLS"], &all, json, out, |entry| {
        let set = [("sync", DomainFlags::SYNC), ("async", DomainFlags::ASYNC)];
        let tells = [
            ("changes", DomainFlags::CHANGE_NOTIFICATIONS),
            ("requests", DomainFlags::REQUEST_NOTIFICATIONS),
        ];
        let set = abilities(&set, |bits| entry.has(bits));
        let tells = abilities(&tells, |bits| entry.has(bits));
        let cells = vec![set.join(", "), tells.join(", ")];
        Ok(Shown { cells, fields: json!({ "set": set, "tells": tells }) })
    })
}

/// `power get`.
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
    resource::report(&["STATE", "CONTEXT"], wanted, json, out, |entry| {
        let state = domains.state(entry.info.id)?;
        let context = if state.context_lost() { "lost" } else { "kept" };
        Ok(Shown {
            cells: vec![state::show(state), context.into()],
            fields: json!({
                "state": state::show(state),
                "number": state.number(),
                "context_lost": state.context_lost(),
            }),
        })
    })
}

/// `power set`, `on` and `off`.
pub(super) fn set(
    session: &mut Session<'_>,
    wanted: &str,
    state: PowerState,
    how: &How,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    let set = if how.asynchronous {
        set_and_wait(session, entry, state)
    } else {
        open(session)?.set_state(entry.info.id, state).map_err(|error| failed(entry, state, &error))
    };
    set?;
    now(session, &[entry], json, out)?;
    how.hold.wait(session, ProtocolId::POWER)
}

fn failed(entry: &Entry, state: PowerState, error: &CallError) -> Failure {
    Failure::call(format_args!("setting {} to {}", entry.called(), state::show(state)), error)
}

/// Sets the state asynchronously and waits for the notification that takes the place of a delayed response. Where
/// the domain tells nothing, or other agents keep it in another state, there is nothing to wait for.
fn set_and_wait(
    session: &mut Session<'_>,
    entry: &Entry,
    state: PowerState,
) -> Result<(), Failure> {
    let id = entry.info.id;
    let tells = session.p2a() && entry.has(DomainFlags::CHANGE_NOTIFICATIONS);
    let failed = |error: CallError| failed(entry, state, &error);
    let mut domains = open(session)?;
    let waits = tells && domains.state(id).map_err(failed)? != state;
    if waits {
        domains.notify_changes(id, true).map_err(failed)?;
    }
    let set = domains.set_state_async(id, state).map_err(failed);
    if !waits {
        return set;
    }
    let reached = set.and_then(|()| reached(session, entry, state));
    let ended = open(session)?.notify_changes(id, false).map_err(failed);
    reached.and(ended)
}

fn reached(session: &mut Session<'_>, entry: &Entry, wanted: PowerState) -> Result<(), Failure> {
    let deadline = session.now().after(PATIENCE);
    while let Some(event) = session.next_event(deadline) {
        let Some(Event::Changed { domain, state, .. }) =
            Event::parse(event.header(), event.payload())
        else {
            continue;
        };
        if domain == entry.info.id && state == wanted {
            return Ok(());
        }
    }
    let what = format_args!(
        "{} took the request to be {}, and did not tell within {} s that it is",
        entry.called(),
        state::show(wanted),
        PATIENCE.as_secs()
    );
    Err(Failure::new(Kind::Platform, what))
}

/// How long to wait for a state: domains take milliseconds, and other agents may keep one from changing for ever.
const PATIENCE: core::time::Duration = core::time::Duration::from_secs(5);

/// `power watch`.
pub(super) fn watch(
    session: &mut Session<'_>,
    names: &[String],
    until: &Until,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let mut wanted = resource::select(&entries, names)?;
    wanted.retain(|entry| {
        entry.has(DomainFlags::CHANGE_NOTIFICATIONS)
            || entry.has(DomainFlags::REQUEST_NOTIFICATIONS)
    });
    let parse =
        |header: Header, payload: &[u8]| Some(happening(&entries, Event::parse(header, payload)?));
    let how = Printing { until, json, out };
    watching::watch(session, ProtocolId::POWER, &wanted, &mut subscribe, &parse, how)
}

fn subscribe(session: &mut Session<'_>, entry: &Entry, enable: bool) -> Result<(), CallError> {
    let mut domains = PowerDomains::open(session)?;
    if entry.has(DomainFlags::CHANGE_NOTIFICATIONS) {
        domains.notify_changes(entry.info.id, enable)?;
    }
    if domains.version() >= V2 && entry.has(DomainFlags::REQUEST_NOTIFICATIONS) {
        domains.notify_requests(entry.info.id, enable)?;
    }
    Ok(())
}

fn happening(entries: &[Entry], event: Event) -> Happening {
    let (kind, words, agent, domain, state) = match event {
        Event::Changed { agent, domain, state } => ("state", "is", agent, domain, state),
        Event::Requested { agent, domain, state } => {
            ("request", "is wanted to be", agent, domain, state)
        }
        other => return Happening::other(&other),
    };
    let state = state::show(state);
    Happening {
        event: kind,
        name: name_of(entries, domain),
        text: format!("{words} {state}, {}", by(agent)),
        fields: json!({ "id": domain, "agent": agent, "state": state }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_with_its_state() {
        let told = happening(&[], Event::Requested { agent: 2, domain: 1, state: PowerState::OFF });
        assert_eq!((told.event, told.name.as_str()), ("request", "power domain 1"));
        assert_eq!(told.text, "is wanted to be off, by agent 2");
        assert_eq!(told.fields["state"], "off");
    }
}
