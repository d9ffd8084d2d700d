//! The device's end of a ring in test memory: reads what it should, writes what it is told.

use std::vec::Vec;

use super::memory::{BASE, Heap};
use crate::driver::memory::{Dma, Shared};
use crate::driver::queue::Rings;

const NEXT: u16 = 1;
const WRITE: u16 = 2;
const INDIRECT: u16 = 4;

/// A descriptor as a device reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) offset: usize,
    pub(crate) len: u32,
    pub(crate) flags: u16,
    pub(crate) next: u16,
}

impl Descriptor {
    pub(crate) const fn is_writable(&self) -> bool {
        self.flags & WRITE != 0
    }
}

/// A chain that the driver offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) head: u16,
    pub(crate) readable: Vec<Descriptor>,
    pub(crate) writable: Vec<Descriptor>,
}

impl Chain {
    pub(crate) fn room(&self) -> usize {
        len(&self.writable)
    }
}

/// Bytes of some descriptors.
pub(crate) fn len(descriptors: &[Descriptor]) -> usize {
    descriptors.iter().map(|piece| usize::try_from(piece.len).expect("small")).sum()
}

/// A ring from the device's side.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    memory: Heap,
    rings: Rings,
    pub(crate) event_idx: bool,
    pub(crate) next_available: u16,
    pub(crate) used: u16,
}

impl Ring {
    pub(crate) fn new(memory: Heap, rings: Rings, event_idx: bool) -> Self {
        Self { memory, rings, event_idx, next_available: 0, used: 0 }
    }

    fn offset(address: u64) -> usize {
        usize::try_from(address.checked_sub(BASE).expect("below the memory")).expect("64 bits")
    }

    fn with<R>(&self, act: impl FnOnce(&Shared<'_>) -> R) -> R {
        act(&Shared::new(&mut self.memory.clone()))
    }

    pub(crate) fn size(&self) -> u16 {
        self.rings.size
    }

    fn descriptor(&self, table: usize, index: u16) -> Descriptor {
        let at = table + 16 * usize::from(index);
        let mut bytes = [0; 16];
        self.with(|memory| memory.read(at, &mut bytes)).expect("a descriptor in the memory");
        let [address, rest] = [&bytes[..8], &bytes[8..]].map(|half| half.try_into().expect("8"));
        let rest = u64::from_le_bytes(rest);
        Descriptor {
            offset: Self::offset(u64::from_le_bytes(address)),
            len: u32::try_from(rest & 0xFFFF_FFFF).expect("32 bits"),
            flags: u16::try_from(rest >> 32 & 0xFFFF).expect("16 bits"),
            next: u16::try_from(rest >> 48).expect("16 bits"),
        }
    }

    /// Takes the next chain; it has to be a proper one.
    pub(crate) fn pop(&mut self) -> Option<Chain> {
        let available = Self::offset(self.rings.available);
        let index = self.with(|memory| memory.load16(available + 2));
        let waiting = index.wrapping_sub(self.next_available);
        assert!(waiting <= self.size(), "the available index ran ahead");
        if waiting == 0 {
            return None;
        }
        let slot = available + 4 + 2 * usize::from(self.next_available % self.size());
        let head = self.with(|memory| memory.load16(slot));
        self.next_available = self.next_available.wrapping_add(1);
        let mut table = Self::offset(self.rings.descriptors);
        let mut most = self.size();
        let mut descriptor = self.descriptor(table, head);
        if descriptor.flags & INDIRECT != 0 {
            assert_eq!(descriptor.flags, INDIRECT, "a table is neither written nor followed");
            (table, most) = (descriptor.offset, u16::try_from(descriptor.len / 16).expect("few"));
            descriptor = self.descriptor(table, 0);
        }
        let mut chain = Chain { head, ..Chain::default() };
        for _ in 0..most {
            if descriptor.is_writable() {
                chain.writable.push(descriptor);
            } else {
                assert!(chain.writable.is_empty(), "a readable piece behind a writable one");
                chain.readable.push(descriptor);
            }
            if descriptor.flags & NEXT == 0 {
                return Some(chain);
            }
            assert!(descriptor.next < most, "a next beyond the table");
            descriptor = self.descriptor(table, descriptor.next);
        }
        panic!("chain {head} does not end");
    }

    /// What the driver put into the readable part.
    pub(crate) fn read(&self, chain: &Chain) -> Vec<u8> {
        let mut all = Vec::new();
        for piece in &chain.readable {
            let mut bytes = std::vec![0; len(&[*piece])];
            self.with(|memory| memory.read(piece.offset, &mut bytes)).expect("inside");
            all.append(&mut bytes);
        }
        all
    }

    /// Writes to the start of the writable part; what does not fit stays out.
    pub(crate) fn write(&self, chain: &Chain, mut bytes: &[u8]) {
        for piece in &chain.writable {
            let (now, later) = bytes.split_at(bytes.len().min(len(&[*piece])));
            self.with(|memory| memory.write(piece.offset, now)).expect("inside");
            bytes = later;
        }
    }

    /// Puts an entry into the used ring, whatever it says, and moves the index.
    pub(crate) fn complete(&mut self, id: u32, len: u32) {
        let used = Self::offset(self.rings.used);
        let slot = used + 4 + 8 * usize::from(self.used % self.size());
        let bytes = (u64::from(len) << 32 | u64::from(id)).to_le_bytes();
        self.with(|memory| memory.write(slot, &bytes)).expect("inside");
        self.move_index(1);
    }

    /// Moves the used index, whether or not there is something.
    pub(crate) fn move_index(&mut self, by: u16) {
        self.used = self.used.wrapping_add(by);
        let at = Self::offset(self.rings.used) + 2;
        self.with(|memory| memory.store16(at, self.used));
    }

    /// Says from which available index on it wants to be kicked, and never by the flag.
    pub(crate) fn ask_for_kick(&self, wanted: bool) {
        let used = Self::offset(self.rings.used);
        let event = used + 4 + 8 * usize::from(self.size());
        let at = if wanted { self.next_available } else { self.next_available.wrapping_sub(1) };
        self.with(|memory| {
            memory.store16(used, u16::from(!wanted));
            memory.store16(event, at);
        });
    }

    /// Whether the driver wants to be told of the entries since `since`.
    pub(crate) fn wants_call(&self, since: u16) -> bool {
        let available = Self::offset(self.rings.available);
        let event = available + 4 + 2 * usize::from(self.size());
        self.with(|memory| {
            if self.event_idx {
                let wish = memory.load16(event);
                self.used.wrapping_sub(wish).wrapping_sub(1) < self.used.wrapping_sub(since)
            } else {
                memory.load16(available) & 1 == 0
            }
        })
    }

    /// Writes any bytes anywhere.
    pub(crate) fn scribble(&self, offset: usize, bytes: &[u8]) {
        let len = self.memory.len();
        let offset = offset % len;
        let bytes = &bytes[..bytes.len().min(len - offset)];
        self.with(|memory| memory.write(offset, bytes)).expect("inside");
    }
}
