// SPDX-License-Identifier: GPL-2.0

//! The messages of a queue.

use crate::message::{Handle, Message, Owner, Side};
use kernel::prelude::*;

/// All messages of a queue, and which of them are free. No memory is allocated after it was made.
pub(crate) struct Pool {
    messages: KVec<Message>,
    free: Option<u16>,
}

impl Pool {
    /// So many free messages.
    pub(crate) fn new(side: Side, count: u16) -> Result<Self> {
        let mut messages = KVec::with_capacity(usize::from(count), GFP_KERNEL)?;
        for index in 0..count {
            messages.push(Message::new(side, index)?, GFP_KERNEL)?;
        }
        let mut pool = Self {
            messages,
            free: None,
        };
        for index in (0..count).rev() {
            pool.put(index);
        }
        Ok(pool)
    }

    /// A free one, under a new name. It stays in the list until [`Self::take`]; its owner is not changed.
    pub(crate) fn first_free(&mut self) -> Option<&mut Message> {
        let index = self.free?;
        let message = self.messages.get_mut(usize::from(index))?;
        message.handle = message.handle.next();
        Some(message)
    }

    /// Takes the one that [`Self::first_free`] gave out of the list.
    pub(crate) fn take(&mut self) {
        let first = self
            .free
            .and_then(|index| self.messages.get_mut(usize::from(index)));
        self.free = first.and_then(|message| message.next_free.take());
    }

    /// The message of which this is the present use.
    pub(crate) fn find(&mut self, handle: Handle) -> Option<&mut Message> {
        self.messages
            .get_mut(handle.index())
            .filter(|message| message.handle == handle)
    }

    /// The one at this place.
    pub(crate) fn at(&mut self, index: usize) -> Option<&mut Message> {
        self.messages.get_mut(index)
    }

    /// All of them.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut Message> {
        self.messages.iter_mut()
    }

    /// Puts it into the list of the free ones, unless it is there or has a new use.
    pub(crate) fn give_back(&mut self, handle: Handle) {
        let in_use = self
            .find(handle)
            .is_some_and(|message| message.owner != Owner::Free);
        if let (true, Ok(index)) = (in_use, u16::try_from(handle.index())) {
            self.put(index);
        }
    }

    fn put(&mut self, index: u16) {
        if let Some(message) = self.messages.get_mut(usize::from(index)) {
            message.owner = Owner::Free;
            message.next_free = self.free.replace(index);
        }
    }
}
