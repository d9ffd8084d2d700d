//! A performance domain as it is, for whoever operates the platform.

use super::{Limits, PerfModel, PerfServer};
use crate::platform::AgentId;

/// A performance domain as it is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PerfStatus {
    /// The level that was accepted last.
    pub level: u32,
    /// The limits in force: the narrowest of all.
    pub limits: Limits,
}

impl PerfServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn PerfModel {
        self.model.as_mut()
    }

    /// The domain at a position as it is; none beyond the last.
    pub fn status(&self, domain: usize) -> Option<PerfStatus> {
        let state = self.domains.get(domain)?;
        let level = self.model.domains().get(domain)?.levels.get(state.level)?.level;
        Some(PerfStatus { level, limits: state.limits })
    }

    /// The limits that agents have set on a domain, and who.
    pub fn limits(&self, domain: usize) -> impl Iterator<Item = (AgentId, Limits)> {
        self.wishes.of(domain)
    }
}
