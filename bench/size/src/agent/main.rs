//! The asking end: agent, driver with both of its bindings, and the clients of Base, Clock, Reset and Power domain.

#![no_std]
#![no_main]

mod calls;
#[path = "../../../../guest/src/memory.rs"]
mod memory;
#[path = "../panic.rs"]
mod panic;
#[path = "../table.rs"]
mod table;

/// What is linked; never run.
#[unsafe(no_mangle)]
extern "C" fn _start() {
    table::reach();
}
