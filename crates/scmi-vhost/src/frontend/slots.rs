//! The buffers of commands: where they are, and which command is in which.

use std::io;

use scmi_virtio::driver::queue::Piece;

use super::options::Options;
use super::ram::Ram;

/// A place for a command and for its answer, from the memory's beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) request: usize,
    pub(super) answer: usize,
}

/// All places, of which each holds one command at a time.
#[derive(Debug)]
pub(super) struct Slots {
    places: Vec<Place>,
    free: Vec<u16>,
    /// By place: what the command in it is called by its sender.
    tags: Vec<u16>,
}

impl Slots {
    /// Places for as many commands as the queue can hold at once.
    pub(super) fn new(ram: &mut Ram, options: &Options, indirect: bool) -> io::Result<Self> {
        let entries = options.command_entries;
        let count = if indirect { entries } else { entries / options.parts() };
        let bytes = usize::try_from(options.max_message).map_err(io::Error::other)?;
        let mut place = || {
            let request = ram.allocate_offset(bytes, 8)?;
            Ok(Place { request, answer: ram.allocate_offset(bytes, 8)? })
        };
        let places = (0..count).map(|_| place()).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { places, free: (0..count).rev().collect(), tags: vec![0; count.into()] })
    }

    pub(super) const fn count(&self) -> usize {
        self.places.len()
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// The place that the next command will have.
    pub(super) fn next(&self) -> Option<(u16, Place)> {
        self.free.last().map(|slot| (*slot, self.places[usize::from(*slot)]))
    }

    /// The command in the next place is in flight.
    pub(super) fn fly(&mut self, tag: u16) {
        if let Some(slot) = self.free.pop() {
            self.tags[usize::from(slot)] = tag;
        }
    }

    /// The command in this place came back, as the queue made sure: its tag, and where its answer is. The place
    /// may be used again by the next command.
    pub(super) fn land(&mut self, slot: u16) -> (u16, usize) {
        self.free.push(slot);
        (self.tags[usize::from(slot)], self.places[usize::from(slot)].answer)
    }
}

/// Cuts `len` bytes into at most `parts` pieces of about the same length.
pub(super) fn cut(start: usize, len: usize, parts: u16, pieces: &mut Vec<Piece>) {
    pieces.clear();
    let mut left = u32::try_from(len).unwrap_or(0);
    let mut start = start;
    for parts_left in (1..=u32::from(parts)).rev() {
        let len = left.div_ceil(parts_left);
        if len == 0 {
            return;
        }
        pieces.push(Piece { offset: start, len });
        start += usize::try_from(len).unwrap_or(0);
        left -= len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_into_pieces_that_cover_it() {
        let mut pieces = Vec::new();
        cut(0x1000, 10, 3, &mut pieces);
        let lens: Vec<_> = pieces.iter().map(|piece| piece.len).collect();
        assert_eq!(lens, [4, 3, 3]);
        assert_eq!(pieces[2].offset, 0x1007);
        cut(0x1000, 2, 5, &mut pieces);
        assert_eq!(pieces.len(), 2);
        cut(0x1000, 0, 5, &mut pieces);
        assert!(pieces.is_empty());
    }
}
