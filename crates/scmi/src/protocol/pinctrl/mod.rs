//! Pin control protocol 0x19 (section 8.8): pins, groups of them, functions, settings, and who holds what.

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(feature = "agent")]
mod asking;
#[cfg(feature = "platform")]
pub mod platform;
mod table;
#[cfg(all(test, feature = "agent", feature = "platform"))]
mod tests;
pub mod wire;

use super::table::ProtocolInfo;
use crate::wire::{ProtocolId, Version};

/// Version 1.0, of release 3.2.
pub const V1: Version = Version::new(1, 0);

/// The protocol's table. It has no notifications.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::PINCTRL,
    name: "pinctrl",
    versions: &[V1],
    negotiable_from: V1,
    commands: table::COMMANDS,
    notifications: &[],
};
