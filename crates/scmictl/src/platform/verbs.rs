//! One request each, and what came of it.

use std::io::Write;

use hyper::Method;
use scmid::control::{
    AgentState, Amount, BoardState, GivenOrder, Health, Hold, NewOrder, Released, ReloadState,
    SensorState,
};
use serde::Serialize;

use super::client::{Client, escaped};
use super::tables;
use crate::failure::{Failure, Kind};

/// Prints what came, for programs or by `show` for people.
pub(super) fn print<T: Serialize>(
    what: &T,
    json: bool,
    out: &mut dyn Write,
    show: impl FnOnce(&T, &mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    if json {
        let text = serde_json::to_string(what)
            .map_err(|error| Failure::because(Kind::File, "cannot write the output", &error))?;
        return Ok(writeln!(out, "{text}")?);
    }
    Ok(show(what, out)?)
}

/// `platform board`.
pub(super) fn board(client: &Client<'_>, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let board: BoardState = client.get("/v1/board")?;
    print(&board, json, out, tables::board)
}

/// `platform agents`.
pub(super) fn agents(
    client: &Client<'_>,
    agent: Option<&str>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if let Some(agent) = agent {
        let agent: AgentState = client.get(&format!("/v1/agents/{}", escaped(agent)))?;
        return print(&agent, json, out, tables::agent);
    }
    let agents: Vec<AgentState> = client.get("/v1/agents")?;
    print(&agents, json, out, |agents, out| tables::agents(agents, out))
}

/// `platform sensor get`.
pub(super) fn sensor(
    client: &Client<'_>,
    name: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let sensor: SensorState = client.get(&format!("/v1/sensors/{}", escaped(name)))?;
    print(&sensor, json, out, one_sensor)
}

/// `platform sensor set`.
pub(super) fn hold(
    client: &Client<'_>,
    name: &str,
    values: &[String],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let amounts = values.iter().map(|value| Amount::Text(value.clone()));
    let hold = match values {
        [value] => Hold { value: Some(Amount::Text(value.clone())), values: None },
        _ => Hold { value: None, values: Some(amounts.collect()) },
    };
    let path = format!("/v1/sensors/{}/source", escaped(name));
    let sensor: SensorState = client.act(Method::PUT, &path, &hold)?;
    print(&sensor, json, out, one_sensor)
}

/// `platform sensor release`.
pub(super) fn release(
    client: &Client<'_>,
    name: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let path = format!("/v1/sensors/{}/source", escaped(name));
    let released: Released = client.delete(&path)?;
    print(&released, json, out, |released, out| {
        if !released.was_held {
            writeln!(out, "it was not held")?;
        }
        one_sensor(&released.sensor, out)
    })
}

fn one_sensor(sensor: &SensorState, out: &mut dyn Write) -> std::io::Result<()> {
    tables::sensors(core::slice::from_ref(sensor), out)
}

/// `platform order`.
pub(super) fn order(
    client: &Client<'_>,
    order: &NewOrder,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let given: GivenOrder = client.act(Method::POST, "/v1/orders", order)?;
    print(&given, json, out, |given, out| match given.told.as_slice() {
        [] => writeln!(out, "given; no agent listens"),
        told => writeln!(out, "given; told: {}", told.join(", ")),
    })
}

/// `platform reload`.
pub(super) fn reload(client: &Client<'_>, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let done: ReloadState = client.post("/v1/reload")?;
    print(&done, json, out, |done, out| {
        if done.changes == 0 {
            return writeln!(out, "{}: nothing is different", done.file);
        }
        done.changed
            .iter()
            .try_for_each(|change| writeln!(out, "{}: {}", change.at, change.text))?;
        let more = done.changes.saturating_sub(done.changed.len());
        if more > 0 { writeln!(out, "... and {more} more") } else { Ok(()) }
    })
}

/// `platform health`.
pub(super) fn health(client: &Client<'_>, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let health: Health = client.get("/health")?;
    print(&health, json, out, |health, out| {
        writeln!(
            out,
            "{}: scmid {}, for {:.0} s, {} agents, {} connected",
            health.status, health.version, health.uptime_seconds, health.agents, health.connected
        )
    })
}

/// What a path tells, as it is.
pub(super) fn text(client: &Client<'_>, path: &str, out: &mut dyn Write) -> Result<(), Failure> {
    Ok(out.write_all(client.text(path)?.as_bytes())?)
}
