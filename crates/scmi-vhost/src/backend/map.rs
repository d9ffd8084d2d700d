//! Mapped guest memory, with a short way to what lies in one region.

use core::iter::FusedIterator;

use vm_memory::guest_memory::{GuestMemoryBackendSliceIterator, GuestMemorySliceIterator, Result};
use vm_memory::{
    GuestAddress, GuestMemory, GuestMemoryBackend, GuestMemoryMmap, GuestMemoryRegion, Permissions,
    VolatileSlice,
};

/// The regions of a guest, as the rings and messages use them: many small accesses, nearly all of them within one
/// region. vm-memory's own way walks from region to region for each; it is taken only for a range that needs it.
#[derive(Debug, Default)]
pub(super) struct Map(pub(super) GuestMemoryMmap<()>);

/// The slices of a range.
#[derive(Debug)]
enum Slices<'a> {
    /// All of it, until it is taken.
    Whole(Option<VolatileSlice<'a>>),
    /// Region by region.
    Parts(GuestMemoryBackendSliceIterator<'a, GuestMemoryMmap<()>>),
}

impl Map {
    /// The range, if it lies in one region.
    #[inline]
    fn whole(&self, start: GuestAddress, len: usize) -> Option<VolatileSlice<'_>> {
        let (region, start) = self.0.to_region_addr(start)?;
        region.get_slice(start, len).ok()
    }
}

impl GuestMemory for Map {
    type PhysicalMemory = GuestMemoryMmap<()>;
    type Bitmap = ();

    #[inline]
    fn check_range(&self, start: GuestAddress, len: usize, _access: Permissions) -> bool {
        self.whole(start, len).is_some() || GuestMemoryBackend::check_range(&self.0, start, len)
    }

    #[inline]
    fn get_slices<'a>(
        &'a self,
        start: GuestAddress,
        len: usize,
        _access: Permissions,
    ) -> Result<impl GuestMemorySliceIterator<'a, ()>> {
        Ok(match self.whole(start, len).filter(|slice| !slice.is_empty()) {
            Some(slice) => Slices::Whole(Some(slice)),
            None => Slices::Parts(GuestMemoryBackend::get_slices(&self.0, start, len)),
        })
    }
}

impl<'a> Iterator for Slices<'a> {
    type Item = Result<VolatileSlice<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Whole(slice) => slice.take().map(Ok),
            Self::Parts(parts) => parts.next(),
        }
    }
}

impl FusedIterator for Slices<'_> {}

impl<'a> GuestMemorySliceIterator<'a, ()> for Slices<'a> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vm_memory::Bytes;

    /// Two regions side by side, and one behind a gap.
    fn memory() -> GuestMemoryMmap<()> {
        let regions = [(0x1000, 0x100), (0x1100, 0x80), (0x1200, 0x100)];
        let regions = regions.map(|(start, bytes)| (GuestAddress(start), bytes));
        GuestMemoryMmap::from_ranges(&regions).expect("memory")
    }

    proptest! {
        #[test]
        fn both_ways_lead_to_the_same_bytes(start in 0xF00_u64..0x1400, len in 0_usize..0x300) {
            let start = GuestAddress(start);
            let (long, short) = (memory(), Map(memory()));
            let bytes: Vec<u8> = (0_u8..=255).cycle().take(len).collect();
            let written = long.write_slice(&bytes, start).is_ok();
            prop_assert_eq!(short.write_slice(&bytes, start).is_ok(), written);
            prop_assert_eq!(
                short.check_range(start, len, Permissions::Write),
                GuestMemoryBackend::check_range(&long, start, len)
            );
            for region in [0x1000, 0x1100, 0x1200].map(GuestAddress) {
                let (mut there, mut here) = ([0; 0x80], [0; 0x80]);
                long.read_slice(&mut there, region).expect("a region");
                short.read_slice(&mut here, region).expect("a region");
                prop_assert_eq!(here, there);
            }
            let (mut there, mut here) = (vec![0; len], vec![0; len]);
            prop_assert_eq!(
                short.read_slice(&mut here, start).is_ok(),
                long.read_slice(&mut there, start).is_ok()
            );
            prop_assert_eq!(here, there);
        }
    }
}
