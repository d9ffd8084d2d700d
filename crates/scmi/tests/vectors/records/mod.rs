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

use crate::entry::Entry;

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
