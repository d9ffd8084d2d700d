//! What an agent may expect of a platform, kept beside it in the simplest form.

use core::time::Duration;
use std::collections::BTreeSet;
use std::vec::Vec;

use super::plausible::fixed_size;
use crate::platform::{Counters, Ticket};
use crate::protocol::sensor::platform::Sensor;
use crate::protocol::{MessageInfo, ProtocolInfo, base, sensor};
use crate::time::Time;
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Status, Version};

/// A call whose answer, or whose delayed response, comes later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put {
    pub(super) header: Header,
    pub(super) sensor: u32,
    pub(super) due: Time,
    pub(super) order: u64,
    /// The version that was spoken when it became ready; none while it is not.
    pub(super) ready: Option<Version>,
    /// The ticket and the room of a late answer; none for a delayed response.
    pub(super) late: Option<(Ticket, usize)>,
    /// Whether the agent was reset before it was ready.
    pub(super) refused: bool,
}

/// What an agent has been promised.
#[derive(Debug)]
pub(super) struct Expected {
    /// Whether there is P2A; none without a channel.
    pub(super) p2a: Option<bool>,
    /// How far a delayed response stays behind its immediate one.
    pub(super) apart: Duration,
    pub(super) reported: [Version; 2],
    pub(super) effective: [Version; 2],
    pub(super) put: Vec<Put>,
    pub(super) errors: bool,
    pub(super) updates: BTreeSet<u32>,
    pub(super) trips: BTreeSet<u32>,
    pub(super) counted: Counted,
    pub(super) tickets: Vec<Ticket>,
    issued: u64,
}

/// What has been seen, to compare with the platform's own counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) commands: u64,
    pub(super) answered: u64,
    pub(super) refused: u64,
    pub(super) late: u64,
    pub(super) headless: u64,
    pub(super) no_room: u64,
    pub(super) too_large: u64,
    pub(super) notifications: u64,
    pub(super) delayed: u64,
}

impl From<&Counters> for Counted {
    fn from(counters: &Counters) -> Self {
        Self {
            commands: counters.commands,
            answered: counters.answered,
            refused: counters.refused,
            late: counters.late,
            headless: counters.headless,
            no_room: counters.no_room,
            too_large: counters.too_large,
            notifications: counters.notifications,
            delayed: counters.delayed,
        }
    }
}

/// Where a protocol's version is kept.
pub(super) fn place(protocol: ProtocolId) -> Option<usize> {
    [ProtocolId::BASE, ProtocolId::SENSOR].iter().position(|known| *known == protocol)
}

impl Expected {
    pub(super) fn new(reported: [Version; 2], apart: Duration) -> Self {
        Self {
            p2a: None,
            apart,
            reported,
            effective: reported,
            put: Vec::new(),
            errors: false,
            updates: BTreeSet::new(),
            trips: BTreeSet::new(),
            counted: Counted::default(),
            tickets: Vec::new(),
            issued: 0,
        }
    }

    /// The version that is spoken.
    pub(super) fn version(&self, protocol: ProtocolId) -> Version {
        place(protocol).map_or(Version(0), |at| self.effective[at])
    }

    /// The channel ended, or (with `link`) began anew.
    pub(super) fn connect(&mut self, link: Option<bool>) {
        self.forget();
        self.p2a = link;
        self.put.clear();
        self.tickets.clear();
    }

    /// The agent's configuration was reset: what it waits for is refused, and delayed responses never come.
    pub(super) fn reset(&mut self, now: Time) {
        self.forget();
        self.put.retain(|put| put.late.is_some());
        let version = self.version(ProtocolId::SENSOR);
        for put in self.put.iter_mut().filter(|put| put.ready.is_none()) {
            (put.ready, put.due, put.refused) = (Some(version), now, true);
        }
    }

    fn forget(&mut self) {
        self.effective = self.reported;
        self.errors = false;
        self.updates.clear();
        self.trips.clear();
    }

    /// The status of a command that is refused before its parameters are looked at (section 2.1, steps 2 to 5).
    pub(super) fn refusal(&self, header: Header, params: usize) -> Option<Status> {
        if header.kind() != MessageType::COMMAND {
            return Some(Status::PROTOCOL_ERROR);
        }
        let info: &ProtocolInfo = match header.protocol() {
            ProtocolId::BASE => &base::INFO,
            ProtocolId::SENSOR => &sensor::INFO,
            _ => return Some(Status::NOT_SUPPORTED),
        };
        let Some(message) = info.command(header.message()).filter(|m| self.has(info, m)) else {
            return Some(Status::NOT_FOUND);
        };
        if message.needs_p2a && self.p2a != Some(true) {
            return Some(Status::NOT_SUPPORTED);
        }
        (fixed_size(message.payload) != params).then_some(Status::PROTOCOL_ERROR)
    }

    /// Whether a platform that reports this version, and speaks that one, has the message.
    fn has(&self, protocol: &ProtocolInfo, message: &MessageInfo) -> bool {
        let at = place(protocol.id).expect("one of the two");
        if message.id == MessageId::NEGOTIATE_PROTOCOL_VERSION {
            return self.reported[at] >= protocol.negotiable_from;
        }
        let permissions = protocol.id == ProtocolId::BASE && matches!(message.id.0, 0x9 | 0xA);
        message.since <= self.effective[at] && !permissions
    }

    /// A command was accepted; its answer, or its delayed response, comes later.
    pub(super) fn put_off(
        &mut self,
        now: Time,
        header: Header,
        id: u32,
        sensor: &Sensor,
        late: Option<(Ticket, usize)>,
    ) {
        let apart = if late.is_none() { self.apart } else { Duration::ZERO };
        let due = now.after(sensor.read_time.max(apart));
        let order = self.issued;
        self.issued += 1;
        self.put.push(Put { header, sensor: id, due, order, ready: None, late, refused: false });
    }

    /// Delayed responses that are owed.
    pub(super) fn owed(&self) -> usize {
        self.put.iter().filter(|put| put.late.is_none()).count()
    }

    /// The platform was polled; returns whether something became ready by it.
    pub(super) fn polled(&mut self, now: Time) -> bool {
        let version = self.version(ProtocolId::SENSOR);
        let mut any = false;
        for put in self.put.iter_mut().filter(|put| put.ready.is_none() && put.due <= now) {
            put.ready = Some(version);
            any = true;
        }
        any
    }

    /// What is ready for longest, of the late answers or of the delayed responses, and its version.
    pub(super) fn first_ready(&self, late: bool) -> Option<(Put, Version)> {
        let ready = self.put.iter().filter(|put| put.late.is_some() == late);
        let ready = ready.filter_map(|put| Some((*put, put.ready?)));
        ready.min_by_key(|(put, _)| (put.due, put.order))
    }

    /// It was delivered.
    pub(super) fn delivered(&mut self, put: &Put) {
        self.put.retain(|other| other.order != put.order);
    }

    /// When something is due that was not ready at the last poll.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.put.iter().filter(|put| put.ready.is_none()).map(|put| put.due).min()
    }
}
