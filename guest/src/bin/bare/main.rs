//! A guest without an operating system that uses SCMI: finds every SCMI device that there is, over virtio-mmio and over PCI,
//! lists the platform behind it, sets a clock, watches a sensor, prints all that, and switches the machine off.

#![no_std]
#![no_main]

mod amount;
mod board;
mod failure;
mod session;

use scmi_guest::boot::registers;
use scmi_guest::{Function, Interrupts, Pci, Tree, VirtioPlace, entry, println};
use scmi_virtio::driver::{MmioTransport, PciTransport, ProbeError, Window};
use scmi_virtio::ids;

use failure::Failure;
use session::Session;

/// The vendor of all virtio devices.
const VIRTIO: u16 = 0x1AF4;

entry!(main);

fn main(tree: Tree) {
    match run(tree) {
        Ok(0) => println!("no SCMI device"),
        Ok(devices) => println!("done, SCMI devices: {devices}"),
        Err(failure) => println!("failed: {failure}"),
    }
}

/// Uses one device after the other; how many there were.
fn run(tree: Tree) -> Result<u32, Failure> {
    // SAFETY: the boot code calls `main` once, and `main` this.
    let interrupts = unsafe { Interrupts::of(&tree) }.ok_or(Failure::NoInterrupts)?;
    println!("interrupt controller: GIC version {}", interrupts.version());
    match tree.scmi() {
        Some(node) => println!("device tree: {node:?}"),
        None => println!("device tree: nothing of SCMI"),
    }
    let mut session = Session::new(tree.scmi(), interrupts);
    for place in tree.virtio() {
        mmio(&mut session, place)?;
    }
    pci(&mut session, tree)?;
    Ok(session.devices())
}

/// Uses the device at a place for virtio devices, if it is one of SCMI.
fn mmio(session: &mut Session, VirtioPlace { place, line }: VirtioPlace) -> Result<(), Failure> {
    // SAFETY: the tree names these registers of a virtio device; each place is visited once.
    let mapped = unsafe { registers(place.address, place.len) };
    let mapped = mapped.ok_or(Failure::Unmapped(place.address))?;
    match MmioTransport::new(mapped) {
        Ok(transport) => {
            println!("SCMI over virtio-mmio at {:#x}, interrupt {}", place.address, line.number);
            session.run(transport, line)
        }
        // Empty, or another device.
        Err(ProbeError::Device(_)) => Ok(()),
        Err(error) => {
            println!("virtio-mmio at {:#x}: {error}", place.address);
            Ok(())
        }
    }
}

/// Uses the SCMI devices on the PCI bus.
fn pci(session: &mut Session, tree: Tree) -> Result<(), Failure> {
    let Some(bridge) = tree.bridge() else { return Ok(()) };
    // SAFETY: the tree names this bridge, which is used here only; there is no firmware that gave places out.
    let mut pci = unsafe { Pci::new(bridge) };
    let mut result = Ok(());
    pci.find((VIRTIO, ids::PCI_DEVICE), |function| {
        if result.is_ok() {
            result =
                function.map_err(Failure::Pci).and_then(|function| over_pci(session, function));
        }
    });
    result
}

fn over_pci(session: &mut Session, mut function: Function) -> Result<(), Failure> {
    let line = function.line.ok_or(Failure::NoLine)?;
    println!(
        "SCMI over PCI at 00:{:02x}.{}, interrupt {}",
        function.device, function.number, line.number
    );
    let map = |window: Window| {
        // SAFETY: the window lies in the memory of this function, which was given its place and is used here only;
        // the capabilities of a function describe windows that do not overlap.
        unsafe { registers(window.address, window.len) }
    };
    let transport = PciTransport::new(&mut function.configuration, map).map_err(Failure::Probe)?;
    session.run(transport, line)
}
