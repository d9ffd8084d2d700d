//! Which memory is whose. An address means the same to the machine, to us and to the guest.

use core::ops::Range;

/// What stage 2 is made of where it can, and Linux wants to begin at a multiple of.
pub(crate) const BLOCK: u64 = 2 << 20;

/// The gigabyte with `virt`'s memory. More than that, the machine may have, and nobody uses.
pub(crate) const MEMORY: Range<u64> = 0x4000_0000..0x8000_0000;

/// Ours: QEMU's first instructions, and 2 MiB further on the image.
pub(crate) const OWN: Range<u64> = MEMORY.start..MEMORY.start + 2 * BLOCK;

/// What we share with the guest: an area, in a page of its own.
pub(crate) const SHARED: Range<u64> = OWN.end..OWN.end + 0x1000;

/// Bytes of the area: a message of 136, which is all that Linux sends, and longer ones to refuse.
pub(crate) const AREA_BYTES: usize = 256;

/// Where the guest's memory begins, with its device tree.
pub(crate) const GUEST: u64 = OWN.end + BLOCK;

/// Where the machine's command line puts the guest's kernel: `-device loader,addr=0x41000000,...`.
pub(crate) const KERNEL: u64 = 0x4100_0000;

unsafe extern "C" {
    /// The linker's end of the image, with the memory that is not in the file.
    safe static image_end: u8;
}

/// Whether the image is within what is [`OWN`].
pub(crate) fn image_fits() -> bool {
    let end = (&raw const image_end).addr();
    u64::try_from(end).is_ok_and(|end| OWN.contains(&end))
}
