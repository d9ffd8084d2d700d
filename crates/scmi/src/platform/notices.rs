//! Notifications that wait for a buffer: bounded, and the newest state wins.

use alloc::vec;
use alloc::vec::Vec;

use crate::wire::{Full, Header, Writer};

/// A first-in first-out ring of notifications, each in a buffer of its own that was allocated at set-up.
///
/// A notification with the same header and source as one that waits takes its place: an agent that comes late
/// learns the newest state. When the ring is full the oldest is lost.
#[derive(Debug)]
pub(super) struct Notices {
    ring: Vec<Notice>,
    first: usize,
    waiting: usize,
}

#[derive(Clone, Debug)]
struct Notice {
    header: Header,
    source: u64,
    bytes: Vec<u8>,
    len: usize,
}

/// What became of what was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Displaced {
    Nothing,
    Older,
    Lost,
}

impl Notices {
    pub(super) fn new(capacity: usize, bytes: usize) -> Self {
        let empty =
            Notice { header: Header::from_word(0), source: 0, bytes: vec![0; bytes], len: 0 };
        Self { ring: vec![empty; capacity.max(1)], first: 0, waiting: 0 }
    }

    fn position(&self, nth: usize) -> usize {
        self.first.wrapping_add(nth).checked_rem(self.ring.len()).unwrap_or(0)
    }

    /// Queues a notification that `write` fills in after the header.
    pub(super) fn push(
        &mut self,
        header: Header,
        source: u64,
        write: &mut dyn FnMut(&mut Writer<'_>) -> Result<(), Full>,
    ) -> Result<Displaced, Full> {
        let same = (0..self.waiting).map(|nth| self.position(nth)).find(|position| {
            self.ring.get(*position).is_some_and(|n| n.header == header && n.source == source)
        });
        let (position, displaced) = match same {
            Some(position) => (position, Displaced::Older),
            None if self.waiting == self.ring.len() => (self.first, Displaced::Lost),
            None => (self.position(self.waiting), Displaced::Nothing),
        };
        let notice = self.ring.get_mut(position).ok_or(Full)?;
        let mut writer = Writer::new(&mut notice.bytes);
        writer.put(&header.to_bytes())?;
        write(&mut writer)?;
        notice.len = writer.len();
        notice.header = header;
        notice.source = source;
        match displaced {
            Displaced::Nothing => self.waiting = self.waiting.saturating_add(1),
            Displaced::Older => {}
            Displaced::Lost => self.first = self.position(1),
        }
        Ok(displaced)
    }

    pub(super) fn front(&self) -> Option<&[u8]> {
        let notice = (self.waiting > 0).then(|| self.ring.get(self.first)).flatten()?;
        notice.bytes.get(..notice.len)
    }

    pub(super) fn pop(&mut self) {
        if self.waiting > 0 {
            self.first = self.position(1);
            self.waiting = self.waiting.saturating_sub(1);
        }
    }

    /// Drops what `keep` does not want of what waits, by header and source.
    pub(super) fn retain(&mut self, keep: &dyn Fn(Header, u64) -> bool) {
        let mut kept: usize = 0;
        for nth in 0..self.waiting {
            let (from, to) = (self.position(nth), self.position(kept));
            if self.ring.get(from).is_some_and(|notice| keep(notice.header, notice.source)) {
                self.ring.swap(from, to);
                kept = kept.saturating_add(1);
            }
        }
        self.waiting = kept;
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    pub(super) fn clear(&mut self) {
        self.waiting = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{MessageId, ProtocolId};

    fn push(notices: &mut Notices, source: u64, byte: u8) -> Displaced {
        let header = Header::notification(ProtocolId::SENSOR, MessageId(1));
        notices.push(header, source, &mut |w| w.put(&[byte])).expect("fits")
    }

    #[test]
    fn the_newest_of_a_source_takes_the_place_of_the_older_one() {
        let mut notices = Notices::new(3, 8);
        assert_eq!(push(&mut notices, 1, 10), Displaced::Nothing);
        assert_eq!(push(&mut notices, 2, 20), Displaced::Nothing);
        assert_eq!(push(&mut notices, 1, 11), Displaced::Older);
        assert_eq!(notices.front().map(|bytes| bytes[4]), Some(11));
        notices.pop();
        assert_eq!(notices.front().map(|bytes| bytes[4]), Some(20));
    }

    #[test]
    fn a_full_ring_loses_the_oldest() {
        let mut notices = Notices::new(2, 8);
        push(&mut notices, 1, 1);
        push(&mut notices, 2, 2);
        assert_eq!(push(&mut notices, 3, 3), Displaced::Lost);
        assert_eq!(notices.front().map(|bytes| bytes[4]), Some(2));
        notices.pop();
        assert_eq!(notices.front().map(|bytes| bytes[4]), Some(3));
        notices.pop();
        assert!(notices.is_empty());
    }

    #[test]
    fn what_is_not_kept_leaves_no_gap() {
        let mut notices = Notices::new(4, 8);
        // Round the end of the ring.
        (0..3).for_each(|source| assert_eq!(push(&mut notices, source, 0), Displaced::Nothing));
        (0..3).for_each(|_| notices.pop());
        for byte in 1..=4 {
            push(&mut notices, byte.into(), byte);
        }
        notices.retain(&|_, source| source % 2 == 0);
        assert_eq!(notices.front().map(|bytes| bytes[4]), Some(2));
        assert_eq!(push(&mut notices, 4, 40), Displaced::Older);
        notices.pop();
        assert_eq!(notices.front().map(|bytes| bytes[4]), Some(40));
        notices.pop();
        assert!(notices.is_empty());
    }

    #[test]
    fn what_does_not_fit_leaves_the_ring_as_it_was() {
        let mut notices = Notices::new(2, 4);
        let header = Header::notification(ProtocolId::SENSOR, MessageId(1));
        assert_eq!(notices.push(header, 1, &mut |w| w.put(&[0_u8])), Err(Full));
        assert!(notices.is_empty());
    }
}
