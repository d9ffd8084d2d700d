//! Notifications that came and wait to be taken.

use super::query::fill;
use crate::wire::Header;

/// A notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<const BYTES: usize> {
    header: Header,
    missed: u32,
    len: usize,
    payload: [u8; BYTES],
}

impl<const BYTES: usize> Event<BYTES> {
    /// Its header.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// How many notifications between the one that was taken before and this one were lost, because nobody took them
    /// in time.
    pub const fn missed(&self) -> u32 {
        self.missed
    }

    /// What follows the header.
    pub fn payload(&self) -> &[u8] {
        self.payload.get(..self.len).unwrap_or_default()
    }
}

/// A ring of notifications: when it is full the oldest goes.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Events<const COUNT: usize, const BYTES: usize> {
    first: usize,
    waiting: usize,
    /// Lost before the first.
    missed: u32,
    ring: [Event<BYTES>; COUNT],
}

impl<const COUNT: usize, const BYTES: usize> Events<COUNT, BYTES> {
    pub(super) const fn new() -> Self {
        let none = Event { header: Header::from_word(0), missed: 0, len: 0, payload: [0; BYTES] };
        Self { ring: [none; COUNT], first: 0, waiting: 0, missed: 0 }
    }

    /// Takes a notification in; whether that pushed an older one out.
    pub(super) fn push(&mut self, header: Header, bytes: &[u8]) -> bool {
        let full = self.waiting >= COUNT;
        if full {
            self.missed = self.missed.saturating_add(1);
            self.pass();
        }
        let place = self.first.wrapping_add(self.waiting).checked_rem(COUNT).unwrap_or(0);
        if let Some(event) = self.ring.get_mut(place) {
            (event.header, event.len) = (header, bytes.len().min(BYTES));
            event.payload = [0; BYTES];
            fill(&mut event.payload, bytes);
            self.waiting = self.waiting.wrapping_add(1);
        }
        full
    }

    pub(super) fn pop(&mut self) -> Option<Event<BYTES>> {
        if self.is_empty() {
            return None;
        }
        let missed = core::mem::take(&mut self.missed);
        let event = *self.ring.get(self.first)?;
        self.pass();
        Some(Event { missed, ..event })
    }

    /// On to the next one.
    fn pass(&mut self) {
        self.first = self.first.wrapping_add(1).checked_rem(COUNT).unwrap_or(0);
        self.waiting = self.waiting.wrapping_sub(1);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Drops all of them; returns how many there were.
    pub(super) fn clear(&mut self) -> u64 {
        let dropped = self.waiting;
        (self.waiting, self.missed) = (0, 0);
        dropped.try_into().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut events = Events::<2, 4>::new();
        let pushed = [1, 2, 3].map(|byte| events.push(Header::from_word(byte), &[0; 9]));
        assert_eq!(pushed, [false, false, true]);
        let seen = |event: Event<4>| (event.header().word(), event.missed());
        assert_eq!(events.pop().map(seen), Some((2, 1)));
        assert_eq!(events.pop().map(|event| event.payload().len()), Some(4));
        assert_eq!(events.pop(), None);
        events.push(Header::from_word(4), &[]);
        assert_eq!(events.pop().map(seen), Some((4, 0)));
        for byte in 5..9 {
            events.push(Header::from_word(byte), &[]);
        }
        assert_eq!(events.pop().map(seen), Some((7, 2)));
    }
}
