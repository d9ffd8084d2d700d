//! A reset domain as it is, for whoever operates the platform.

use super::{ResetModel, ResetServer};

/// A reset domain as it is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResetStatus {
    /// Whether it is held in reset, as far as that can be told.
    pub asserted: Option<bool>,
    /// Whether a whole cycle is under way.
    pub cycling: bool,
}

impl ResetServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn ResetModel {
        self.model.as_mut()
    }

    /// The domain at a position as it is; none beyond the last.
    pub fn status(&self, domain: usize) -> Option<ResetStatus> {
        let state = self.states.get(domain)?;
        let asserted = self.model.asserted(domain);
        Some(ResetStatus { asserted, cycling: state.cycle.is_running() })
    }
}
