//! The smallest hypervisor: at exception level 2 of QEMU's `virt`, it lets an unmodified Linux run at level 1, and answers
//! its SCMI driver over shared memory and a trapped `smc` (`arm,scmi-smc`), with the platform engine of the `scmi` crate.
//!
//! In the order of a start:
//!
//! 1. `boot` is what the processor does first; [`layout`] says which memory is whose.
//! 2. [`tree`] makes the guest's device tree of the machine's, [`stage2`] the tables of what it reaches.
//! 3. [`scmi`] is the platform with the guest's end of it, [`board`] what is behind.
//! 4. [`el2`] sets up what level 2 decides; [`guest`] lets the [`vcpu`] run until it calls or does what it may not, and
//!    [`calls`], [`psci`] and [`inject`] say what becomes of that.
//!
//! What is not here: more than one guest, more than one processor, devices of ours. The interrupt controller is the
//! guest's own, so no interrupt comes here, and time is the machine's.

#![no_std]
#![no_main]

extern crate alloc;

mod board;
mod boot;
mod calls;
mod el2;
mod failure;
mod guest;
mod heap;
mod inject;
mod kernel;
mod layout;
mod psci;
mod report;
mod scmi;
mod stage2;
mod tree;
mod vcpu;
mod vectors;

use scmi_guest::{Tree, power, println};

use crate::failure::Failure;
use crate::guest::{End, Guest};
use crate::scmi::Firmware;
use crate::stage2::Stage2;

// SAFETY: the boot code calls a function of this name and type, and nothing else has the name.
#[unsafe(no_mangle)]
extern "C" fn image_main(tree: *const u8) -> ! {
    if !el2::is_here() {
        power::off()
    }
    // SAFETY: the boot code calls this once, at level 2, with what QEMU says is its device tree.
    match unsafe { run(tree) } {
        Ok(End::Off) => power::off(),
        Ok(End::Restart) => power::restart(),
        Err(failure) => {
            println!("hypervisor: {failure}");
            power::off()
        }
    }
}

/// Runs the guest to its end.
///
/// # Safety
/// It is called once, at level 2, with the address of a device tree or of nothing that begins like one.
unsafe fn run(tree: *const u8) -> Result<End, Failure> {
    // SAFETY: the caller promises it; the guest, which may write there, does not run before it was read.
    let machine = unsafe { Tree::at(tree) }?;
    power::find(&machine);
    if !layout::image_fits() {
        return Err(Failure::Image);
    }
    let mut reach = Stage2::new();
    let tree = tree::for_guest(&machine.fdt(), &mut reach)?;
    // SAFETY: this is the only time, and there is no guest yet.
    let (kernel, tree) = unsafe { kernel::place(&tree) }?;
    // SAFETY: this is the only time.
    let firmware = unsafe { Firmware::new() }?;
    // SAFETY: level 2, as the caller promises. The tables are leaked, and have the guest's memory, the shared page and
    // devices that do nothing to memory.
    unsafe { el2::prepare(reach.leak()) };
    println!("hypervisor: the guest begins at {kernel:#x}, its device tree is at {tree:#x}");
    let mut guest = Guest::new(kernel, tree, firmware);
    // SAFETY: it was prepared just now.
    let end = unsafe { guest.run() };
    guest.report();
    Ok(end)
}
