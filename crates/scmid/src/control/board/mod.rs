//! The board and its state, as clients see it: each protocol's resources, by the board's own ids and names.

mod clocks;
mod domains;
mod pins;
mod power;
mod sensors;
mod system;

use scmi::platform::AgentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use clocks::ClockState;
pub use domains::{AgentCap, PowercapState, ResetState, VoltageState};
pub use pins::{PinSettingState, PinState};
pub use power::{AgentLimits, Levels, PerfState, PowerState};
pub use sensors::{SensorState, SensorValue, TripPoint};
pub use system::{PlatformState, SystemState};

pub(super) use sensors::one as sensor;
pub(super) use system::word;

use super::desk::Desk;

/// All that there is, as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct BoardState {
    /// What the platform says of itself.
    pub platform: PlatformState,
    /// The system that the agents are part of, where the board has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub system: Option<SystemState>,
    /// Its power domains.
    pub power_domains: Vec<PowerState>,
    /// Its performance domains.
    pub performance_domains: Vec<PerfState>,
    /// Its clocks.
    pub clocks: Vec<ClockState>,
    /// Its sensors.
    pub sensors: Vec<SensorState>,
    /// Its reset domains.
    pub reset_domains: Vec<ResetState>,
    /// Its voltage domains.
    pub voltage_domains: Vec<VoltageState>,
    /// Its power caps.
    pub power_caps: Vec<PowercapState>,
    /// Its pins.
    pub pins: Vec<PinState>,
    /// Its groups of pins.
    pub pin_groups: Vec<PinState>,
}

/// What an agent wants, in a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct AgentWord {
    /// The agent's name.
    pub agent: String,
    /// What it wants.
    pub wants: String,
}

/// Whether what takes time to find out, and changes all the time, is told too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Sensors are read and power is measured.
    All,
    /// Only what somebody has set.
    Nothing,
}

impl BoardState {
    /// The board as it is now. The platform's lock is held for a moment at a time, so not all of it is of one moment.
    pub(super) fn of(desk: &Desk, measure: Measure) -> Self {
        let (pins, pin_groups) = pins::states(desk);
        Self {
            platform: system::platform(desk),
            system: system::state(desk),
            power_domains: power::power_domains(desk),
            performance_domains: power::performance_domains(desk),
            clocks: clocks::states(desk),
            sensors: sensors::states(desk, measure),
            reset_domains: domains::resets(desk),
            voltage_domains: domains::voltages(desk),
            power_caps: domains::power_caps(desk, measure),
            pins,
            pin_groups,
        }
    }
}

fn words<T>(
    desk: &Desk,
    wants: impl IntoIterator<Item = (AgentId, T)>,
    word: impl Fn(T) -> String,
) -> Vec<AgentWord> {
    let of = |(agent, wants)| AgentWord { agent: desk.name(agent), wants: word(wants) };
    wants.into_iter().map(of).collect()
}

/// An id on the wire is as wide as this.
fn id(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
