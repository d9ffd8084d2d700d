//! Reset domains, voltage domains and power caps.

use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::powercap::wire::PowerUnit;
use scmi::protocol::reset::platform::ResetServer;
use scmi::protocol::voltage::platform::VoltageServer;
use scmi::protocol::voltage::wire::Mode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AgentWord, Measure, id, words};
use crate::control::desk::Desk;
use crate::control::quantity::Quantity;

/// A reset domain as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct ResetState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Whether it is held in reset, as far as that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub held: Option<bool>,
    /// Whether a whole cycle is under way.
    pub cycling: bool,
}

pub(super) fn resets(desk: &Desk) -> Vec<ResetState> {
    let board = desk.board();
    let domains = &board.reset_domains;
    let seen = desk.each(domains.len(), |_, server: &mut ResetServer, id| server.status(id));
    let domains = domains.iter().zip(seen).enumerate();
    let state = domains.map(|(position, (domain, status))| ResetState {
        id: id(position),
        name: domain.description.name.clone(),
        held: status.asserted,
        cycling: status.cycling,
    });
    state.collect()
}

/// A voltage domain as it is. Modes are `on`, `off`, or the platform's own by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct VoltageState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The mode that it is in.
    #[schema(example = "on")]
    pub mode: String,
    /// Its level; of a domain that is off the one that it will have.
    pub level: Quantity,
    /// The level of a change that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changing_to: Option<Quantity>,
    /// The modes other than off that agents want; the strongest counts.
    pub wanted_by: Vec<AgentWord>,
}

pub(super) fn voltages(desk: &Desk) -> Vec<VoltageState> {
    let board = desk.board();
    let domains = &board.voltage_domains;
    let seen = desk.each(domains.len(), |_, server: &mut VoltageServer, id| {
        Some((server.status(id)?, server.wishes(id).collect::<Vec<_>>()))
    });
    let domains = domains.iter().zip(seen).enumerate();
    let state = domains.map(|(position, (domain, (status, wishes)))| VoltageState {
        id: id(position),
        name: domain.description.name.clone(),
        mode: mode(status.mode),
        level: Quantity::microvolts(status.level),
        changing_to: status.changing_to.map(Quantity::microvolts),
        wanted_by: words(desk, wishes, mode),
    });
    state.collect()
}

fn mode(mode: Mode) -> String {
    match mode {
        Mode::OFF => "off".into(),
        Mode::ON => "on".into(),
        own => format!("{:#x}", own.0),
    }
}

/// A power cap as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct PowercapState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The cap that is enforced: the lowest of all. None where nobody caps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cap: Option<Quantity>,
    /// The caps that agents have set.
    pub caps_by: Vec<AgentCap>,
    /// Over how long its power is averaged.
    pub averaging_interval: Quantity,
    /// Its power over that time, where it can be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub power: Option<Quantity>,
}

/// The cap that an agent has set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct AgentCap {
    /// The agent's name.
    pub agent: String,
    /// Its cap.
    pub cap: Quantity,
}

pub(super) fn power_caps(desk: &Desk, measure: Measure) -> Vec<PowercapState> {
    let board = desk.board();
    let domains = &board.power_caps;
    let seen = desk.each(domains.len(), |now, server: &mut PowercapServer, id| {
        Some((server.status(now, id)?, server.caps(id).collect::<Vec<_>>()))
    });
    let domains = domains.iter().zip(seen).enumerate();
    let state = domains.map(|(position, (domain, (status, caps)))| {
        let watts = |raw: u32| match domain.description.unit {
            PowerUnit::MICROWATT => Quantity::prefixed(raw.into(), -6, "W"),
            PowerUnit::MILLIWATT => Quantity::prefixed(raw.into(), -3, "W"),
            _ => Quantity::prefixed(raw.into(), 0, ""),
        };
        let of = |(agent, cap)| AgentCap { agent: desk.name(agent), cap: watts(cap) };
        PowercapState {
            id: id(position),
            name: domain.description.name.clone(),
            cap: status.cap.map(watts),
            caps_by: caps.into_iter().map(of).collect(),
            averaging_interval: Quantity::microseconds(status.pai_us),
            power: status.power.filter(|_| measure == Measure::All).map(watts),
        }
    });
    state.collect()
}
