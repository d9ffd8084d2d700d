//! One thing that an agent has set.

use core::fmt;

use crate::platform::{AgentId, Space};
use crate::wire::open::open_number;

/// What something that lasts is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An agent itself.
    Agent(AgentId),
    /// A resource, by the platform's id.
    Resource(Space, usize),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(agent) => write!(f, "agent {}", agent.number()),
            Self::Resource(space, id) => write!(f, "{space} {id}"),
        }
    }
}

open_number! {
    /// What was set. Numbers once given keep their meaning.
    pub struct StateKind(u8) {
        /// Of an agent: its channel is alive; the value is the channel's name ([`super::super::Link::named`]).
        CHANNEL = 1,
        /// Of an agent: the version that it has settled on; the part is the protocol.
        VERSION = 2,
        /// Of an agent: what was denied to it of a device, a bit a space; the part is the device.
        DENIED = 3,
        /// Of an agent: it wants to be told of errors.
        ERRORS = 4,
        /// A clock's rate in hertz.
        RATE = 16,
        /// A clock's parent, by the platform's id.
        PARENT = 17,
        /// The value of an extended type of a clock; the part is the type.
        EXTENDED = 18,
        /// An agent wants a clock on; the part is the agent, as with all that each agent has of its own.
        ENABLED = 19,
        /// An agent wants to be told of changes: of a rate, a level, a state, a cap, of readings, of resets, of the system's power.
        NOTIFY = 20,
        /// An agent wants to be told what others asked for in vain.
        NOTIFY_REQUESTS = 21,
        /// The state that an agent has asked a power domain to be in.
        VOTE = 22,
        /// A level: of a performance domain, or in microvolts.
        LEVEL = 23,
        /// An agent's limits of a performance domain: the highest level in the upper half, the lowest in the lower.
        LIMITS = 24,
        /// An agent wants to be told of changed limits.
        NOTIFY_LIMITS = 25,
        /// The mode that an agent has asked a voltage domain to be in.
        MODE = 26,
        /// An agent's cap.
        CAP = 27,
        /// An averaging interval in microseconds.
        INTERVAL = 28,
        /// The thresholds of power outside of which an agent is told: the higher in the upper half, the lower in the lower.
        THRESHOLDS = 29,
        /// A sensor's configuration, as CONFIG_GET tells it.
        CONFIG = 30,
        /// What a trip point watches for; the part is the trip point.
        TRIP_MODE = 31,
        /// The value of a trip point, signed; the part is the trip point.
        TRIP_VALUE = 32,
        /// An agent wants to be told of crossed trip points.
        NOTIFY_TRIPS = 33,
        /// A reset domain is held; the value is the kind of reset.
        HELD = 34,
        /// The function of a pin or group; 0xFFFFFFFF none.
        FUNCTION = 35,
        /// A setting of a pin or group; the part is its type.
        SETTING = 36,
        /// A pin or group was requested by an agent.
        REQUESTED = 37,
        /// The state of the system that an agent controls; the part is the agent.
        SYSTEM = 38,
        /// A clock was switched off when nobody wanted it on any more; one that nobody ever wanted is as at start.
        OFF = 39,
    }
}

impl StateKind {
    /// Whether each agent has one of its own, so that the part is the agent's position.
    pub const fn is_per_agent(self) -> bool {
        matches!(
            self,
            Self::ENABLED
                | Self::NOTIFY
                | Self::NOTIFY_REQUESTS
                | Self::VOTE
                | Self::LIMITS
                | Self::NOTIFY_LIMITS
                | Self::MODE
                | Self::CAP
                | Self::THRESHOLDS
                | Self::NOTIFY_TRIPS
                | Self::SYSTEM
        )
    }
}

/// What a [`StateEntry`] is about: there is one value for each key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateKey {
    /// Of whom, or of what.
    pub subject: Subject,
    /// What was set.
    pub kind: StateKind,
    /// Which one, where there are several: see the kind.
    pub part: u16,
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} {}", self.subject, self.kind, self.part)
    }
}

/// One thing that an agent has set, or that is not set any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateEntry {
    /// What.
    pub key: StateKey,
    /// The value; none where it is as if nobody had said anything.
    pub value: Option<u64>,
    /// Who was the last to set it, where that matters.
    pub by: Option<AgentId>,
}

/// An agent, where a space would stand.
const AGENT: u8 = 0xFF;

impl StateEntry {
    /// Bytes of an entry.
    pub const BYTES: usize = 16;

    /// The agent whose own it is, where each agent has one ([`StateKind::is_per_agent`]).
    pub fn agent(&self) -> Option<AgentId> {
        AgentId::from_index(self.key.part.into()).filter(|_| self.key.kind.is_per_agent())
    }

    /// As bytes that [`Self::from_bytes`] reads: the space (0xFF an agent), the kind, id and part of two bytes each, the
    /// number of who set it (0 nobody), whether there is a value, and the value; numbers are little-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let (space, id) = match self.key.subject {
            Subject::Agent(agent) => (AGENT, agent.index()),
            Subject::Resource(space, id) => (space as u8, id),
        };
        let [id_low, id_high] = u16::try_from(id).unwrap_or(u16::MAX).to_le_bytes();
        let [part_low, part_high] = self.key.part.to_le_bytes();
        let by = self.by.map_or(0, |agent| u8::try_from(agent.number()).unwrap_or(0));
        let there = u8::from(self.value.is_some());
        let head = [space, self.key.kind.0, id_low, id_high, part_low, part_high, by, there];
        let mut bytes = [0; Self::BYTES];
        let value = self.value.unwrap_or(0).to_le_bytes();
        for (to, from) in bytes.iter_mut().zip(head.into_iter().chain(value)) {
            *to = from;
        }
        bytes
    }

    /// An entry from its bytes; none where they cannot be one.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let [space, kind, a, b, c, d, by, there, value @ ..] = *bytes;
        let id = usize::from(u16::from_le_bytes([a, b]));
        let subject = if space == AGENT {
            Subject::Agent(AgentId::from_index(id)?)
        } else {
            let space = Space::ALL.into_iter().find(|known| *known as u8 == space)?;
            Subject::Resource(space, id)
        };
        let key = StateKey { subject, kind: StateKind(kind), part: u16::from_le_bytes([c, d]) };
        let value = match there {
            0 => None,
            1 => Some(u64::from_le_bytes(value)),
            _ => return None,
        };
        let by = usize::from(by).checked_sub(1).and_then(AgentId::from_index);
        Some(Self { key, value, by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_what_its_bytes_say() {
        let agent = |index| AgentId::from_index(index).expect("small");
        let key = |subject, kind, part| StateKey { subject, kind, part };
        let rate = StateEntry {
            key: key(Subject::Resource(Space::Clock, 0x102), StateKind::RATE, 0),
            value: Some(24_000_000),
            by: Some(agent(2)),
        };
        let bytes = rate.to_bytes();
        assert_eq!(bytes, [2, 16, 2, 1, 0, 0, 3, 1, 0, 0x36, 0x6E, 1, 0, 0, 0, 0]);
        let gone = StateEntry {
            key: key(Subject::Agent(agent(254)), StateKind::VERSION, 0x14),
            value: None,
            by: None,
        };
        assert_eq!(gone.to_bytes()[..8], [0xFF, 2, 254, 0, 0x14, 0, 0, 0]);
        for entry in [rate, gone] {
            assert_eq!(StateEntry::from_bytes(&entry.to_bytes()), Some(entry));
        }
        for (at, byte) in [(0, 11), (0, 0xFE), (7, 2)] {
            let mut wrong = bytes;
            wrong[at] = byte;
            assert_eq!(StateEntry::from_bytes(&wrong), None, "{at}");
        }
    }
}
