//! The area that is shared with the platform, word by word.

use core::ptr::{NonNull, with_exposed_provenance_mut};
use core::sync::atomic::AtomicU32;

use scmi_fdt::Transport;
use scmi_guest::Tree;
use scmi_shmem::{Area, ChannelStatus, HEAD_BYTES, Memory as _};

use crate::calls::smc;

/// Words of it.
const STATUS: usize = 1;
const LENGTH: usize = 5;
const MESSAGE: usize = HEAD_BYTES / 4;

/// The area, and the function that rings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared {
    /// Where it is.
    pub(crate) address: u64,
    /// `arm,smc-id`.
    pub(crate) function: u32,
    words: &'static [AtomicU32],
}

impl Shared {
    /// That of the tree; none where it has no SCMI over SMC.
    ///
    /// # Safety
    /// It is called once, and the tree is this machine's.
    pub(crate) unsafe fn of(tree: &Tree) -> Option<Self> {
        let scmi = scmi_fdt::find(tree.fdt().data()).ok()??;
        let [area, _] = scmi.areas;
        let (area, function) = (area?, scmi.smc_id?);
        if scmi.transport != Transport::Smc {
            return None;
        }
        let pointer = with_exposed_provenance_mut(usize::try_from(area.address).ok()?);
        let bytes = usize::try_from(area.size).ok()?;
        // SAFETY: the tree says that these bytes are shared memory, and nobody else here uses them; the boot code mapped
        // all memory.
        let words = unsafe { scmi_shmem::map(NonNull::new(pointer)?, bytes) }?;
        Some(Self { address: area.address, function, words })
    }

    /// The area as an agent has it.
    pub(crate) fn area(&self) -> Option<Area<&'static [AtomicU32]>> {
        Area::new(self.words).ok()
    }

    /// How many words it has.
    pub(crate) const fn words(&self) -> usize {
        self.words.len()
    }

    /// Writes a word.
    pub(crate) fn put(&self, word: usize, value: u32) {
        self.words.store(word, value);
    }

    /// Puts a message in, with a length that may be a lie.
    pub(crate) fn message(&self, length: u32, words: &[u32]) {
        self.put(LENGTH, length);
        words.iter().zip(MESSAGE..).for_each(|(value, word)| self.put(word, *value));
    }

    /// Takes the area, as a command does.
    pub(crate) fn take(&self) {
        self.words.store_release(STATUS, ChannelStatus::BUSY.0);
    }

    /// Rings: what the call returned, and the area's status.
    pub(crate) fn ring(&self) -> (u64, ChannelStatus) {
        let returned = smc(self.function);
        (returned, ChannelStatus(self.words.load_acquire(STATUS)))
    }

    /// The length, header and status of what is there.
    pub(crate) fn answer(&self) -> [u32; 3] {
        [LENGTH, MESSAGE, MESSAGE + 1].map(|word| self.words.load(word))
    }
}
