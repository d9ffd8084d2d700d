//! Clocks.

use scmi::protocol::clock::platform::ClockServer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id;
use crate::control::desk::Desk;
use crate::control::quantity::Quantity;

/// A clock as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct ClockState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its rate; of a clock that is off the one that it will have.
    pub rate: Quantity,
    /// The rate of a change that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changing_to: Option<Quantity>,
    /// Whether it runs: itself on, and all that it comes from.
    pub running: bool,
    /// The agents that want it on.
    pub enabled_by: Vec<String>,
    /// The clock that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parent: Option<String>,
    /// Its duty cycle in percent, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub duty_cycle: Option<u32>,
    /// Its phase in degrees, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub phase: Option<u32>,
}

pub(super) fn states(desk: &Desk) -> Vec<ClockState> {
    let board = desk.board();
    let clocks = &board.clocks;
    let seen = desk.each(clocks.len(), |_, server: &mut ClockServer, id| server.status(id));
    let state = |(position, (clock, status)): (usize, (&scmi_board::Clock, _))| {
        let status: scmi::protocol::clock::platform::ClockStatus = status;
        let parent = status.parent.and_then(|parent| clocks.get(parent));
        ClockState {
            id: id(position),
            name: clock.description.name.clone(),
            rate: Quantity::hertz(status.rate),
            changing_to: status.changing_to.map(Quantity::hertz),
            running: status.running,
            enabled_by: desk.names(status.enabled_by),
            parent: parent.map(|parent| parent.description.name.clone()),
            duty_cycle: status.duty_cycle,
            phase: status.phase,
        }
    };
    clocks.iter().zip(seen).enumerate().map(state).collect()
}
