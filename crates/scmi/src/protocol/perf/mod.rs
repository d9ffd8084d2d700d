//! Performance protocol 0x13 (section 8.2): performance levels and limits.
//!
//! A level is a number of the platform's own choice that rises with performance. From version 4.0 a domain can be in
//! level-indexing mode: commands and notifications name its levels by index then.

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
/// Version 2.0: fast channels.
pub const V2: Version = Version::new(2, 0);
/// Version 3.0: extended names, power costs in microwatts, limits that are left as they are.
pub const V3: Version = Version::new(3, 0);
/// Version 4.0, of release 3.2: longer level entries, level-indexing mode.
pub const V4: Version = Version::new(4, 0);

/// The protocol's table. Version 4.1 is not spoken: its messages are not public.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::PERF,
    name: "perf",
    versions: &[V1, V2, V3, V4],
    negotiable_from: V4,
    commands: table::COMMANDS,
    notifications: table::NOTIFICATIONS,
};
