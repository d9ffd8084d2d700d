//! The platform itself, and the system that its agents are part of.

use scmi::platform::AgentId;
use scmi::protocol::system::platform::SystemServer;
use scmi::protocol::system::wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::control::desk::Desk;

/// What the platform says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct PlatformState {
    /// Who makes it.
    pub vendor: String,
    /// And under which name.
    pub sub_vendor: String,
    /// The vendor's own version.
    pub implementation_version: u32,
    /// The protocols that the board has something of, beside Base.
    pub protocols: Vec<String>,
}

pub(super) fn platform(desk: &Desk) -> PlatformState {
    let board = desk.board();
    let identity = &board.identity;
    let there: Vec<_> = desk.with(|_, platform| platform.protocols().collect());
    let protocols = there.into_iter().filter_map(scmi::protocol::find);
    PlatformState {
        vendor: identity.vendor.clone(),
        sub_vendor: identity.sub_vendor.clone(),
        implementation_version: identity.implementation_version,
        protocols: protocols.map(|info| info.name.to_owned()).collect(),
    }
}

/// The system that the agents are part of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct SystemState {
    /// Its state; where each agent is a system of its own, that of the first.
    #[schema(example = "power-up")]
    pub state: String,
    /// Whether each agent is a system of its own.
    pub separate: bool,
    /// The agents that are told of requests and orders.
    pub told: Vec<String>,
}

pub(super) fn state(desk: &Desk) -> Option<SystemState> {
    let board = desk.board();
    let power = board.system.as_ref()?;
    let first = AgentId::from_index(0)?;
    let (state, listening) = desk.with(|_, platform| {
        let system: &SystemServer = platform.server()?;
        Some((system.state_of(first), system.listening()))
    })?;
    Some(SystemState { state: word(state), separate: power.separate, told: desk.names(listening) })
}

pub(in crate::control) fn word(state: wire::SystemState) -> String {
    state.word().map_or_else(|| format!("{:#010x}", state.0), str::to_owned)
}
