//! The buffers of commands: where they are, and which command is in which.

use std::io;

use super::options::Options;
use super::queue::Piece;
use super::ram::Ram;

/// A place for a command and for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) request: u64,
    pub(super) answer: u64,
}

/// A command that came back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landed {
    pub(super) tag: u16,
    pub(super) room: usize,
    pub(super) answer: u64,
}

/// All places, of which each holds one command at a time.
#[derive(Debug)]
pub(super) struct Slots {
    places: Vec<Place>,
    free: Vec<usize>,
    /// By the head of its chain: the command that is in flight.
    flights: Vec<Option<Flight>>,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    slot: usize,
    tag: u16,
    room: usize,
}

impl Slots {
    /// Places for as many commands as the queue can hold at once.
    pub(super) fn new(ram: &mut Ram, options: &Options, indirect: bool) -> io::Result<Self> {
        let entries = usize::from(options.command_entries);
        let count = if indirect { entries } else { entries / usize::from(options.parts()) };
        let bytes = u64::from(options.max_message);
        let mut place =
            || Ok(Place { request: ram.allocate(bytes, 8)?, answer: ram.allocate(bytes, 8)? });
        let places = (0..count).map(|_| place()).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { places, free: (0..count).rev().collect(), flights: vec![None; entries] })
    }

    pub(super) const fn count(&self) -> usize {
        self.places.len()
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// The place that the next command will have.
    pub(super) fn next(&self) -> Option<Place> {
        self.free.last().map(|slot| self.places[*slot])
    }

    /// The command in that place is in flight, as the chain with this head.
    pub(super) fn fly(&mut self, head: u16, tag: u16, room: usize) {
        if let Some(slot) = self.free.pop() {
            self.flights[usize::from(head)] = Some(Flight { slot, tag, room });
        }
    }

    /// The chain with this head came back. Its place may be used again by the next command.
    pub(super) fn land(&mut self, head: u16) -> Option<Landed> {
        let Flight { slot, tag, room } = self.flights.get_mut(usize::from(head))?.take()?;
        self.free.push(slot);
        Some(Landed { tag, room, answer: self.places[slot].answer })
    }
}

/// Cuts `len` bytes into at most `parts` pieces of about the same length.
pub(super) fn cut(start: u64, len: usize, parts: u16, pieces: &mut Vec<Piece>) {
    pieces.clear();
    let mut left = u32::try_from(len).unwrap_or(0);
    let mut start = start;
    for parts_left in (1..=u32::from(parts)).rev() {
        let len = left.div_ceil(parts_left);
        if len == 0 {
            return;
        }
        pieces.push(Piece { start, len });
        start += u64::from(len);
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
        assert_eq!(pieces[2].start, 0x1007);
        cut(0x1000, 2, 5, &mut pieces);
        assert_eq!(pieces.len(), 2);
        cut(0x1000, 0, 5, &mut pieces);
        assert!(pieces.is_empty());
    }
}
