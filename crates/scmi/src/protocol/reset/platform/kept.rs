//! What agents have set of reset domains.

use core::fmt;

use super::super::wire::ResetState;
use super::server::ResetServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement, Subject};
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Held(ResetState),
    Resets(AgentId),
}

impl ResetServer {
    pub(super) fn identify_domain(&self, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let Some(domain) = self.model.domains().get(id) else { return Ok(()) };
        write!(to, "{}; states", domain.name)?;
        domain.own_states.iter().try_for_each(|state| write!(to, " {:#x}", state.0))
    }

    pub(super) fn say(&self, id: usize, say: &mut Statement<'_>) {
        let Some(state) = self.states.get(id) else { return };
        say.value(StateKind::HELD, state.held.map(|held| held.0.into()), None);
        say.agents(StateKind::NOTIFY, &state.subscribers);
    }

    fn fact(&self, entry: &StateEntry) -> Option<(usize, Fact)> {
        let (Subject::Resource(_, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let domain = self.model.domains().get(id)?;
        let fact = match entry.key.kind {
            StateKind::HELD => {
                let state = ResetState(u32::try_from(value).ok()?);
                domain.has(state).then_some(Fact::Held(state))?
            }
            StateKind::NOTIFY if value == 1 && domain.notifies => Fact::Resets(entry.agent()?),
            _ => return None,
        };
        Some((id, fact))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// Domains that were held are held; a cycle that was under way is over.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        for entry in entries {
            let Some((id, fact)) = self.fact(entry) else { continue };
            let Some(state) = self.states.get_mut(id) else { continue };
            match fact {
                Fact::Held(held) => {
                    if self.model.set_asserted(now, id, held, true).is_ok() {
                        state.held = Some(held);
                    }
                }
                Fact::Resets(agent) => state.subscribers.insert(agent),
            }
        }
    }
}
