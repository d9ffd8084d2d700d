//! Power domain protocol 0x11 (section 7): domains that are switched on and off.
//!
//! There are no delayed responses: a state is set synchronously, or its completion is told by POWER_STATE_CHANGED.

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

/// Version 1.0.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0: notifications of requests that others stand in the way of.
pub const V2: Version = Version::new(2, 0);
/// Version 2.1: a domain says whether it has them. Platforms of that time disagree on how this version is encoded, so
/// ours does not report it; an agent takes all from here to 3.0 for it (section 3.1).
pub const V2_1: Version = Version::new(2, 1);
/// Version 3.0: extended names.
pub const V3: Version = Version::new(3, 0);
/// Version 3.1, of release 3.2.
pub const V3_1: Version = Version::new(3, 1);

/// The protocol's table.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::POWER,
    name: "power",
    versions: &[V1, V2, V3, V3_1],
    negotiable_from: V3_1,
    commands: table::COMMANDS,
    notifications: table::NOTIFICATIONS,
};
