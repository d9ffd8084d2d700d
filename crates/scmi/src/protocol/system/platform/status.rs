//! The system as it is, for whoever operates the platform.

use super::super::wire::SystemState;
use super::{SystemModel, SystemServer};
use crate::platform::{AgentId, AgentSet};

impl SystemServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn SystemModel {
        self.model.as_mut()
    }

    /// The state of the system, as an agent that controls it would see it.
    pub fn state_of(&self, agent: AgentId) -> SystemState {
        self.model.state(agent)
    }

    /// Who is told of requests and orders.
    pub fn listening(&self) -> AgentSet {
        self.listening
    }
}
