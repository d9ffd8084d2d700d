//! Agents, described.

use alloc::string::String;
use alloc::vec::Vec;

use super::rights::Rights;
use super::space::Space;
use crate::wire::{ProtocolId, Version};

/// Describes an agent: its name, what it sees and what it may do. Without more than a name it sees the whole platform,
/// under the platform's own ids, may do everything and is told the newest versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSpec {
    pub(super) name: String,
    pub(super) versions: Vec<(ProtocolId, Version)>,
    pub(super) lists: Vec<(Space, Vec<usize>)>,
    pub(super) rights: Vec<(Space, usize, Rights)>,
    pub(super) holds: Vec<(Space, usize)>,
    pub(super) restores: bool,
    pub(super) trusted: bool,
}

impl AgentSpec {
    /// An agent of this name, at most 15 bytes.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            versions: Vec::new(),
            lists: Vec::new(),
            rights: Vec::new(),
            holds: Vec::new(),
            restores: false,
            trusted: false,
        }
    }

    /// The protocols whose version it is to be told is not the newest, and which it is.
    #[must_use]
    pub fn versions(mut self, versions: &[(ProtocolId, Version)]) -> Self {
        self.versions.extend_from_slice(versions);
        self
    }

    /// Of this space it sees these, and no others: the position in the list is the agent's id, what stands there the
    /// platform's. An empty list takes the space away from it, and with the space its protocol, where the protocol is
    /// about nothing else.
    #[must_use]
    pub fn sees(mut self, space: Space, ids: &[usize]) -> Self {
        self.lists.push((space, ids.into()));
        self
    }

    /// It may do this with the resource that the platform calls `id`, and no more.
    #[must_use]
    pub fn may(mut self, space: Space, id: usize, rights: Rights) -> Self {
        self.rights.push((space, id, rights));
        self
    }

    /// It holds the resource that the platform calls `id` from the moment that it comes, as if it had asked for it to be
    /// on: a power domain, a clock, a voltage domain. It lets go as it would of what it asked for.
    #[must_use]
    pub fn holds(mut self, space: Space, id: usize) -> Self {
        self.holds.push((space, id));
        self
    }

    /// When it goes, what it was the last to set of what has one value for all (rates, levels, voltages, parents, the
    /// configuration of sensors) goes back to what it was at start. Otherwise that stays.
    #[must_use]
    pub const fn restores(mut self) -> Self {
        self.restores = true;
        self
    }

    /// It may change the permissions of others, and reset their configuration (section 6).
    #[must_use]
    pub const fn trusted(mut self) -> Self {
        self.trusted = true;
        self
    }
}
