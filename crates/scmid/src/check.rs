//! What `--check` says of a board.

use core::fmt;
use std::collections::BTreeMap;
use std::path::Path;

use scmi::platform::{AgentId, Rights, Space};
use scmi::protocol;
use scmi::protocol::system::wire::SystemState;
use scmi_board::{Access, Agent, Board, Sensor, SystemPower, rights_in_words};

/// Names of a kind that are written out.
const NAMES: usize = 8;

/// A board in a few lines: what it has of each protocol, and what each agent may do with it.
pub(crate) struct Summary<'a> {
    pub(crate) board: &'a Board,
    pub(crate) path: &'a Path,
    /// What its state file has.
    pub(crate) state: Option<&'a str>,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { board, path, state } = self;
        let platform = &board.identity;
        writeln!(f, "{}: good", path.display())?;
        let vendor = format!("{} {}", platform.vendor, platform.sub_vendor);
        let version = platform.implementation_version;
        line(f, "platform", &format!("{}, version {version:#010x}", vendor.trim_end()))?;
        if let Some(system) = &board.system {
            line(f, "system", &system_in_words(system))?;
        }
        for kind in kinds(board) {
            if !kind.items.is_empty() {
                let names: Vec<&str> = kind.items.iter().map(|(name, _)| *name).collect();
                let text = format!("{}: {}", plural(names.len(), kind.one), some(&names));
                line(f, kind.protocol, &text)?;
            }
        }
        if !board.pin_functions.is_empty() {
            let names: Vec<&str> =
                board.pin_functions.iter().map(|item| item.description.name.as_str()).collect();
            line(f, "", &format!("{}: {}", plural(names.len(), "pin function"), some(&names)))?;
        }
        if !board.sensors.is_empty() {
            line(f, "sensor", &sensors_in_words(&board.sensors))?;
        }
        if !board.faults.is_empty() {
            let names: Vec<&str> = board.faults.iter().map(|rule| rule.name.as_str()).collect();
            line(f, "faults", &format!("{}: {}", plural(names.len(), "rule"), some(&names)))?;
        }
        if !board.devices.is_empty() {
            let names: Vec<&str> =
                board.devices.iter().map(|device| device.name.as_str()).collect();
            let text = format!("{}: {}", plural(names.len(), "device"), some(&names));
            line(f, "", &text)?;
        }
        for (index, agent) in board.agents.iter().enumerate() {
            line(f, &format!("agent {}", index + 1), &agent_in_words(board, index, agent))?;
        }
        state.map_or(Ok(()), |state| line(f, "state", state))
    }
}

fn line(f: &mut fmt::Formatter<'_>, head: &str, text: &str) -> fmt::Result {
    writeln!(f, "  {head:8}  {text}")
}

/// Items of one kind, and who may change each.
struct Kind<'a> {
    protocol: &'static str,
    one: &'static str,
    items: Vec<(&'a str, &'a Access)>,
}

fn plural(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// Everything that somebody may be kept from changing, in the order of the protocols' numbers.
fn kinds(board: &Board) -> [Kind<'_>; 8] {
    macro_rules! kind {
        ($protocol:literal, $one:literal, $list:ident, $($name:ident).+) => {
            Kind {
                protocol: $protocol,
                one: $one,
                items: board.$list.iter().map(|item| (item.$($name).+.as_str(), &item.access)).collect(),
            }
        };
    }
    [
        kind!("power", "power domain", power_domains, description.name),
        kind!("perf", "performance domain", performance_domains, description.name),
        kind!("clock", "clock", clocks, description.name),
        kind!("reset", "reset domain", reset_domains, description.name),
        kind!("voltage", "voltage domain", voltage_domains, description.name),
        kind!("powercap", "power cap", power_caps, description.name),
        kind!("pinctrl", "pin", pins, name),
        kind!("", "pin group", pin_groups, name),
    ]
}

/// The first of the names, and how many there are beside them.
fn some(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMES);
    let first = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}

fn system_in_words(system: &SystemPower) -> String {
    let states = SystemState::WORDS.iter().filter(|(_, state)| system.system.has(*state));
    let mut parts = vec![states.map(|(word, _)| *word).collect::<Vec<_>>().join(", ")];
    if system.separate {
        parts.push("of each agent alone".into());
    }
    if !system.script.is_empty() {
        parts.push(plural(system.script.len(), "step"));
    }
    if let Some(command) = &system.on_request {
        parts.push(format!("requests run {}", command.program.display()));
    }
    parts.join("; ")
}

fn sensors_in_words(sensors: &[Sensor]) -> String {
    let mut kinds = BTreeMap::new();
    for sensor in sensors {
        *kinds.entry(kind_of(sensor)).or_insert(0_usize) += 1;
    }
    let kinds: Vec<String> =
        kinds.iter().map(|((_, word), count)| format!("{count} {word}")).collect();
    format!("{}: {}", plural(sensors.len(), "sensor"), kinds.join(", "))
}

/// What a sensor measures: by number, to sort, and in words.
fn kind_of(sensor: &Sensor) -> (u8, String) {
    let first = sensor.description.axes.first();
    let kind = first.map_or(sensor.description.kind, |axis| axis.kind);
    (kind.0, kind.word().map_or_else(|| format!("type {:#04x}", kind.0), String::from))
}

/// What an agent is told and may do.
fn agent_in_words(board: &Board, index: usize, agent: &Agent) -> String {
    let mut parts = vec![versions_in_words(agent)];
    let id = AgentId::from_index(index);
    let allows = |access: &Access| id.is_some_and(|id| access.allows(id));
    let kept: Vec<String> = kinds(board)
        .iter()
        .filter_map(|kind| {
            let kept = kind.items.iter().filter(|(_, access)| !allows(access));
            let kept: Vec<&str> = kept.map(|(name, _)| *name).collect();
            match kept.len() {
                0 => None,
                all if all == kind.items.len() => Some(format!("any {}", kind.one)),
                few => Some(format!("{} ({})", plural(few, kind.one), some(&kept))),
            }
        })
        .collect();
    parts.extend(sights_in_words(board, index, agent));
    if !kept.is_empty() {
        parts.push(format!("may not change {}", kept.join(", ")));
    }
    if board.system.is_some() && !agent.sees_system() {
        parts.push("does not see the system".into());
    } else if board.system.as_ref().is_some_and(|system| allows(&system.controllers)) {
        parts.push("controls the system".into());
    }
    if agent.restore {
        parts.push("restores what it set".into());
    }
    if agent.trusted {
        parts.push("trusted".into());
    }
    if agent.socket != format!("{}.sock", agent.name) {
        parts.push(format!("on {}", agent.socket));
    }
    if let Some(path) = &agent.qmp {
        parts.push(format!("machine at {}", path.display()));
    }
    format!("{}: {}", agent.name, parts.join("; "))
}

/// What an agent sees of the kinds of which it does not see all, in the order of its ids, and what it may do only in part.
fn sights_in_words(board: &Board, index: usize, agent: &Agent) -> Vec<String> {
    let Some(id) = AgentId::from_index(index) else { return Vec::new() };
    let kinds = Space::ALL.into_iter().filter(|space| *space != Space::System);
    let words = kinds.filter_map(|space| {
        let listed = agent.lists.iter().any(|(of, _)| *of == space);
        let seen =
            agent.seen(space, board.count(space)).map(|one| (one, board.rights(id, space, one)));
        let shown = seen.filter(|(_, rights)| listed || *rights != Rights::ALL);
        let names: Vec<String> = shown
            .map(|(one, rights)| {
                let name = board.name_of(space, one.id).unwrap_or_default();
                let held = if one.hold { ", held" } else { "" };
                match rights {
                    Rights::ALL => format!("{name}{held}"),
                    rights => format!("{name}: {}{held}", rights_in_words(space, rights)),
                }
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let count = plural(names.len(), space.name());
        match (listed, names.len()) {
            (true, 0) => Some(format!("sees no {space}")),
            (true, _) => Some(format!("sees {count} ({})", some(&names))),
            (false, 0) => None,
            (false, _) => Some(format!("restricted on {count} ({})", some(&names))),
        }
    });
    words.collect()
}

fn versions_in_words(agent: &Agent) -> String {
    let older: Vec<String> = protocol::ALL
        .iter()
        .filter_map(|info| {
            let newest = info.versions.last()?;
            let (_, version) = agent.versions.iter().find(|(id, _)| *id == info.id)?;
            (version != newest).then(|| format!("{} {version}", info.name))
        })
        .collect();
    if older.is_empty() {
        return "newest versions".into();
    }
    format!("{}, else the newest versions", older.join(", "))
}
