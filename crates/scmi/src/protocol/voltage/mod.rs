//! Voltage domain protocol 0x17 (section 8.5): levels, and modes such as on and off.

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(feature = "platform")]
pub mod platform;
mod table;
#[cfg(all(test, feature = "agent", feature = "platform"))]
mod tests;
pub mod wire;

use super::table::ProtocolInfo;
use crate::wire::{ProtocolId, Version};

/// Version 1.0, of release 3.0.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0: asynchronous level changes, extended names.
pub const V2: Version = Version::new(2, 0);
/// Version 2.1, of release 3.2.
pub const V2_1: Version = Version::new(2, 1);

/// The protocol's table. It has no notifications.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::VOLTAGE,
    name: "voltage",
    versions: &[V1, V2, V2_1],
    negotiable_from: V2_1,
    commands: table::COMMANDS,
    notifications: &[],
};
