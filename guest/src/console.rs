//! A serial port (PL011) to print to. Its speed and format are as QEMU has them.

use core::fmt::{self, Write};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicUsize, Ordering};

use scmi_virtio::driver::{Mmio, Registers as _};

use crate::boot::registers;
use crate::tree::{Place, Tree};

/// The data register; bytes of it go out.
const DATA: usize = 0x00;
const FLAGS: usize = 0x18;
/// Flag: no byte can be taken now.
const FULL: u32 = 1 << 5;
/// Bytes of registers that are used.
const LEN: usize = 0x1C;

/// Where it is. Until the tree was read, where `virt` has always had it: an exception can come earlier, and that place is
/// mapped from the start, at each exception level.
static PORT: AtomicUsize = AtomicUsize::new(0x0900_0000);

/// Prints a line.
#[macro_export]
macro_rules! println {
    ($($arguments:tt)*) => { $crate::console::line(format_args!($($arguments)*)) };
}

/// Takes the port that the tree names.
pub(crate) fn find(tree: &Tree) {
    let Some(Place { address, len }) = tree.console() else { return };
    // SAFETY: the tree names a PL011 there. It is mapped here and used in `write_str` only.
    let mapped = unsafe { registers(address, len) };
    if mapped.is_some_and(|port| port.len() >= LEN)
        && let Ok(address) = usize::try_from(address)
    {
        PORT.store(address, Ordering::Relaxed);
    }
}

/// What [`println!`] calls.
pub fn line(arguments: fmt::Arguments<'_>) {
    // The port takes all that it is given.
    let _ = Port.write_fmt(arguments);
    let _ = Port.write_str("\n");
}

struct Port;

impl Write for Port {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let address = ptr::with_exposed_provenance_mut(PORT.load(Ordering::Relaxed));
        let Some(base) = NonNull::new(address) else { return Err(fmt::Error) };
        // SAFETY: there is a PL011, and it is mapped: `PORT` says why. Nobody but this function uses it, and that one
        // byte at a time on the only processor, so also a line within another one does no harm.
        let mut port = unsafe { Mmio::new(base, LEN) };
        for byte in text.bytes() {
            while port.read32(FLAGS) & FULL != 0 {}
            port.write32(DATA, byte.into());
        }
        Ok(())
    }
}
