//! The system as it is, for whoever operates the platform.

use super::super::wire::SystemState;
use super::SystemServer;
use crate::platform::{AgentId, AgentSet};

impl SystemServer {
    /// The state of the system, as an agent that controls it would see it.
    pub fn state_of(&self, agent: AgentId) -> SystemState {
        self.model.state(agent)
    }

    /// Who is told of requests and orders.
    pub fn listening(&self) -> AgentSet {
        self.listening
    }
}
