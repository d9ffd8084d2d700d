//! Reset domain protocol 0x16 (section 8.4): cycles, and lines that are held and let go.

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(feature = "platform")]
pub mod platform;
mod table;
#[cfg(all(test, feature = "agent", feature = "platform"))]
mod tests;
pub mod wire;

use super::table::ProtocolInfo;
#[cfg(any(feature = "agent", feature = "platform"))]
use crate::wire::MessageId;
use crate::wire::{ProtocolId, Version};

/// Version 1.0, of release 2.0.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0, of release 3.0; nothing on the wire changed with it.
pub const V2: Version = Version::new(2, 0);
/// Version 3.0: extended names.
pub const V3: Version = Version::new(3, 0);
/// Version 3.1, of release 3.2.
pub const V3_1: Version = Version::new(3, 1);

/// The protocol's table.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::RESET,
    name: "reset",
    versions: &[V1, V2, V3, V3_1],
    negotiable_from: V3_1,
    commands: table::COMMANDS,
    notifications: table::NOTIFICATIONS,
};

/// The notification's id.
#[cfg(any(feature = "agent", feature = "platform"))]
const RESET_ISSUED: MessageId = MessageId(0);
