//! How a server says what agents have set of a resource.

use super::entry::{StateEntry, StateKey, StateKind, Subject};
use crate::platform::{AgentId, AgentSet, PerAgent};

/// Where a server says what agents have set of a resource: the same keys in the same order each time, whether or not they
/// have a value.
pub struct Statement<'a> {
    subject: Subject,
    agents: usize,
    say: &'a mut dyn FnMut(StateEntry),
}

impl<'a> Statement<'a> {
    /// About one subject, of a platform with so many agents.
    pub(super) fn new(subject: Subject, agents: usize, say: &'a mut dyn FnMut(StateEntry)) -> Self {
        Self { subject, agents, say }
    }

    /// One of several parts has this value, or none, and who was the last to set it, where that matters.
    pub fn part(
        &mut self,
        (kind, part): (StateKind, u16),
        value: Option<u64>,
        by: Option<AgentId>,
    ) {
        let key = StateKey { subject: self.subject, kind, part };
        (self.say)(StateEntry { key, value, by: by.filter(|_| value.is_some()) });
    }

    /// What has no parts has this value, or none.
    pub fn value(&mut self, kind: StateKind, value: Option<u64>, by: Option<AgentId>) {
        self.part((kind, 0), value, by);
    }

    /// These agents want something.
    pub fn agents(&mut self, kind: StateKind, set: &AgentSet) {
        self.each_agent(kind, |agent| set.contains(agent).then_some(1));
    }

    /// What each agent has said, as a word.
    pub fn per_agent<T: Copy>(
        &mut self,
        kind: StateKind,
        table: &PerAgent<T>,
        resource: usize,
        word: impl Fn(T) -> u64,
    ) {
        self.each_agent(kind, |agent| table.get(resource, agent).map(&word));
    }

    /// What each agent has of its own.
    pub fn each_agent(&mut self, kind: StateKind, of: impl Fn(AgentId) -> Option<u64>) {
        for part in 0..self.agents {
            let Some(agent) = AgentId::from_index(part) else { return };
            self.part((kind, u16::try_from(part).unwrap_or(u16::MAX)), of(agent), None);
        }
    }
}

impl core::fmt::Debug for Statement<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Statement").field("subject", &self.subject).finish_non_exhaustive()
    }
}
