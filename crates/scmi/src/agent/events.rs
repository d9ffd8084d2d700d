//! Notifications that came and wait to be taken.

use crate::wire::Header;

/// A notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<const BYTES: usize> {
    header: Header,
    len: usize,
    payload: [u8; BYTES],
}

impl<const BYTES: usize> Event<BYTES> {
    /// Its header.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// What follows the header.
    pub fn payload(&self) -> &[u8] {
        self.payload.get(..self.len).unwrap_or_default()
    }
}

/// A ring of notifications: when it is full the oldest goes.
#[derive(Debug)]
pub(super) struct Events<const COUNT: usize, const BYTES: usize> {
    ring: [Option<Event<BYTES>>; COUNT],
    first: usize,
    waiting: usize,
}

impl<const COUNT: usize, const BYTES: usize> Events<COUNT, BYTES> {
    pub(super) const fn new() -> Self {
        Self { ring: [const { None }; COUNT], first: 0, waiting: 0 }
    }

    /// Takes a notification in; whether that pushed an older one out.
    pub(super) fn push(&mut self, header: Header, bytes: &[u8]) -> bool {
        let mut payload = [0; BYTES];
        payload.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let full = self.waiting >= COUNT;
        if full {
            self.pop();
        }
        let place = self.first.wrapping_add(self.waiting).checked_rem(COUNT).unwrap_or(0);
        if let Some(place) = self.ring.get_mut(place) {
            *place = Some(Event { header, len: bytes.len().min(BYTES), payload });
            self.waiting = self.waiting.saturating_add(1);
        }
        full
    }

    pub(super) fn pop(&mut self) -> Option<Event<BYTES>> {
        let event = self.ring.get_mut(self.first)?.take()?;
        self.first = self.first.wrapping_add(1).checked_rem(COUNT).unwrap_or(0);
        self.waiting = self.waiting.saturating_sub(1);
        Some(event)
    }

    pub(super) fn clear(&mut self) {
        while self.pop().is_some() {}
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
        assert_eq!(events.pop().map(|event| event.header().word()), Some(2));
        assert_eq!(events.pop().map(|event| event.payload().len()), Some(4));
        assert_eq!(events.pop(), None);
    }
}
