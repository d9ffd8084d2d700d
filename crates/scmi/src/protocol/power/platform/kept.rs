//! What agents have set of power domains.

use core::fmt;

use super::runtime::info;
use super::server::PowerServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement, Subject};
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Vote(AgentId, usize),
    Changes(AgentId),
    Requests(AgentId),
}

impl PowerServer {
    pub(super) fn identify_domain(&self, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let Some(domain) = self.model.domains().get(id) else { return Ok(()) };
        write!(to, "{}; states", domain.name)?;
        domain.states.iter().try_for_each(|info| write!(to, " {:#x}", info.state.0))
    }

    pub(super) fn say(&self, id: usize, say: &mut Statement<'_>) {
        let Some(domain) = self.domains.get(id) else { return };
        let word = |state| info(self.model.as_ref(), id, state).map_or(0, |info| info.state.0);
        say.per_agent(StateKind::VOTE, &self.votes, id, |state| word(state).into());
        say.agents(StateKind::NOTIFY, &domain.change_agents);
        say.agents(StateKind::NOTIFY_REQUESTS, &domain.request_agents);
    }

    fn fact(&self, entry: &StateEntry) -> Option<(usize, Fact)> {
        let (Subject::Resource(_, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let (domain, agent) = (self.model.domains().get(id)?, entry.agent()?);
        let fact = match entry.key.kind {
            StateKind::VOTE => {
                let state = domain.states.iter().position(|info| u64::from(info.state.0) == value);
                Fact::Vote(agent, state?)
            }
            StateKind::NOTIFY if value == 1 && domain.change_notifications => Fact::Changes(agent),
            StateKind::NOTIFY_REQUESTS if value == 1 && domain.request_notifications => {
                Fact::Requests(agent)
            }
            _ => return None,
        };
        Some((id, fact))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// Domains are in the state that is wanted at once.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        for entry in entries {
            let Some((id, fact)) = self.fact(entry) else { continue };
            let Some(domain) = self.domains.get_mut(id) else { continue };
            match fact {
                Fact::Vote(agent, state) => {
                    self.votes.set(id, agent, Some(state));
                }
                Fact::Changes(agent) => domain.change_agents.insert(agent),
                Fact::Requests(agent) => domain.request_agents.insert(agent),
            }
        }
        for domain in &mut self.domains {
            domain.settle(now, self.model.as_mut(), &self.votes);
        }
        self.redue();
    }
}
