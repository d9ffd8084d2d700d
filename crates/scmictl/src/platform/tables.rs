//! The board and its agents as tables, for people.

use std::io::{self, Write};

use scmid::control::{
    AgentState, AgentWord, BoardState, PinState, PowercapState, Quantity, SensorState,
};

use crate::table::Columns;

/// A heading and a table under it, unless it is empty.
fn section(
    out: &mut dyn Write,
    title: &str,
    headings: &[&'static str],
    rows: impl Iterator<Item = Vec<String>>,
) -> io::Result<()> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let mut columns = Columns::new(headings);
    rows.for_each(|row| columns.row(row));
    writeln!(out, "\n{title}")?;
    columns.write(out)
}

fn shown(quantity: Option<&Quantity>) -> String {
    quantity.map_or_else(String::new, |quantity| quantity.text.clone())
}

fn words(wants: &[AgentWord]) -> String {
    let one = |want: &AgentWord| format!("{}: {}", want.agent, want.wants);
    wants.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn flag(set: bool, word: &str) -> String {
    if set { word.to_owned() } else { String::new() }
}

/// All of a board.
pub(super) fn board(board: &BoardState, out: &mut dyn Write) -> io::Result<()> {
    let platform = &board.platform;
    writeln!(
        out,
        "{} {}, version {:#x}: {}",
        platform.vendor,
        platform.sub_vendor,
        platform.implementation_version,
        platform.protocols.join(", ")
    )?;
    if let Some(system) = &board.system {
        writeln!(out, "system: {}; told: {}", system.state, system.told.join(", "))?;
    }
    power(board, out)?;
    let clocks = board.clocks.iter().map(|it| {
        vec![
            it.name.clone(),
            it.rate.text.clone(),
            flag(it.running, "runs"),
            it.enabled_by.join(", "),
            it.parent.clone().unwrap_or_default(),
            shown(it.changing_to.as_ref()),
        ]
    });
    let headings = ["NAME", ">RATE", "STATE", "ENABLED BY", "FROM", "CHANGING TO"];
    section(out, "Clocks", &headings, clocks)?;
    let volts = board.voltage_domains.iter().map(|it| {
        vec![
            it.name.clone(),
            it.level.text.clone(),
            it.mode.clone(),
            words(&it.wanted_by),
            shown(it.changing_to.as_ref()),
        ]
    });
    let headings = ["NAME", ">LEVEL", "MODE", "WANTED BY", "CHANGING TO"];
    section(out, "Voltage domains", &headings, volts)?;
    let resets = board.reset_domains.iter().map(|it| {
        let held = it.held.map_or("", |held| if held { "held" } else { "free" });
        vec![it.name.clone(), held.to_owned(), flag(it.cycling, "in a cycle")]
    });
    section(out, "Reset domains", &["NAME", "STATE", "NOW"], resets)?;
    caps(&board.power_caps, out)?;
    if !board.sensors.is_empty() {
        writeln!(out, "\nSensors")?;
        sensors(&board.sensors, out)?;
    }
    pins("Pins", &board.pins, out)?;
    pins("Pin groups", &board.pin_groups, out)
}

fn power(board: &BoardState, out: &mut dyn Write) -> io::Result<()> {
    let domains = board.power_domains.iter().map(|it| {
        vec![
            it.name.clone(),
            it.state.clone(),
            words(&it.votes),
            it.changing_to.clone().unwrap_or_default(),
        ]
    });
    let headings = ["NAME", "STATE", "VOTES", "CHANGING TO"];
    section(out, "Power domains", &headings, domains)?;
    let domains = board.performance_domains.iter().map(|it| {
        let by = it.limits_by.iter();
        let by = by.map(|by| format!("{}: {} to {}", by.agent, by.limits.min, by.limits.max));
        vec![
            it.name.clone(),
            it.level.to_string(),
            shown(it.frequency.as_ref()),
            format!("{} to {}", it.limits.min, it.limits.max),
            by.collect::<Vec<_>>().join(", "),
        ]
    });
    let headings = ["NAME", ">LEVEL", ">FREQUENCY", "LIMITS", "LIMITED BY"];
    section(out, "Performance domains", &headings, domains)
}

fn caps(caps: &[PowercapState], out: &mut dyn Write) -> io::Result<()> {
    let rows = caps.iter().map(|it| {
        let by = it.caps_by.iter().map(|by| format!("{}: {}", by.agent, by.cap.text));
        vec![
            it.name.clone(),
            shown(it.power.as_ref()),
            shown(it.cap.as_ref()),
            by.collect::<Vec<_>>().join(", "),
            it.averaging_interval.text.clone(),
        ]
    });
    section(out, "Power caps", &["NAME", ">POWER", ">CAP", "CAPPED BY", "AVERAGED OVER"], rows)
}

/// Sensors, a row for each value.
pub(super) fn sensors(sensors: &[SensorState], out: &mut dyn Write) -> io::Result<()> {
    let mut columns = Columns::new(&["NAME", "AXIS", ">VALUE", "SOURCE", "TRIP POINTS", "NOTE"]);
    for sensor in sensors {
        let trips = sensor.trip_points.iter().map(|it| format!("{} {}", it.mode, it.value.text));
        let note = match &sensor.fault {
            Some(fault) => fault.clone(),
            None => flag(!sensor.enabled, "disabled"),
        };
        let mut rest = vec![sensor.source.clone(), trips.collect::<Vec<_>>().join(", "), note];
        if sensor.values.is_empty() {
            let mut row = vec![sensor.name.clone(), String::new(), String::new()];
            row.append(&mut rest);
            columns.row(row);
        }
        for value in &sensor.values {
            let axis = value.axis.clone().unwrap_or_default();
            let mut row = vec![sensor.name.clone(), axis, value.value.text.clone()];
            row.extend(rest.iter().cloned());
            columns.row(row);
        }
    }
    columns.write(out)
}

fn pins(title: &str, pins: &[PinState], out: &mut dyn Write) -> io::Result<()> {
    let rows = pins.iter().map(|it| {
        let settings = it.settings.iter().map(|it| format!("{}={}", it.name, it.value));
        vec![
            it.name.clone(),
            it.function.clone().unwrap_or_default(),
            it.held_by.clone().unwrap_or_default(),
            settings.collect::<Vec<_>>().join(" "),
        ]
    });
    section(out, title, &["NAME", "FUNCTION", "HELD BY", "SETTINGS"], rows)
}

/// All agents, a row each.
pub(super) fn agents(agents: &[AgentState], out: &mut dyn Write) -> io::Result<()> {
    let mut columns = Columns::new(&[
        "NAME",
        ">ID",
        "STATE",
        ">LIVES",
        ">COMMANDS",
        ">REFUSED",
        ">NOTIFICATIONS",
        "SOCKET",
    ]);
    for agent in agents {
        let count = |name: &str| agent.platform.get(name).copied().unwrap_or_default().to_string();
        columns.row([
            agent.name.clone(),
            agent.id.to_string(),
            if agent.connected { "there" } else { "away" }.to_owned(),
            agent.lives.to_string(),
            count("commands"),
            count("refused"),
            count("notifications"),
            agent.socket.clone(),
        ]);
    }
    columns.write(out)
}

/// One agent and all that was counted.
pub(super) fn agent(agent: &AgentState, out: &mut dyn Write) -> io::Result<()> {
    agents(core::slice::from_ref(agent), out)?;
    let messages = agent.messages.iter().map(|it| {
        vec![
            it.protocol.clone(),
            it.message.clone(),
            it.kind.clone(),
            it.succeeded.to_string(),
            it.refused.to_string(),
        ]
    });
    let headings = ["PROTOCOL", "MESSAGE", "KIND", ">DONE", ">REFUSED"];
    section(out, "Messages", &headings, messages)?;
    let refusals = agent.refusals.iter().map(|it| {
        vec![it.protocol.clone(), it.message.clone(), it.status.clone(), it.count.to_string()]
    });
    section(out, "Refusals", &["PROTOCOL", "MESSAGE", "STATUS", ">COUNT"], refusals)?;
    let counters = agent.device.iter().map(|(name, count)| vec![name.clone(), count.to_string()]);
    section(out, "Device", &["COUNTER", ">COUNT"], counters)
}
