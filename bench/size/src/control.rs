//! The same proof the other way round: an image that can panic, and so has what the other one must not have.

#![no_std]
#![no_main]

#[path = "../../../guest/src/memory.rs"]
mod memory;
mod panic;

use core::hint::black_box;

/// What the image without panics does not have, and is not linked with.
#[unsafe(no_mangle)]
extern "C" fn panic_machinery_is_linked() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// What is linked; never run.
#[unsafe(no_mangle)]
extern "C" fn _start() -> u8 {
    let bytes: &[u8] = black_box(&[]);
    bytes[black_box(1)]
}
