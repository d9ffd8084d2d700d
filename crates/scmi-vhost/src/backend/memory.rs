//! The guest memory that a VMM shares: which file is mapped where, under two addresses.

use std::fs::File;
use std::io;
use std::sync::Arc;

use rustix::fs::{FileType, fstat};
use vhost::vhost_user::Error as VhostError;
use vhost::vhost_user::message::VhostUserMemoryRegion;
use vm_memory::{
    GuestAddress, GuestMemory, GuestMemoryBackend, GuestMemoryRegion, GuestRegionMmap, Permissions,
};

use super::map::Map;

/// The memory of one VMM's guest. Dropping it unmaps everything.
#[derive(Debug, Default)]
pub(super) struct Memory {
    map: Map,
    regions: Vec<Region>,
}

/// Where a VMM sees a region, and where its guest does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    user: u64,
    guest: u64,
    size: u64,
}

impl Memory {
    /// Regions that can be there at once; what Linux's own vhost has. It bounds the mappings that a VMM can
    /// have us make.
    pub(super) const MAX_REGIONS: usize = 509;

    /// The memory of a whole table.
    ///
    /// # Errors
    /// A region cannot be mapped, or two overlap.
    pub(super) fn from_table(
        table: &[VhostUserMemoryRegion],
        files: Vec<File>,
    ) -> Result<Self, VhostError> {
        table
            .iter()
            .zip(files)
            .try_fold(Self::default(), |memory, (region, file)| memory.with_region(region, file))
    }

    /// This memory and one region more.
    ///
    /// # Errors
    /// It cannot be mapped, overlaps another one, or is one too many.
    pub(super) fn with_region(
        &self,
        region: &VhostUserMemoryRegion,
        file: File,
    ) -> Result<Self, VhostError> {
        if self.regions.len() >= Self::MAX_REGIONS {
            return Err(VhostError::InvalidParam);
        }
        check_file(region, &file)?;
        let mapped = region.mmap_region(file)?;
        let guest = GuestAddress(region.guest_phys_addr);
        let mapped = GuestRegionMmap::new(mapped, guest).ok_or(VhostError::InvalidParam)?;
        let map = self.map.0.insert_region(Arc::new(mapped));
        let map = Map(map.map_err(|_| VhostError::InvalidParam)?);
        let mut regions = self.regions.clone();
        regions.push(Region {
            user: region.user_addr,
            guest: region.guest_phys_addr,
            size: region.memory_size,
        });
        Ok(Self { map, regions })
    }

    /// This memory without a region.
    ///
    /// # Errors
    /// There is no such region.
    pub(super) fn without_region(
        &self,
        region: &VhostUserMemoryRegion,
    ) -> Result<Self, VhostError> {
        let gone = Region {
            user: region.user_addr,
            guest: region.guest_phys_addr,
            size: region.memory_size,
        };
        let mut regions = self.regions.clone();
        regions.retain(|known| *known != gone);
        if regions.len() == self.regions.len() {
            return Err(VhostError::InvalidParam);
        }
        let guest = GuestAddress(gone.guest);
        let (map, _) =
            self.map.0.remove_region(guest, gone.size).map_err(|_| VhostError::InvalidParam)?;
        Ok(Self { map: Map(map), regions })
    }

    /// The mapped memory by the guest's addresses.
    pub(super) const fn map(&self) -> &Map {
        &self.map
    }

    /// The guest's address of what the VMM sees at `user`.
    pub(super) fn translate(&self, user: u64) -> Option<GuestAddress> {
        self.regions.iter().find_map(|region| {
            let offset = user.checked_sub(region.user)?;
            (offset < region.size).then_some(GuestAddress(region.guest.checked_add(offset)?))
        })
    }

    /// Whether `len` bytes from `start` on are all there.
    pub(super) fn holds(&self, start: GuestAddress, len: u64) -> bool {
        let any = Permissions::No;
        usize::try_from(len).is_ok_and(|len| self.map.check_range(start, len, any))
    }

    /// Bytes that are mapped.
    pub(super) fn bytes(&self) -> u64 {
        self.map.0.iter().map(GuestMemoryRegion::len).sum()
    }
}

/// A mapping may reach beyond the end of its file, and touching what lies there kills the process, with every
/// other guest that it serves. vm-memory does not look.
fn check_file(region: &VhostUserMemoryRegion, file: &File) -> Result<(), VhostError> {
    let (offset, size) = (region.mmap_offset, region.memory_size);
    let about = fstat(file).map_err(|error| VhostError::ReqHandlerError(error.into()))?;
    let regular = FileType::from_raw_mode(about.st_mode) == FileType::RegularFile;
    let end = offset.checked_add(size).ok_or(VhostError::InvalidParam)?;
    if regular && u64::try_from(about.st_size).is_ok_and(|there| there >= end) {
        return Ok(());
    }
    let message = format!(
        "guest memory of {size} bytes at offset {offset} in {} of {} bytes",
        if regular { "a file" } else { "something that is no regular file," },
        about.st_size
    );
    Err(VhostError::ReqHandlerError(io::Error::new(io::ErrorKind::InvalidInput, message)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{MemfdFlags, ftruncate, memfd_create};

    fn file(bytes: u64) -> File {
        let fd = memfd_create("test", MemfdFlags::CLOEXEC).expect("memfd");
        ftruncate(&fd, bytes).expect("ftruncate");
        fd.into()
    }

    fn region(guest: u64, size: u64, user: u64) -> VhostUserMemoryRegion {
        VhostUserMemoryRegion::new(guest, size, user, 0)
    }

    #[test]
    fn regions_come_in_any_order_and_translate_by_the_vmms_addresses() {
        let table = [region(0x8000_0000, 0x2000, 0x7000), region(0x1000, 0x1000, 0x1_0000)];
        let memory = Memory::from_table(&table, vec![file(0x2000), file(0x1000)]).expect("table");
        assert_eq!(memory.translate(0x8FFF), Some(GuestAddress(0x8000_1FFF)));
        assert_eq!(memory.translate(0x9000), None);
        assert_eq!(memory.translate(0x1_0000), Some(GuestAddress(0x1000)));
        assert_eq!(memory.translate(u64::MAX), None);
        assert!(memory.holds(GuestAddress(0x1FFF), 1));
        assert!(!memory.holds(GuestAddress(0x1FFF), 2));
        assert!(!memory.holds(GuestAddress(u64::MAX), 2));
        assert_eq!(memory.bytes(), 0x3000);
    }

    #[test]
    fn overlaps_and_files_that_are_too_short_are_refused() {
        let whole =
            Memory::default().with_region(&region(0, 0x2000, 0), file(0x2000)).expect("one");
        whole.with_region(&region(0x1000, 0x1000, 0x9000), file(0x1000)).expect_err("refused");
        whole.with_region(&region(0x2000, 0x2000, 0x9000), file(0x1FFF)).expect_err("too short");
        let null = File::open("/dev/null").expect("null");
        whole.with_region(&region(0x2000, 0x2000, 0x9000), null).expect_err("no file");
        whole.without_region(&region(0, 0x1000, 0)).expect_err("refused");
        let none = whole.without_region(&region(0, 0x2000, 0)).expect("it was there");
        assert_eq!(none.translate(0), None);
        assert!(!none.holds(GuestAddress(0), 1));
    }
}
