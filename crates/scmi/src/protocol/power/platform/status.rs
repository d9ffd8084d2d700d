//! A power domain as it is, for whoever operates the platform.

use super::runtime::info;
use super::{PowerModel, PowerServer};
use crate::platform::AgentId;
use crate::protocol::power::wire::PowerState;

/// A power domain as it is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PowerStatus {
    /// The state that it is in.
    pub state: PowerState,
    /// The state of a change that is under way.
    pub changing_to: Option<PowerState>,
}

impl PowerServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn PowerModel {
        self.model.as_mut()
    }

    /// The domain at a position as it is; none beyond the last.
    pub fn status(&self, domain: usize) -> Option<PowerStatus> {
        let state = self.domains.get(domain)?;
        let named = |at| info(self.model.as_ref(), domain, at).map(|info| info.state);
        let changing_to = state.transition.and_then(|transition| named(transition.to));
        Some(PowerStatus { state: named(state.state)?, changing_to })
    }

    /// The states that agents want a domain in, and who.
    pub fn votes(&self, domain: usize) -> impl Iterator<Item = (AgentId, PowerState)> {
        let model = self.model.as_ref();
        let votes = self.votes.of(domain);
        votes.filter_map(move |(agent, at)| Some((agent, info(model, domain, at)?.state)))
    }
}
