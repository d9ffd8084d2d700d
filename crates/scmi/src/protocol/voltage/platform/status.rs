//! A voltage domain as it is, for whoever operates the platform.

use super::super::wire::Mode;
use super::{VoltageModel, VoltageServer};
use crate::platform::AgentId;
use crate::protocol::serving::Change;

/// A voltage domain as it is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VoltageStatus {
    /// The mode that it is in.
    pub mode: Mode,
    /// Its level in microvolts; of a domain that is off the one that it will have.
    pub level: i32,
    /// The level of a change that is under way, in microvolts.
    pub changing_to: Option<i32>,
}

impl VoltageServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn VoltageModel {
        self.model.as_mut()
    }

    /// The domain at a position as it is; none beyond the last.
    pub fn status(&self, domain: usize) -> Option<VoltageStatus> {
        let changing_to = match self.states.get(domain)?.change {
            Change::Running { wanted, .. } => Some(wanted),
            _ => None,
        };
        let model = self.model.as_ref();
        Some(VoltageStatus { mode: model.mode(domain), level: model.level(domain), changing_to })
    }

    /// The modes other than off that agents want a domain in, and who.
    pub fn wishes(&self, domain: usize) -> impl Iterator<Item = (AgentId, Mode)> {
        let modes = self.model.domains().get(domain).map_or(&[][..], |domain| &domain.modes);
        let wanted_by = self.states.get(domain).map_or(&[][..], |state| &state.wanted_by);
        let wishes = modes.iter().zip(wanted_by);
        wishes.flat_map(|(mode, by)| by.iter().map(|agent| (agent, *mode)))
    }
}
