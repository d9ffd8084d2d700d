//! A channel that loses, delays, reorders and repeats, by seed.

use super::{Channel, Limits, Received, SendError};
use crate::time::Time;

/// Messages that can be held back at once.
const HELD: usize = 8;

/// How often what goes wrong, of 256 messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Odds {
    /// A message that arrives is lost (its buffer with it).
    pub lose: u8,
    /// A message that arrives is held back until others have come.
    pub hold: u8,
    /// A message that arrives is given twice.
    pub repeat: u8,
    /// A bit of a message that arrives is flipped.
    pub flip: u8,
    /// The other side says to have written less than it did.
    pub cut: u8,
    /// The other side says to have written more than it did, up to more than there is room for.
    pub stretch: u8,
    /// A buffer comes back that was never sent, or of an earlier use.
    pub invent: u8,
}

/// Wraps a channel and does to what arrives what the odds say. The same seed does the same again.
#[derive(Debug)]
pub struct Mischief<C> {
    inner: C,
    odds: Odds,
    random: u64,
    held: [Option<Held>; HELD],
    /// Messages that were lost, held, repeated, flipped, cut, stretched, invented.
    pub done: [u32; 7],
}

#[derive(Clone, Copy, Debug)]
struct Held {
    what: Received,
    bytes: [u8; 136],
}

impl<C> Mischief<C> {
    /// Wraps `inner`.
    pub const fn new(inner: C, odds: Odds, seed: u64) -> Self {
        Self { inner, odds, random: seed | 1, held: [None; HELD], done: [0; 7] }
    }

    /// What was wrapped.
    pub fn inner(&mut self) -> &mut C {
        &mut self.inner
    }

    /// Ends the mischief: what is held comes, what comes is left alone.
    pub fn behave(&mut self) {
        self.odds = Odds::default();
    }

    fn next_random(&mut self) -> u64 {
        // Marsaglia's xorshift: enough to choose who suffers.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn happens(&mut self, odds: u8, which: usize) -> bool {
        let happens = self.next_random() & 0xFF < u64::from(odds);
        if let Some(done) = self.done.get_mut(which).filter(|_| happens) {
            *done = done.wrapping_add(1);
        }
        happens
    }

    fn hold(&mut self, what: Received, bytes: &[u8]) -> bool {
        let Some(place) = self.held.iter_mut().find(|place| place.is_none()) else { return false };
        let mut held = Held { what, bytes: [0; 136] };
        held.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        *place = Some(held);
        true
    }

    fn release(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let start = usize::try_from(self.next_random() & 7).unwrap_or(0);
        let order = (start..HELD).chain(0..start);
        let held = order.into_iter().find_map(|at| self.held.get_mut(at)?.take())?;
        buffer.iter_mut().zip(held.bytes).for_each(|(to, from)| *to = from);
        Some(held.what)
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let random = self.next_random();
        let place = usize::try_from(random >> 8).unwrap_or(0);
        if let Some(byte) = place.checked_rem(bytes.len()).and_then(|at| bytes.get_mut(at)) {
            *byte ^= 1_u8.wrapping_shl(u32::try_from(random & 7).unwrap_or(0));
        }
    }
}

const fn len_of(what: Received) -> usize {
    match what {
        Received::Reply { len, .. } | Received::Event { len } => len,
    }
}

const fn with_len(what: Received, len: usize) -> Received {
    match what {
        Received::Reply { tag, .. } => Received::Reply { tag, len },
        Received::Event { .. } => Received::Event { len },
    }
}

impl<C: Channel> Mischief<C> {
    /// Lies about how much was written.
    fn lie(&mut self, what: Received) -> Received {
        let (random, len) = (self.next_random(), len_of(what));
        let some = usize::try_from(random >> 8 & 0xFF).unwrap_or(0);
        if self.happens(self.odds.cut, 4) {
            return with_len(what, some.checked_rem(len.saturating_add(1)).unwrap_or(0));
        }
        if self.happens(self.odds.stretch, 5) {
            return with_len(what, len.saturating_add(some));
        }
        what
    }

    /// A buffer that nobody sent, with anything in it.
    fn invent(&mut self, buffer: &mut [u8]) -> Received {
        let random = self.next_random();
        let [a, b, ..] = random.to_le_bytes();
        for (to, from) in buffer.iter_mut().zip(random.to_le_bytes().into_iter().cycle()) {
            *to = from;
        }
        Received::Reply { tag: u16::from_le_bytes([a, b]), len: buffer.len() }
    }
}

impl<C: Channel> Channel for Mischief<C> {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.inner.send(tag, request, room)
    }

    fn send_delayed(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.inner.send_delayed(tag, request, room)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        if self.happens(self.odds.invent, 6) {
            return Some(self.invent(buffer));
        }
        while let Some(what) = self.inner.receive(buffer) {
            let bytes = buffer.get_mut(..len_of(what)).unwrap_or_default();
            if self.happens(self.odds.lose, 0) {
                continue;
            }
            if self.happens(self.odds.flip, 3) {
                self.flip(bytes);
            }
            if self.happens(self.odds.repeat, 2) {
                self.hold(what, bytes);
            }
            if self.happens(self.odds.hold, 1) && self.hold(what, bytes) {
                continue;
            }
            return Some(self.lie(what));
        }
        self.release(buffer)
    }

    fn now(&self) -> Time {
        self.inner.now()
    }

    fn wait(&mut self, until: Time) {
        self.inner.wait(until);
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }
}
