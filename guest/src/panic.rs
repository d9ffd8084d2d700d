//! Panics: told, and the end of everything.

use core::panic::PanicInfo;

use crate::{power, println};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    println!("{info}");
    power::off()
}
