//! Clock protocol 0x14 (section 8.3): rates, gates, parents, duty cycle and phase.

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(feature = "platform")]
pub mod platform;
mod table;
#[cfg(all(test, feature = "agent", feature = "platform"))]
pub(crate) mod tests;
pub mod wire;

use super::table::ProtocolInfo;
#[cfg(any(feature = "agent", feature = "platform"))]
use crate::wire::MessageId;
use crate::wire::{ProtocolId, Version};

/// Version 1.0: attributes without the enable delay, CONFIG_SET of two words.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0: the enable delay, extended names, notifications.
pub const V2: Version = Version::new(2, 0);
/// Version 3.0, of release 3.2: CONFIG_SET of three words, parents, permissions.
pub const V3: Version = Version::new(3, 0);

/// The protocol's table.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::CLOCK,
    name: "clock",
    versions: &[V1, V2, V3],
    negotiable_from: V3,
    commands: table::COMMANDS,
    notifications: table::NOTIFICATIONS,
};

/// The notifications' ids.
#[cfg(any(feature = "agent", feature = "platform"))]
const RATE_CHANGED: MessageId = MessageId(0);
#[cfg(any(feature = "agent", feature = "platform"))]
const RATE_CHANGE_REQUESTED: MessageId = MessageId(1);
