//! What agents have set of the system's power.

use super::super::wire::SystemState;
use super::server::SystemServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement};

/// One thing that was set.
enum Fact {
    State(AgentId, SystemState),
    Listens(AgentId),
}

impl SystemServer {
    pub(super) fn say(&self, say: &mut Statement<'_>) {
        say.agents(StateKind::NOTIFY, &self.listening);
        say.each_agent(StateKind::SYSTEM, |agent| {
            let state = Some(agent).filter(|agent| self.model.controls(*agent));
            let state = state.map(|agent| self.model.state(agent));
            let other = state.filter(|state| *state != SystemState::POWER_UP);
            other.map(|state| state.0.into())
        });
    }

    fn fact(&self, entry: &StateEntry) -> Option<Fact> {
        let (agent, value) = (entry.agent()?, entry.value?);
        match entry.key.kind {
            StateKind::SYSTEM if self.model.controls(agent) => {
                let state = SystemState(u32::try_from(value).ok()?);
                self.model.system().has(state).then_some(Fact::State(agent, state))
            }
            StateKind::NOTIFY if value == 1 && self.model.system().notifications => {
                Some(Fact::Listens(agent))
            }
            _ => None,
        }
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    pub(super) fn take_back(&mut self, entries: &[StateEntry]) {
        for entry in entries {
            match self.fact(entry) {
                Some(Fact::State(agent, state)) => self.model.resume(agent, state),
                Some(Fact::Listens(agent)) => self.listening.insert(agent),
                None => {}
            }
        }
    }
}
