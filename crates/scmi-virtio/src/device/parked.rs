//! Chains whose answer comes later.

use alloc::vec::Vec;
use core::mem;

/// A command that waits for its answer.
#[derive(Debug)]
pub(super) struct Parked<T, C> {
    pub(super) ticket: T,
    pub(super) chain: C,
    /// Bytes of the writable part.
    pub(super) room: usize,
    /// The header of the command, to be echoed if the answer never comes.
    pub(super) header: [u8; 4],
}

/// The parked chains, at most as many as the table was made for. Their storage goes round: a chain that is
/// parked leaves an empty one behind, and gets one back when it leaves.
#[derive(Debug)]
pub(super) struct Table<T, C> {
    parked: Vec<Parked<T, C>>,
    spare: Vec<C>,
    limit: usize,
}

impl<T: PartialEq, C: Default> Table<T, C> {
    pub(super) fn new(limit: usize) -> Self {
        Self { parked: Vec::with_capacity(limit), spare: Vec::with_capacity(limit), limit }
    }

    pub(super) fn is_full(&self) -> bool {
        self.parked.len() >= self.limit
    }

    pub(super) fn len(&self) -> usize {
        self.parked.len()
    }

    /// Parks the chain in `chain` and leaves storage for the next one there.
    pub(super) fn park(&mut self, ticket: T, chain: &mut C, room: usize, header: [u8; 4]) {
        let chain = mem::replace(chain, self.spare.pop().unwrap_or_default());
        self.parked.push(Parked { ticket, chain, room, header });
    }

    /// The chain that waits for `ticket`.
    pub(super) fn take(&mut self, ticket: &T) -> Option<Parked<T, C>> {
        let index = self.parked.iter().position(|parked| parked.ticket == *ticket)?;
        Some(self.parked.swap_remove(index))
    }

    /// Any chain that waits.
    pub(super) fn take_any(&mut self) -> Option<Parked<T, C>> {
        self.parked.pop()
    }

    /// Takes the storage of a chain back.
    pub(super) fn recycle(&mut self, chain: C) {
        if self.spare.len() < self.limit {
            self.spare.push(chain);
        }
    }
}
