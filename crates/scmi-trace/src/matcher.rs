//! Which command a message answers.

use core::time::Duration;
use std::collections::BTreeMap;

use scmi::wire::{Header, MessageType};

use crate::frame::Kind;
use crate::reader::Packet;

/// Commands of one agent that are remembered: as many as it can have in flight, and as many again that a delayed response is
/// due for.
const REMEMBERED: usize = 2048;

/// Commands with the same header that are remembered: a driver does not do that, but it may be made to.
const SAME: usize = 64;

/// Finds the command that an answer, a delayed response or a dropped buffer belongs to: the oldest one with its header that
/// has none yet.
#[derive(Debug, Default)]
pub struct Matcher {
    /// By interface and by the header's word.
    waiting: BTreeMap<(usize, u32), Vec<Asked>>,
    /// The same, of those that were answered: a delayed response may follow.
    answered: BTreeMap<(usize, u32), Asked>,
}

/// The command that a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The number of the command's packet.
    pub number: u64,
    /// How long ago it was read.
    pub latency: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    number: u64,
    time: Duration,
}

impl Asked {
    fn to_match(self, packet: &Packet) -> Match {
        Match { number: self.number, latency: packet.time.saturating_sub(self.time) }
    }
}

impl Matcher {
    /// Nothing was asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the next packet of a trace, and says which command it belongs to.
    pub fn see(&mut self, packet: &Packet) -> Option<Match> {
        if packet.kind == Kind::Note && !packet.altered {
            // The driver began or ended: nothing that was asked before is answered.
            let others = |(interface, _): &(usize, u32)| *interface != packet.interface;
            self.waiting.retain(|key, _| others(key));
            self.answered.retain(|key, _| others(key));
            return None;
        }
        let header = Header::parse(&packet.message)?;
        let key = (packet.interface, header.word());
        match packet.kind {
            Kind::Command => {
                self.ask(key, Asked { number: packet.number, time: packet.time });
                None
            }
            Kind::Answer => {
                let asked = self.answer(key)?;
                if self.answered.len() >= REMEMBERED {
                    self.answered.pop_first();
                }
                self.answered.insert(key, asked);
                Some(asked.to_match(packet))
            }
            Kind::Dropped => Some(self.answer(key)?.to_match(packet)),
            Kind::Event if header.kind() == MessageType::DELAYED_RESPONSE => {
                let command = Header::from_word(header.word() & !(3 << 8));
                let key = (packet.interface, command.word());
                // One that comes before its answer is matched too: the answer is still waited for.
                let early = || self.waiting.get(&key).and_then(|asked| asked.first()).copied();
                let asked = self.answered.remove(&key).or_else(early)?;
                Some(asked.to_match(packet))
            }
            _ => None,
        }
    }

    fn ask(&mut self, key: (usize, u32), asked: Asked) {
        if self.waiting.len() >= REMEMBERED && !self.waiting.contains_key(&key) {
            self.waiting.pop_first();
        }
        // A token that is used again ends what a delayed response could still have belonged to.
        self.answered.remove(&key);
        let asked_so_far = self.waiting.entry(key).or_default();
        if asked_so_far.len() >= SAME {
            asked_so_far.remove(0);
        }
        asked_so_far.push(asked);
    }

    fn answer(&mut self, key: (usize, u32)) -> Option<Asked> {
        let asked = self.waiting.get_mut(&key)?;
        let first = (!asked.is_empty()).then(|| asked.remove(0));
        if asked.is_empty() {
            self.waiting.remove(&key);
        }
        first
    }
}
