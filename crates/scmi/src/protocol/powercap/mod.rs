//! Powercap protocol 0x18 (section 8.9): a tree of power domains that are measured and kept below a cap.
//!
//! Version 3.0 is beta and not spoken.

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

/// Version 1.0: capping is always on.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0, of release 3.2: a cap of 0 switches capping off.
pub const V2: Version = Version::new(2, 0);

/// The protocol's table.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::POWERCAP,
    name: "powercap",
    versions: &[V1, V2],
    negotiable_from: V2,
    commands: table::COMMANDS,
    notifications: table::NOTIFICATIONS,
};
