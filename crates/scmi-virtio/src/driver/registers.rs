//! Registers of a device, and the only way to touch real ones.
#![expect(unsafe_code, reason = "registers are reached through pointers")]

use core::ptr::NonNull;

/// A window onto registers, by offset. Values are little-endian on the bus and native here.
///
/// Nothing outside the window exists: reads there give all ones, as a bus without a device does, and writes have no
/// effect. Offsets are multiples of the access's size; others are treated as outside.
pub trait Registers {
    /// Bytes of the window.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads 8 bits.
    fn read8(&self, at: usize) -> u8;
    /// Reads 16 bits.
    fn read16(&self, at: usize) -> u16;
    /// Reads 32 bits.
    fn read32(&self, at: usize) -> u32;
    /// Writes 8 bits.
    fn write8(&mut self, at: usize, value: u8);
    /// Writes 16 bits.
    fn write16(&mut self, at: usize, value: u16);
    /// Writes 32 bits.
    fn write32(&mut self, at: usize, value: u32);
}

/// The lower and the upper half.
pub(super) const fn halves(value: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}

// Where it is not known where in the window a register lies, it is looked for once: firmware is small.

/// Reads 32 bits.
#[inline(never)]
pub(super) fn get32(registers: &impl Registers, at: usize) -> u32 {
    registers.read32(at)
}

/// Writes 32 bits.
#[inline(never)]
pub(super) fn put32(registers: &mut impl Registers, at: usize, value: u32) {
    registers.write32(at, value);
}

/// Reads features, half by half, selected by the register before.
pub(super) fn read_features(registers: &mut impl Registers, select: usize, at: usize) -> u64 {
    put32(registers, select, 0);
    let low = get32(registers, at);
    put32(registers, select, 1);
    u64::from(get32(registers, at)) << 32 | u64::from(low)
}

/// Writes features, as [`read_features`] reads them.
pub(super) fn write_features(
    registers: &mut impl Registers,
    select: usize,
    at: usize,
    features: u64,
) {
    let [low, high] = halves(features);
    put32(registers, select, 0);
    put32(registers, at, low);
    put32(registers, select, 1);
    put32(registers, at, high);
}

/// Writes an address in two halves, the lower one first.
#[inline(never)]
pub(super) fn write64(registers: &mut impl Registers, at: usize, value: u64) {
    let [low, high] = halves(value);
    put32(registers, at, low);
    put32(registers, at.saturating_add(4), high);
}

/// Registers in the driver's address space.
#[derive(Debug)]
pub struct Mmio {
    base: NonNull<u8>,
    len: usize,
}

impl Mmio {
    /// The `len` bytes of registers at `base`.
    ///
    /// # Safety
    /// `base` is aligned to 4, and `len` bytes of a device's registers are mapped there for the rest of
    /// the program, as device memory: accesses are neither cached, merged nor reordered. Nobody else uses them, and
    /// accessing them does nothing to memory but what virtio says.
    pub const unsafe fn new(base: NonNull<u8>, len: usize) -> Self {
        Self { base, len }
    }

    /// A pointer to `SIZE` bytes at `at` that are within the window and aligned to their size.
    fn at<const SIZE: usize>(&self, at: usize) -> Option<NonNull<u8>> {
        let inside = at.checked_add(SIZE).is_some_and(|end| end <= self.len);
        if !inside || !at.is_multiple_of(SIZE) {
            return None;
        }
        // SAFETY: the offset was just seen to lie within the `len` bytes that `new`'s caller promised.
        Some(unsafe { self.base.add(at) })
    }
}

impl Registers for Mmio {
    fn len(&self) -> usize {
        self.len
    }

    fn read8(&self, at: usize) -> u8 {
        let Some(pointer) = self.at::<1>(at) else { return u8::MAX };
        // SAFETY: a register of one byte, mapped by the promise of `new`'s caller.
        unsafe { access::read8(pointer.as_ptr()) }
    }

    fn read16(&self, at: usize) -> u16 {
        let Some(pointer) = self.at::<2>(at) else { return u16::MAX };
        // SAFETY: a register of two bytes, mapped by the promise of `new`'s caller; aligned, as the base is
        // and `at` saw the offset to be.
        u16::from_le(unsafe { access::read16(pointer.cast().as_ptr()) })
    }

    fn read32(&self, at: usize) -> u32 {
        let Some(pointer) = self.at::<4>(at) else { return u32::MAX };
        // SAFETY: as in `read16`, for four bytes.
        u32::from_le(unsafe { access::read32(pointer.cast().as_ptr()) })
    }

    fn write8(&mut self, at: usize, value: u8) {
        let Some(pointer) = self.at::<1>(at) else { return };
        // SAFETY: as in `read8`; the caller promised that the writes do to memory what virtio says only, and
        // the driver hands out no address but those of its `Dma`.
        unsafe { access::write8(pointer.as_ptr(), value) }
    }

    fn write16(&mut self, at: usize, value: u16) {
        let Some(pointer) = self.at::<2>(at) else { return };
        // SAFETY: as in `write8`, for two bytes; aligned as in `read16`.
        unsafe { access::write16(pointer.cast().as_ptr(), value.to_le()) }
    }

    fn write32(&mut self, at: usize, value: u32) {
        let Some(pointer) = self.at::<4>(at) else { return };
        // SAFETY: as in `write8`, for four bytes; aligned as in `read16`.
        unsafe { access::write32(pointer.cast().as_ptr(), value.to_le()) }
    }
}

// SAFETY: registers belong to no thread, and `new`'s caller promised that nobody else uses these.
unsafe impl Send for Mmio {}

/// One access, one instruction.
#[cfg(not(target_arch = "aarch64"))]
mod access {
    macro_rules! volatile {
        ($read:ident, $write:ident, $value:ty) => {
            /// # Safety
            /// As for [`core::ptr::read_volatile`].
            pub(super) unsafe fn $read(pointer: *const $value) -> $value {
                // SAFETY: the caller promises it.
                unsafe { pointer.read_volatile() }
            }

            /// # Safety
            /// As for [`core::ptr::write_volatile`].
            pub(super) unsafe fn $write(pointer: *mut $value, value: $value) {
                // SAFETY: the caller promises it.
                unsafe { pointer.write_volatile(value) }
            }
        };
    }

    volatile!(read8, write8, u8);
    volatile!(read16, write16, u16);
    volatile!(read32, write32, u32);
}

/// One access, one plain load or store. A compiler may make volatile accesses of instructions that also move
/// their base register; a hypervisor is not told by the processor what such a one wanted, and cannot emulate it.
#[cfg(target_arch = "aarch64")]
mod access {
    use core::arch::asm;

    macro_rules! plain {
        ($read:ident, $write:ident, $value:ty, $load:literal, $store:literal) => {
            /// # Safety
            /// As for [`core::ptr::read_volatile`].
            pub(super) unsafe fn $read(pointer: *const $value) -> $value {
                let value: $value;
                // SAFETY: one load from an address that the caller promises to be readable. No `readonly`
                // or `pure`: a register may change by being read.
                unsafe {
                    asm!($load, value = out(reg) value, pointer = in(reg) pointer,
                        options(nostack, preserves_flags));
                }
                value
            }

            /// # Safety
            /// As for [`core::ptr::write_volatile`].
            pub(super) unsafe fn $write(pointer: *mut $value, value: $value) {
                // SAFETY: one store to an address that the caller promises to be writable. It counts as access
                // to memory, so that nothing is moved across it.
                unsafe {
                    asm!($store, value = in(reg) value, pointer = in(reg) pointer,
                        options(nostack, preserves_flags));
                }
            }
        };
    }

    plain!(read8, write8, u8, "ldrb {value:w}, [{pointer}]", "strb {value:w}, [{pointer}]");
    plain!(read16, write16, u16, "ldrh {value:w}, [{pointer}]", "strh {value:w}, [{pointer}]");
    plain!(read32, write32, u32, "ldr {value:w}, [{pointer}]", "str {value:w}, [{pointer}]");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Dma;
    use crate::driver::testing::Heap;

    #[test]
    fn accesses_outside_give_all_ones_and_do_nothing() {
        let memory = Heap::new(16);
        // SAFETY: aligned memory that outlives the registers, and nobody else has.
        let mut mmio = unsafe { Mmio::new(memory.pointer(), 14) };
        mmio.write32(0, 0x0403_0201);
        mmio.write8(13, 0xAB);
        mmio.write16(12, 0xCDEF);
        assert_eq!((mmio.read8(1), mmio.read16(2), mmio.read32(0)), (2, 0x0403, 0x0403_0201));
        assert_eq!((mmio.read8(12), mmio.read8(13)), (0xEF, 0xCD));
        for at in [14, 15, 16, usize::MAX] {
            mmio.write8(at, 1);
            assert_eq!(mmio.read8(at), u8::MAX);
        }
        for at in [1, 13, 14, usize::MAX - 1] {
            mmio.write16(at, 1);
            assert_eq!(mmio.read16(at), u16::MAX, "{at}");
        }
        for at in [2, 11, 12, 13, usize::MAX - 3] {
            mmio.write32(at, 1);
            assert_eq!(mmio.read32(at), u32::MAX, "{at}");
        }
        assert_eq!((mmio.read32(0), mmio.read32(4), mmio.read32(8)), (0x0403_0201, 0, 0));
    }

    #[test]
    fn an_address_is_written_lower_half_first() {
        let memory = Heap::new(16);
        // SAFETY: aligned memory that outlives the registers, and nobody else has.
        let mut mmio = unsafe { Mmio::new(memory.pointer(), 16) };
        write64(&mut mmio, 4, 0x0123_4567_89AB_CDEF);
        assert_eq!((mmio.read32(4), mmio.read32(8)), (0x89AB_CDEF, 0x0123_4567));
    }
}
