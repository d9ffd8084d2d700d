//! The proof that nothing panics: who would panic, needs a function that nobody has, and is not linked.

use core::panic::PanicInfo;

unsafe extern "C" {
    safe fn panic_machinery_is_linked() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    panic_machinery_is_linked()
}
