//! System power protocol 0x12 (section 8.1): the whole system is shut down, reset or suspended.

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

/// Version 1.0: notifications have no timeout.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0: they have one.
pub const V2: Version = Version::new(2, 0);
/// Version 2.1, of release 3.2.
pub const V2_1: Version = Version::new(2, 1);

/// The protocol's table.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::SYSTEM,
    name: "system",
    versions: &[V1, V2, V2_1],
    negotiable_from: V2_1,
    commands: table::COMMANDS,
    notifications: table::NOTIFICATIONS,
};
