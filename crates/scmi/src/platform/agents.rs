//! The agents of a platform.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::counters::Counters;
use super::device::Denied;
use super::engine::refuse;
use super::notices::Notices;
use super::pending::PendingCalls;
use super::space::Space;
use super::view::View;
use crate::time::Time;
use crate::wire::{ProtocolId, Status, Version};

/// An agent, as the platform counts them: 1 is the first; 0 on the wire is the platform itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentId(u8);

impl AgentId {
    /// The agent at a position, 0 being the first; 254 is the last that can be.
    pub fn from_index(index: usize) -> Option<Self> {
        u8::try_from(index.checked_add(1)?).ok().map(Self)
    }

    /// Its position in the platform's list.
    pub fn index(self) -> usize {
        usize::from(self.0).saturating_sub(1)
    }

    /// Its number on the wire.
    pub fn number(self) -> u32 {
        self.0.into()
    }
}

impl fmt::Debug for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "agent {}", self.0)
    }
}

/// A set of agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentSet(pub(crate) [u64; 4]);

impl AgentSet {
    fn place(agent: AgentId) -> (usize, u64) {
        let index = agent.index();
        (index >> 6, 1 << (index & 63))
    }

    /// Takes an agent in.
    pub fn insert(&mut self, agent: AgentId) {
        let (word, bit) = Self::place(agent);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Puts an agent out.
    pub fn remove(&mut self, agent: AgentId) {
        let (word, bit) = Self::place(agent);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    /// In or out.
    pub fn set(&mut self, agent: AgentId, member: bool) {
        if member { self.insert(agent) } else { self.remove(agent) }
    }

    /// Whether it is in.
    pub fn contains(&self, agent: AgentId) -> bool {
        let (word, bit) = Self::place(agent);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Whether nobody is in.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// All that are in, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = AgentId> + use<> {
        let set = *self;
        (0..255).filter_map(AgentId::from_index).filter(move |agent| set.contains(*agent))
    }

    /// Takes the first one out.
    pub fn pop(&mut self) -> Option<AgentId> {
        let first = self.iter().next()?;
        self.remove(first);
        Some(first)
    }
}

/// What an agent's channel can do, settled when it comes to life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Whether there is a way from the platform to the agent, for notifications and delayed responses.
    pub p2a: bool,
    /// How long a delayed response stays behind its immediate one, however fast the platform is. Zero where they
    /// cannot overtake each other on the way.
    pub apart: Duration,
    /// Tells this channel from others, where the transport can know it again after the platform was started anew
    /// ([`super::Platform::resume`]).
    pub name: u64,
}

impl Link {
    /// A channel with or without a way back.
    pub const fn new(p2a: bool) -> Self {
        Self { p2a, apart: Duration::ZERO, name: 0 }
    }

    /// The same channel, on which delayed responses stay that far behind.
    #[must_use]
    pub const fn apart(self, apart: Duration) -> Self {
        Self { apart, ..self }
    }

    /// The same channel, by this name.
    #[must_use]
    pub const fn named(self, name: u64) -> Self {
        Self { name, ..self }
    }
}

/// Which version of a protocol an agent is told, and which it has settled on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spoken {
    pub(super) protocol: ProtocolId,
    /// What PROTOCOL_VERSION reports, and the most that can be negotiated.
    pub(super) reported: Version,
    /// What is spoken now.
    pub(super) effective: Version,
    pub(super) access: ProtocolAccess,
}

/// Whether an agent may use a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProtocolAccess {
    /// It may.
    Open,
    /// It is not there for the agent, which has nothing of what it is about.
    Hidden,
    /// All that the agent has of what it is about was taken from it.
    Taken,
}

/// All that the platform knows of one agent.
#[derive(Debug)]
pub(super) struct AgentState {
    pub(super) name: String,
    pub(super) view: View,
    /// What it holds from the moment that it comes, by the platform's ids.
    pub(super) holds: Vec<(Space, usize)>,
    /// Whether what it set goes back to what it was when it goes.
    pub(super) restores: bool,
    /// What was denied to it since it came.
    pub(super) denied: Denied,
    /// Whether it may change the permissions of others.
    pub(super) trusted: bool,
    /// None while no channel is alive: nothing is queued for it then.
    pub(super) link: Option<Link>,
    /// The name of the channel that is alive, or that was when the platform was started anew.
    pub(super) channel: Option<u64>,
    /// Until when the channel is waited for, after the platform was started anew.
    pub(super) away: Option<Time>,
    /// By position of the protocol's server.
    pub(super) spoken: Vec<Spoken>,
    pub(super) pending: PendingCalls,
    pub(super) notices: Notices,
    pub(super) counters: Counters,
}

impl AgentState {
    /// Forgets all that belongs to one life of the channel.
    pub(super) fn forget(&mut self) {
        for spoken in &mut self.spoken {
            spoken.effective = spoken.reported;
        }
        self.pending.clear();
        self.notices.clear();
    }

    /// Forgets all that the agent has set. The commands that it still waits for are refused; returns whether there were any.
    pub(super) fn reset(&mut self, now: Time) -> bool {
        for spoken in &mut self.spoken {
            spoken.effective = spoken.reported;
        }
        self.notices.clear();
        self.pending.give_up(now, &mut |header, bytes| refuse(header, Status::GENERIC_ERROR, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let ids: Vec<_> = [0, 1, 63, 64, 254].into_iter().filter_map(AgentId::from_index).collect();
        let mut set = AgentSet::default();
        ids.iter().for_each(|id| set.insert(*id));
        assert_eq!(set.iter().collect::<Vec<_>>(), ids);
        assert_eq!(set.pop(), AgentId::from_index(0));
        assert!(!set.contains(ids[0]));
        assert_eq!(AgentId::from_index(255), None);
    }
}
