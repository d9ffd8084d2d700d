//! Sensor protocol 0x15 (section 8.6): descriptions, readings, trip points, continuous updates.

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(feature = "agent")]
mod asking;
mod kind;
#[cfg(feature = "platform")]
pub mod platform;
mod table;
#[cfg(all(test, feature = "agent", feature = "platform"))]
pub(crate) mod tests;
pub mod wire;

pub use kind::SensorType;

use super::table::ProtocolInfo;
use crate::wire::{ProtocolId, Version};

/// Version 1.0: the update interval sits in the descriptor, readings have no timestamp.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0: axes, intervals, configuration, continuous updates.
pub const V2: Version = Version::new(2, 0);
/// Version 3.0: extended names.
pub const V3: Version = Version::new(3, 0);
/// Version 3.1, of release 3.2.
pub const V3_1: Version = Version::new(3, 1);

/// The protocol's table.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::SENSOR,
    name: "sensor",
    versions: &[V1, V2, V3, V3_1],
    negotiable_from: V3_1,
    commands: table::COMMANDS,
    notifications: table::NOTIFICATIONS,
};
