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

use core::hint::black_box;

/// What is linked; never run.
#[unsafe(no_mangle)]
extern "C" fn _start() {
    black_box(&calls::BASE);
    black_box(&calls::CLOCK);
    black_box(&calls::RESET);
    black_box(&calls::POWER);
    black_box(&calls::BELOW);
}
