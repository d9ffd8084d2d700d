//! The records of each protocol, and which name in the text each of their fields has.

mod base;
mod clock;
mod perf;
mod pinctrl;
mod power;
mod powercap;
mod reset;
mod sensor;
mod system;
mod voltage;

use scmi::wire::{ProtocolId, Version};

use crate::entry::Entry;
use crate::text::Vector;
use crate::words::Says;

/// All entries of all protocols.
pub(crate) fn all() -> Vec<Entry> {
    let protocols = [
        base::entries(),
        power::entries(),
        system::entries(),
        perf::entries(),
        clock::entries(),
        sensor::entries(),
        reset::entries(),
        voltage::entries(),
        powercap::entries(),
        pinctrl::entries(),
    ];
    protocols.into_iter().flatten().collect()
}

/// What the type of a word of bits says, where there is one.
pub(crate) fn words(vector: &Vector, field: &str, version: Version) -> Option<Says> {
    let message = vector.name;
    match vector.info.id {
        ProtocolId::POWER => power::words(message, field),
        ProtocolId::SYSTEM => system::words(message, field),
        ProtocolId::PERF => perf::words(message, field),
        ProtocolId::CLOCK => clock::words(message, field, version),
        ProtocolId::SENSOR => sensor::words(message, field, version),
        ProtocolId::RESET => reset::words(message, field),
        ProtocolId::VOLTAGE => voltage::words(message, field, version),
        ProtocolId::POWERCAP => powercap::words(message, field),
        ProtocolId::PINCTRL => pinctrl::words(message, field, vector.kind),
        _ => None,
    }
}
