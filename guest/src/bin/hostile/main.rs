//! A guest that does to its hypervisor what it should not: calls that there are not, an area full of nonsense, memory that
//! is not its. It asks a right question before and after, and prints what became of each.
//!
//! It runs where the hypervisor expects a kernel, and ends with an exception, as its last deed is what kills a program.

#![no_std]
#![no_main]

mod area;
mod calls;
mod deeds;
mod registers;

use scmi_guest::{Tree, entry, println};

entry!(main);

fn main(tree: Tree) {
    // SAFETY: the boot code calls `main` once, and there is no other program.
    let Some(area) = (unsafe { area::Shared::of(&tree) }) else {
        println!("no SCMI over SMC here");
        return;
    };
    println!("area at {:#x}, function {:#x}", area.address, area.function);
    deeds::ask(&area);
    deeds::call_what_is_not_there(&area);
    deeds::ring_for_nothing(&area);
    deeds::look_at_registers(&area);
    deeds::lie_about_lengths(&area);
    deeds::ask_nonsense(&area);
    deeds::fill_with_garbage(&area);
    deeds::ask(&area);
    deeds::read_what_is_not_ours();
}
