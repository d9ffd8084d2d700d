//! What was served, in words.

use scmi::protocol;
use scmi_guest::println;

use crate::calls::Calls;
use crate::heap;
use crate::scmi::Firmware;

/// Prints what the guest called, what became of it, and how often it was kept from what is not its.
pub(crate) fn print(calls: &Calls, kept_off: u64, firmware: &Firmware) {
    println!(
        "hypervisor: calls: {} SCMI, {} PSCI, {} unknown",
        calls.scmi, calls.psci, calls.unknown
    );
    println!("hypervisor: accesses kept off: {kept_off}");
    let (taken, of) = heap::taken();
    println!("hypervisor: memory: {taken} of {of} bytes");
    let guest = firmware.guest();
    println!("hypervisor: area: {:?}", guest.counters());
    let Some(counters) = firmware.platform().counters(guest.agent()) else { return };
    println!(
        "hypervisor: commands: {}, answered {}, of these {} refused and {} late",
        counters.commands, counters.answered, counters.refused, counters.late
    );
    for count in counters.messages() {
        let Some(info) = protocol::find(count.protocol) else { continue };
        let name = info.command(count.message).map_or("?", |message| message.name);
        println!(
            "hypervisor: {} {name}: {}, refused {}",
            info.name, count.succeeded, count.refused
        );
    }
}
