//! What the system can, its state, and requests to change it.

use std::io::Write;

use scmi::protocol::system::agent::{Event, SystemPower};
use scmi::protocol::system::wire::SystemState;
use scmi::wire::{Header, ProtocolId};
use serde_json::json;

use super::state::show;
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::watching::{self, Happening, Printing, Until, by};

fn open<'s>(session: &'s mut Session<'_>) -> Result<SystemPower<'s>, Failure> {
    SystemPower::open(session).map_err(|error| Failure::call("asking for the system power", &error))
}

/// `system list`.
pub(super) fn list(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let abilities = open(session)?
        .abilities()
        .map_err(|error| Failure::call("asking what the system can", &error))?;
    let mut states = vec![SystemState::SHUTDOWN, SystemState::COLD_RESET];
    states.extend(abilities.warm_reset.then_some(SystemState::WARM_RESET));
    states.push(SystemState::POWER_UP);
    states.extend(abilities.suspend.then_some(SystemState::SUSPEND));
    let states: Vec<String> = states.into_iter().map(show).collect();
    if json {
        return Ok(writeln!(out, "{}", json!({ "states": states }))?);
    }
    states.iter().try_for_each(|state| writeln!(out, "{state}"))?;
    Ok(())
}

/// `system get`.
pub(super) fn get(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let state = open(session)?
        .state()
        .map_err(|error| Failure::call("reading the state of the system", &error))?;
    let state = show(state);
    if json {
        return Ok(writeln!(out, "{}", json!({ "state": state }))?);
    }
    Ok(writeln!(out, "{state}")?)
}

/// `system set`.
pub(super) fn set(
    session: &mut Session<'_>,
    state: SystemState,
    graceful: bool,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    open(session)?
        .set_state(state, graceful)
        .map_err(|error| Failure::call(format_args!("asking for {}", show(state)), &error))?;
    if json {
        let document = json!({ "asked_for": show(state), "graceful": graceful });
        return Ok(writeln!(out, "{document}")?);
    }
    Ok(writeln!(out, "asked for {}", in_words(state, graceful))?)
}

fn in_words(state: SystemState, graceful: bool) -> String {
    format!("{}{}", if graceful { "a graceful " } else { "" }, show(state))
}

/// `system watch`.
pub(super) fn watch(
    session: &mut Session<'_>,
    until: &Until,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    watching::possible(session)?;
    open(session)?.notify(true).map_err(|error| {
        Failure::call("asking for requests to shut down, reset or suspend", &error)
    })?;
    let how = Printing { until, json, out };
    let watched = how.print(session, ProtocolId::SYSTEM, &happening);
    let ended = open(session)?
        .notify(false)
        .map_err(|error| Failure::call("ending the notifications of requests", &error));
    watched.and(ended)
}

fn happening(header: Header, payload: &[u8]) -> Option<Happening> {
    let event = Event::parse(header, payload)?;
    let wait = event.timeout_ms.map_or_else(String::new, |millis| {
        format!(", within {}", Quantity { unit: "s", exponent: -3 }.show(millis))
    });
    let what = in_words(event.state, event.graceful);
    Some(Happening {
        event: "state",
        name: "system".into(),
        text: format!("{what} is wanted{wait}, {}", by(event.agent)),
        fields: json!({
            "agent": event.agent,
            "state": show(event.state),
            "graceful": event.graceful,
            "timeout_ms": event.timeout_ms,
        }),
    })
}
