//! How a platform is, and what may change while it lives, for whoever operates it.

use core::any::Any;

use super::agents::AgentId;
use super::engine::Platform;
use super::server::Server;
use crate::wire::ProtocolId;

impl Platform {
    /// Whether an agent's channel is alive.
    pub fn is_connected(&self, agent: AgentId) -> bool {
        self.agents.get(agent.index()).is_some_and(|state| state.link.is_some())
    }

    /// The protocols that the platform has, beside Base, in ascending order.
    pub fn protocols(&self) -> impl Iterator<Item = ProtocolId> {
        self.servers.iter().map(|server| server.info().id)
    }

    /// A protocol's server, to see how its resources are; none where the platform has no such protocol.
    pub fn server<S: Server>(&self) -> Option<&S> {
        self.servers.iter().find_map(|server| {
            let server: &dyn Any = server.as_ref();
            server.downcast_ref()
        })
    }

    /// The same, for what cannot be told without asking the model to measure, and to change its model.
    pub fn server_mut<S: Server>(&mut self) -> Option<&mut S> {
        self.servers.iter_mut().find_map(|server| {
            let server: &mut dyn Any = server.as_mut();
            server.downcast_mut()
        })
    }

    /// Whether what an agent sets goes back to what it was when the agent goes, from now on.
    pub fn set_restores(&mut self, agent: AgentId, restores: bool) {
        if let Some(state) = self.agents.get_mut(agent.index()) {
            state.restores = restores;
        }
    }
}
