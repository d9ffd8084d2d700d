//! A sensor of a board, checked.

use core::time::Duration;

use scmi::protocol::sensor::platform;

use crate::source::Source;

/// A sensor. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sensor {
    /// What agents are told of it.
    pub description: platform::Sensor,
    /// Where its values come from: one source for a scalar, one an axis otherwise.
    pub sources: Vec<Source>,
    /// The thermal zone that a device tree should make of it.
    pub thermal_zone: Option<ThermalZone>,
}

impl Sensor {
    /// Its name, unique on the board.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.description.name
    }
}

/// A thermal zone for the device tree of a guest that runs Linux.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThermalZone {
    /// The name of its node, unique on the board: a letter, then letters, digits and dashes; at most 19.
    pub name: String,
    /// How often Linux reads the sensor.
    pub polling: Duration,
    /// What happens at which temperature; at least one.
    pub trips: Vec<Trip>,
}

/// A trip of a thermal zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trip {
    /// The temperature, in millidegrees Celsius.
    pub temperature: i32,
    /// How far it must fall below the temperature to end the trip, in millidegrees.
    pub hysteresis: u32,
    /// What Linux does.
    pub action: TripAction,
}

/// What Linux does at a trip of a thermal zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripAction {
    /// Slows down.
    Passive,
    /// Cools.
    Active,
    /// Tells drivers.
    Hot,
    /// Powers off.
    Critical,
}

impl TripAction {
    /// The word for it in a board file and in a device tree.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passive => "passive",
            Self::Active => "active",
            Self::Hot => "hot",
            Self::Critical => "critical",
        }
    }
}
