//! PCI functions: found, and given a place. There is no firmware that did it.

use core::fmt;

use scmi_virtio::driver::{Mmio, PciFunction, Registers as _};

use crate::boot::registers;
use crate::tree::{Bridge, Line, Place};

/// Bytes of a function's configuration space.
const CONFIGURATION: u64 = 4096;
/// Where configuration space has the pin of the interrupt, and whether there is more than one function.
const PIN: usize = 0x3D;
const HEADER_TYPE: usize = 0x0E;
const MULTIPLE: u8 = 0x80;

/// The first bus of a bridge. What is behind other bridges is not looked for.
#[derive(Debug)]
pub struct Pci {
    bridge: Bridge,
    /// From where on the window is free.
    free: u64,
}

/// A function in its place.
#[derive(Debug)]
pub struct Function {
    /// Which device of the bus.
    pub device: u8,
    /// Which function of the device.
    pub number: u8,
    /// Its configuration space.
    pub configuration: PciFunction<Mmio>,
    /// Its interrupt, if it has one.
    pub line: Option<Line>,
}

/// Why a function has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PciError {
    /// The bridge has not so many bytes left.
    Window {
        /// Bytes that are needed.
        needed: u64,
    },
    /// A base address register did not take its address.
    Bar(u8),
}

impl Pci {
    /// The bus of a bridge.
    ///
    /// # Safety
    /// The machine has this bridge, nobody else uses it, and no function of it has a place yet.
    pub const unsafe fn new(bridge: Bridge) -> Self {
        Self { free: bridge.window.address, bridge }
    }

    /// Gives the functions with that vendor and device their places, and hands them over.
    pub fn find(&mut self, identity: (u16, u16), mut each: impl FnMut(Result<Function, PciError>)) {
        for device in 0..32 {
            let mut functions = 1;
            for number in 0..8 {
                if number >= functions {
                    break;
                }
                let Some(mut configuration) = self.configuration(device, number) else { break };
                if number == 0 && configuration.configuration().read8(HEADER_TYPE) & MULTIPLE != 0 {
                    functions = 8;
                }
                if configuration.identity() != identity {
                    continue;
                }
                each(self.place(&mut configuration).map(|()| {
                    let pin = configuration.configuration().read8(PIN);
                    let line = self.bridge.interrupt(device, number, pin);
                    Function { device, number, configuration, line }
                }));
            }
        }
    }

    /// The configuration space of a function, which need not be there.
    fn configuration(&self, device: u8, function: u8) -> Option<PciFunction<Mmio>> {
        let offset = u64::from(device) << 15 | u64::from(function) << 12;
        let Place { address, len } = self.bridge.configuration;
        if offset.checked_add(CONFIGURATION)? > len {
            return None;
        }
        // SAFETY: the bridge answers there, and it is ours alone by the promise of `new`'s caller; each function's
        // space is made accessible by `find` only, and an earlier one of it is used no more when `find` is
        // called again for other functions. A function accesses no memory before it is enabled.
        Some(PciFunction::new(unsafe { registers(address.checked_add(offset)?, CONFIGURATION) }?))
    }

    /// Gives all memory of a function its addresses, and enables it.
    fn place(&mut self, function: &mut PciFunction<Mmio>) -> Result<(), PciError> {
        for index in 0..6 {
            let Some(bar) = function.bar(index) else { continue };
            let window = self.bridge.window;
            let end = window.address.saturating_add(window.len);
            let address = self.free.checked_next_multiple_of(bar.size);
            let place = address.and_then(|address| Some((address, address.checked_add(bar.size)?)));
            let Some((address, next)) = place.filter(|(_, next)| *next <= end) else {
                return Err(PciError::Window { needed: bar.size });
            };
            if !function.place_bar(index, address) {
                return Err(PciError::Bar(index));
            }
            self.free = next;
        }
        function.enable();
        Ok(())
    }
}

impl fmt::Display for PciError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window { needed } => write!(f, "no {needed} bytes are left of the bus's memory"),
            Self::Bar(index) => write!(f, "base address register {index} did not take its address"),
        }
    }
}

impl core::error::Error for PciError {}
