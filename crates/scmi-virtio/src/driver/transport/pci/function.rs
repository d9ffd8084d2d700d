//! A PCI function's configuration space.

use crate::driver::registers::{Registers, get32, halves, put32};

const COMMAND: usize = 0x04;
const STATUS: usize = 0x06;
const FIRST_BAR: usize = 0x10;
const CAPABILITIES: usize = 0x34;

/// Command bits: memory accesses are answered, and the device may access memory.
const MEMORY_AND_MASTER: u16 = 0b110;
/// Command bit: interrupt lines are not driven.
const LINES_OFF: u16 = 1 << 10;
/// Status bit: there is a list of capabilities.
const HAS_CAPABILITIES: u16 = 1 << 4;

/// The list lies in 192 bytes of which each entry takes at least four, so a longer one is a loop.
pub(super) const MOST_CAPABILITIES: usize = 48;

/// Configuration space is as long as one of these bars is far.
const BARS: u8 = 6;

/// A PCI function, by its configuration space: 256 or 4096 bytes of ECAM, or whatever reads like it.
#[derive(Debug)]
pub struct PciFunction<R> {
    configuration: R,
}

/// A base address register for memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Where it is; 0 if nobody decided yet.
    pub address: u64,
    /// Bytes of it: a power of two.
    pub size: u64,
    /// Whether it can be anywhere in 64 bits, and takes two registers.
    pub wide: bool,
}

impl<R: Registers> PciFunction<R> {
    /// The function with this configuration space.
    pub const fn new(configuration: R) -> Self {
        Self { configuration }
    }

    /// Its vendor and device; 0xFFFF twice if there is none.
    pub fn identity(&self) -> (u16, u16) {
        (self.configuration.read16(0), self.configuration.read16(2))
    }

    /// Measures base address register `index`; none if it is not there, not for memory, or the upper half of the
    /// one before. The function answers no memory accesses meanwhile.
    pub fn bar(&mut self, index: u8) -> Option<Bar> {
        let at = bar_register(index)?;
        let low = get32(&self.configuration, at);
        if low & 1 != 0 || self.is_upper_half(index) {
            return None;
        }
        let wide = is_wide(low);
        let upper = bar_register(index.saturating_add(1)).filter(|_| wide);
        let command = self.configuration.read16(COMMAND);
        self.configuration.write16(COMMAND, command & !MEMORY_AND_MASTER);
        let low_mask = self.probe(at, low) & !0xF;
        let (mut high, mut high_mask) = (0, u32::MAX);
        if let Some(at) = upper {
            high = get32(&self.configuration, at);
            high_mask = self.probe(at, high);
        }
        self.configuration.write16(COMMAND, command);
        let join = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
        // A register that is not there has no bit that can be set; then there is no power of two.
        let high_mask = if low_mask == 0 && !wide { 0 } else { high_mask };
        let size = join(low_mask, high_mask).wrapping_neg();
        size.is_power_of_two().then_some(Bar { address: join(low & !0xF, high), size, wide })
    }

    /// Whether a base address register is the second one of a wide one.
    fn is_upper_half(&self, index: u8) -> bool {
        let mut at = 0;
        while at < index {
            let wide = bar_register(at).is_some_and(|at| is_wide(get32(&self.configuration, at)));
            at = at.saturating_add(if wide { 2 } else { 1 });
        }
        at != index
    }

    /// Which bits of a register can be set; it is left as it was.
    fn probe(&mut self, at: usize, was: u32) -> u32 {
        put32(&mut self.configuration, at, u32::MAX);
        let mask = get32(&self.configuration, at);
        put32(&mut self.configuration, at, was);
        mask
    }

    /// Puts base address register `index` at `address`, a multiple of its size. Machines without firmware leave
    /// that to their operating system. Whether it is there now.
    pub fn place_bar(&mut self, index: u8, address: u64) -> bool {
        let Some(bar) = self.bar(index) else { return false };
        let Some(at) = bar_register(index) else { return false };
        let [low, high] = halves(address);
        if address & bar.size.wrapping_sub(1) != 0 || high != 0 && !bar.wide {
            return false;
        }
        put32(&mut self.configuration, at, low);
        if let Some(at) = bar_register(index.saturating_add(1)).filter(|_| bar.wide) {
            put32(&mut self.configuration, at, high);
        }
        self.bar(index).is_some_and(|bar| bar.address == address)
    }

    /// Lets the function answer memory accesses, access memory, and drive its interrupt line.
    pub fn enable(&mut self) {
        let command = self.configuration.read16(COMMAND);
        self.configuration.write16(COMMAND, command & !LINES_OFF | MEMORY_AND_MASTER);
    }

    /// Its configuration space.
    pub const fn configuration(&mut self) -> &mut R {
        &mut self.configuration
    }

    /// Where the first capability is, if there is one.
    pub(super) fn first_capability(&self) -> Option<usize> {
        let there = self.configuration.read16(STATUS) & HAS_CAPABILITIES != 0;
        if there { capability(self.configuration.read8(CAPABILITIES)) } else { None }
    }
}

/// Where the capability is that a register names.
pub(super) fn capability(named: u8) -> Option<usize> {
    let at = usize::from(named & !3);
    (at >= 0x40).then_some(at)
}

/// Whether a base address register is one for memory anywhere in 64 bits.
const fn is_wide(low: u32) -> bool {
    low & 0b111 == 0b100
}

fn bar_register(index: u8) -> Option<usize> {
    let behind = usize::from(index).checked_mul(4)?;
    (index < BARS).then(|| FIRST_BAR.saturating_add(behind))
}
