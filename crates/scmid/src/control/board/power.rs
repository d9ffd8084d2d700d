//! Power and performance domains.

use scmi::protocol::perf::platform::{Limits, PerfServer};
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::power::wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AgentWord, id, words};
use crate::control::desk::Desk;
use crate::control::quantity::Quantity;

/// A power domain as it is. States are `on`, `off`, or the platform's own by number, with `:lost` where what the domain holds
/// is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct PowerState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The state that it is in.
    #[schema(example = "on")]
    pub state: String,
    /// The state of a change that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changing_to: Option<String>,
    /// What agents want; the most awake of it counts.
    pub votes: Vec<AgentWord>,
}

pub(super) fn power_domains(desk: &Desk) -> Vec<PowerState> {
    let board = desk.board();
    let domains = &board.power_domains;
    let seen = desk.each(domains.len(), |_, server: &mut PowerServer, id| {
        Some((server.status(id)?, server.votes(id).collect::<Vec<_>>()))
    });
    let domains = domains.iter().zip(seen).enumerate();
    let state = domains.map(|(position, (domain, (status, votes)))| PowerState {
        id: id(position),
        name: domain.description.name.clone(),
        state: word(status.state),
        changing_to: status.changing_to.map(word),
        votes: words(desk, votes, word),
    });
    state.collect()
}

fn word(state: wire::PowerState) -> String {
    match state {
        wire::PowerState::ON => "on".into(),
        wire::PowerState::OFF => "off".into(),
        state if state.context_lost() => format!("{}:lost", state.number()),
        state => state.number().to_string(),
    }
}

/// A performance domain as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct PerfState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The level that was accepted last.
    pub level: u32,
    /// The frequency of that level, where the board says how the two belong together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub frequency: Option<Quantity>,
    /// The limits in force: the narrowest of all.
    pub limits: Levels,
    /// The limits that agents have set.
    pub limits_by: Vec<AgentLimits>,
}

/// From one level to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Levels {
    /// The lowest.
    pub min: u32,
    /// The highest.
    pub max: u32,
}

impl From<Limits> for Levels {
    fn from(limits: Limits) -> Self {
        Self { min: limits.min, max: limits.max }
    }
}

/// The limits that an agent has set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct AgentLimits {
    /// The agent's name.
    pub agent: String,
    /// Its limits.
    pub limits: Levels,
}

pub(super) fn performance_domains(desk: &Desk) -> Vec<PerfState> {
    let board = desk.board();
    let domains = &board.performance_domains;
    let seen = desk.each(domains.len(), |_, server: &mut PerfServer, id| {
        Some((server.status(id)?, server.limits(id).collect::<Vec<_>>()))
    });
    let domains = domains.iter().zip(seen).enumerate();
    let state = domains.map(|(position, (domain, (status, limits)))| {
        let (khz, level) = (domain.description.sustained_khz, domain.description.sustained_level);
        let hertz = (u64::from(khz) * 1000).checked_div(level.into());
        let hertz = hertz.filter(|_| khz != 0).map(|one| one.saturating_mul(status.level.into()));
        let of = |(agent, limits): (_, Limits)| AgentLimits {
            agent: desk.name(agent),
            limits: limits.into(),
        };
        PerfState {
            id: id(position),
            name: domain.description.name.clone(),
            level: status.level,
            frequency: hertz.map(Quantity::hertz),
            limits: status.limits.into(),
            limits_by: limits.into_iter().map(of).collect(),
        }
    });
    state.collect()
}
