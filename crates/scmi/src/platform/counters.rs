//! What happened, in numbers.

use alloc::vec::Vec;

use super::tally::{MessageCount, Tally};
use crate::protocol::ProtocolInfo;
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Status};

/// How often what happened on an agent's channel. They never go back, not even when the channel ends.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// How often the channel came to life.
    pub lives: u64,
    /// Commands that came in with at least a header.
    pub commands: u64,
    /// Immediate responses, the refused ones and those that came late included.
    pub answered: u64,
    /// Responses with a status other than success.
    pub refused: u64,
    /// Commands answered later than at once.
    pub late: u64,
    /// Requests too short to have a header: no answer is possible.
    pub headless: u64,
    /// Requests whose buffer had no room for header and status: not executed.
    pub no_room: u64,
    /// Answers that did not fit into the room that was offered.
    pub too_large: u64,
    /// Notifications given to the channel.
    pub notifications: u64,
    /// Notifications replaced by a newer one of the same source before a buffer came.
    pub replaced: u64,
    /// Notifications lost because too many waited.
    pub overflowed: u64,
    /// Notifications omitted because the buffer at hand was too small.
    pub omitted: u64,
    /// Delayed responses given to the channel.
    pub delayed: u64,
    refusals: Vec<Refusal>,
    other_refusals: u64,
    tally: Tally,
}

/// How often a message was refused with a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The message.
    pub message: MessageId,
    /// The status it was answered with.
    pub status: Status,
    /// How often.
    pub count: u64,
}

impl Counters {
    /// An agent can provoke any number of kinds of refusals; this many are told apart.
    const MAX_KINDS: usize = 128;

    pub(super) fn new(protocols: &[&'static ProtocolInfo]) -> Self {
        let refusals = Vec::with_capacity(Self::MAX_KINDS);
        Self { refusals, tally: Tally::new(protocols), ..Self::default() }
    }

    /// How often each message of the protocols' tables went to the agent: those that did, in the order of protocol,
    /// kind and message.
    pub fn messages(&self) -> impl Iterator<Item = &MessageCount> {
        self.tally.seen()
    }

    /// Refusals by kind, in the order in which each kind was first seen.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Refusals of further kinds, when too many kinds were seen to tell them apart.
    pub const fn other_refusals(&self) -> u64 {
        self.other_refusals
    }

    /// Counts a notification.
    pub(super) fn notification(&mut self, header: Header) {
        self.notifications = self.notifications.wrapping_add(1);
        self.tally.count(header, Status::SUCCESS);
    }

    /// Counts a delayed response.
    pub(super) fn delayed_response(&mut self, header: Header, status: Status) {
        self.delayed = self.delayed.wrapping_add(1);
        self.tally.count(header, status);
    }

    /// Counts an immediate response.
    pub(super) fn answer(&mut self, header: Header, status: Status) {
        let (protocol, message) = (header.protocol(), header.message());
        self.answered = self.answered.wrapping_add(1);
        if header.kind() == MessageType::COMMAND {
            self.tally.count(header, status);
        }
        if status == Status::SUCCESS {
            return;
        }
        self.refused = self.refused.wrapping_add(1);
        let known = self.refusals.iter_mut().find(|refusal| {
            refusal.protocol == protocol && refusal.message == message && refusal.status == status
        });
        if let Some(refusal) = known {
            refusal.count = refusal.count.wrapping_add(1);
        } else if self.refusals.len() < Self::MAX_KINDS {
            self.refusals.push(Refusal { protocol, message, status, count: 1 });
        } else {
            self.other_refusals = self.other_refusals.wrapping_add(1);
        }
    }
}
