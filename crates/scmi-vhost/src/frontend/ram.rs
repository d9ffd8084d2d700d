//! Memory as a guest has it: a file that can be shared.

use core::sync::atomic::Ordering;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use scmi_virtio::driver::{ALIGNMENT, GuestDma, Shared};
use vhost::VhostUserMemoryRegionInfo;
use vm_memory::guest_memory::Error as MemoryError;
use vm_memory::{
    AtomicAccess, ByteValued, Bytes, FileOffset, GuestAddress, GuestMemoryRegion, GuestRegionMmap,
    MemoryRegionAddress,
};

/// A piece of guest memory. Addresses are the guest's; accesses outside are refused.
#[derive(Debug)]
pub struct Ram {
    dma: GuestDma,
    file: File,
    base: u64,
    next: u64,
}

impl Ram {
    /// Where memory begins unless said otherwise: where Arm machines have it.
    pub const BASE: u64 = 0x4000_0000;

    /// What is added to a guest's address to make the address that a VMM would see. Any number would do: it
    /// is only ever translated back.
    const USER_OFFSET: u64 = 0x7000_0000_0000;

    /// Zeroed memory of `bytes`, from [`Ram::BASE`] on.
    ///
    /// # Errors
    /// The system has no memory or file descriptor left.
    pub fn new(bytes: u64) -> io::Result<Self> {
        Self::at(Self::BASE, bytes)
    }

    /// Zeroed memory of `bytes`, from `base` on.
    ///
    /// # Errors
    /// The system has no memory or file descriptor left.
    pub fn at(base: u64, bytes: u64) -> io::Result<Self> {
        let fd = memfd_create("scmi-guest", MemfdFlags::CLOEXEC)?;
        ftruncate(&fd, bytes)?;
        Self::map(File::from(fd), base, bytes, base)
    }

    /// The same memory once more: what is written here can be read there.
    ///
    /// # Errors
    /// The system has no file descriptor left.
    pub fn share(&self) -> io::Result<Self> {
        Self::map(self.file.try_clone()?, self.base, self.len(), self.next)
    }

    /// Other memory with the same bytes at the same addresses.
    ///
    /// # Errors
    /// The system has no memory or file descriptor left.
    pub fn copy(&self) -> io::Result<Self> {
        let mut copy = Self::at(self.base, self.len())?;
        copy.next = self.next;
        copy.write(self.base, &self.snapshot()).map_err(io::Error::other)?;
        Ok(copy)
    }

    /// Zeroes it, and forgets what was set aside.
    pub fn clear(&mut self) {
        self.fill(0);
        self.next = self.base;
    }

    fn map(file: File, base: u64, bytes: u64, next: u64) -> io::Result<Self> {
        let size = usize::try_from(bytes).map_err(io::Error::other)?;
        let offset = Some(FileOffset::new(file.try_clone()?, 0));
        let region = GuestRegionMmap::from_range(GuestAddress(base), size, offset);
        let dma = GuestDma::new(region.map_err(io::Error::other)?).map_err(|_| {
            let text = format!("guest memory begins at {base:#x}, not a multiple of {ALIGNMENT}");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        Ok(Self { dma, file, base, next })
    }

    const fn region(&self) -> &GuestRegionMmap<()> {
        self.dma.region()
    }

    /// The memory as a driver shares it with its device.
    pub(super) fn shared(&mut self) -> Shared<'_> {
        Shared::new(&mut self.dma)
    }

    /// Sets `bytes` aside as [`allocate`](Self::allocate) does; where, from the memory's beginning.
    pub(super) fn allocate_offset(&mut self, bytes: usize, align: u64) -> io::Result<usize> {
        let bytes = u64::try_from(bytes).map_err(io::Error::other)?;
        let address = self.allocate(bytes, align)?;
        usize::try_from(address - self.base).map_err(io::Error::other)
    }

    /// Bytes of it.
    pub fn len(&self) -> u64 {
        self.region().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The guest's address of its first byte.
    pub const fn base(&self) -> u64 {
        self.base
    }

    /// Sets `bytes` aside, at an address that `align` divides. Nothing is ever given back.
    ///
    /// # Errors
    /// So much is not left.
    pub fn allocate(&mut self, bytes: u64, align: u64) -> io::Result<u64> {
        let start = self.next.next_multiple_of(align);
        let end = start.saturating_add(bytes);
        if end > self.base + self.len() {
            let left = self.base + self.len() - self.next;
            return Err(io::Error::new(
                io::ErrorKind::OutOfMemory,
                format!("{bytes} bytes of guest memory wanted, {left} left"),
            ));
        }
        self.next = end;
        Ok(start)
    }

    /// What a VMM would see at the guest's `address`.
    pub const fn user_address(&self, address: u64) -> u64 {
        address.wrapping_add(Self::USER_OFFSET)
    }

    /// How it is described to a device. The file descriptor lives as long as this memory.
    pub fn description(&self) -> VhostUserMemoryRegionInfo {
        VhostUserMemoryRegionInfo {
            guest_phys_addr: self.base,
            memory_size: self.len(),
            userspace_addr: self.user_address(self.base),
            mmap_offset: 0,
            mmap_handle: self.file.as_raw_fd(),
        }
    }

    /// All bytes, to compare with later ones.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(self.len()).unwrap_or(0)];
        self.read(self.base, &mut bytes).map_or_else(|_| Vec::new(), |()| bytes)
    }

    /// Makes every byte `byte`.
    pub fn fill(&self, byte: u8) {
        let bytes = vec![byte; usize::try_from(self.len()).unwrap_or(0)];
        // The whole region, so it cannot be outside.
        let _ = self.write(self.base, &bytes);
    }

    /// Reads from `address` on.
    ///
    /// # Errors
    /// It lies outside.
    pub fn read(&self, address: u64, into: &mut [u8]) -> Result<(), MemoryError> {
        self.region().read_slice(into, self.at_address(address))
    }

    /// Writes from `address` on.
    ///
    /// # Errors
    /// It lies outside.
    pub fn write(&self, address: u64, bytes: &[u8]) -> Result<(), MemoryError> {
        self.region().write_slice(bytes, self.at_address(address))
    }

    pub(super) fn read_object<T: ByteValued>(&self, address: u64) -> Result<T, MemoryError> {
        self.region().read_obj(self.at_address(address))
    }

    pub(super) fn store<T: AtomicAccess>(
        &self,
        address: u64,
        value: T,
        order: Ordering,
    ) -> Result<(), MemoryError> {
        self.region().store(value, self.at_address(address), order)
    }

    pub(super) fn load<T: AtomicAccess>(
        &self,
        address: u64,
        order: Ordering,
    ) -> Result<T, MemoryError> {
        self.region().load(self.at_address(address), order)
    }

    fn at_address(&self, address: u64) -> MemoryRegionAddress {
        // Below the base it wraps to somewhere behind the end, and is refused there.
        MemoryRegionAddress(address.wrapping_sub(self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocation_aligns_and_ends() {
        let mut ram = Ram::new(0x1000).expect("ram");
        assert_eq!(ram.allocate(1, 1).expect("room"), Ram::BASE);
        assert_eq!(ram.allocate(16, 0x100).expect("room"), Ram::BASE + 0x100);
        assert_eq!(ram.allocate(0xEF0, 1).expect("room"), Ram::BASE + 0x110);
        let error = ram.allocate(1, 1).expect_err("full");
        assert_eq!(error.to_string(), "1 bytes of guest memory wanted, 0 left");
    }

    #[test]
    fn accesses_outside_are_refused() {
        let ram = Ram::new(0x1000).expect("ram");
        ram.write(Ram::BASE + 0xFFF, &[1]).expect("the last byte");
        ram.write(Ram::BASE + 0xFFF, &[1, 2]).expect_err("one too many");
        ram.read(Ram::BASE - 1, &mut [0]).expect_err("before the first");
        assert_eq!(ram.snapshot()[0xFFF], 1);
    }
}
