//! Every SCMI device of a machine, one after the other.

use scmi_virtio::driver::{MmioTransport, PciTransport, ProbeError, Transport, Window};
use scmi_virtio::ids;

use crate::boot::registers;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::pci::{Function, Pci};
use crate::println;
use crate::session::Session;
use crate::tree::{Line, Tree, VirtioPlace};

/// The vendor of all virtio devices.
const VIRTIO: u16 = 0x1AF4;

/// What is done with a device.
pub trait Program {
    /// Uses a device that was found: [`Session::start`] starts it.
    ///
    /// # Errors
    /// What ends the whole program.
    fn device<T: Transport>(
        &mut self,
        session: &mut Session,
        transport: T,
        line: Line,
    ) -> Result<(), Failure>;
}

/// Finds the SCMI devices, over virtio-mmio and over PCI, has the program use each, and prints how that went.
///
/// # Safety
/// It is called once, with this machine's tree, and nobody else uses the machine's devices.
pub unsafe fn run(tree: Tree, program: &mut impl Program) {
    // SAFETY: the caller promises the same.
    match unsafe { visit(tree, program) } {
        Ok(0) => println!("no SCMI device"),
        Ok(devices) => println!("done, SCMI devices: {devices}"),
        Err(failure) => println!("failed: {failure}"),
    }
}

/// Uses one device after the other; how many there were.
///
/// # Safety
/// As for [`run`].
unsafe fn visit(tree: Tree, program: &mut impl Program) -> Result<u32, Failure> {
    // SAFETY: the caller promises the same.
    let interrupts = unsafe { Interrupts::of(&tree) }.ok_or(Failure::NoInterrupts)?;
    println!("interrupt controller: GIC version {}", interrupts.version());
    match tree.scmi() {
        Some(node) => println!("device tree: {node:?}"),
        None => println!("device tree: nothing of SCMI"),
    }
    let mut session = Session::new(tree.scmi(), interrupts);
    for place in tree.virtio() {
        mmio(program, &mut session, place)?;
    }
    pci(program, &mut session, tree)?;
    Ok(session.devices())
}

/// Uses the device at a place for virtio devices, if it is one of SCMI.
fn mmio(
    program: &mut impl Program,
    session: &mut Session,
    VirtioPlace { place, line }: VirtioPlace,
) -> Result<(), Failure> {
    // SAFETY: the tree names these registers of a virtio device; each place is visited once.
    let mapped = unsafe { registers(place.address, place.len) };
    let mapped = mapped.ok_or(Failure::Unmapped(place.address))?;
    match MmioTransport::new(mapped) {
        Ok(transport) => {
            println!("SCMI over virtio-mmio at {:#x}, interrupt {}", place.address, line.number);
            use_it(program, session, transport, line)
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
fn pci(program: &mut impl Program, session: &mut Session, tree: Tree) -> Result<(), Failure> {
    let Some(bridge) = tree.bridge() else { return Ok(()) };
    // SAFETY: the tree names this bridge, which is used here only; there is no firmware that gave places out.
    let mut pci = unsafe { Pci::new(bridge) };
    let mut result = Ok(());
    pci.find((VIRTIO, ids::PCI_DEVICE), |function| {
        if result.is_ok() {
            result = function
                .map_err(Failure::Pci)
                .and_then(|function| over_pci(program, session, function));
        }
    });
    result
}

fn over_pci(
    program: &mut impl Program,
    session: &mut Session,
    mut function: Function,
) -> Result<(), Failure> {
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
    use_it(program, session, transport, line)
}

/// Has the program use a device, and tells how often it was woken.
fn use_it(
    program: &mut impl Program,
    session: &mut Session,
    transport: impl Transport,
    line: Line,
) -> Result<(), Failure> {
    let before = session.taken();
    program.device(session, transport, line)?;
    let after = session.taken();
    println!(
        "interrupts: {} of the device, {} of the timer, {} others",
        after.device.wrapping_sub(before.device),
        after.timer.wrapping_sub(before.timer),
        after.other.wrapping_sub(before.other),
    );
    Ok(())
}
