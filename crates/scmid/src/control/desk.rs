//! What the routes have at hand.

use std::sync::Arc;
use std::time::Instant;

use scmi::Time;
use scmi::platform::{AgentId, AgentSet, Platform, Server};
use scmi_board::Board;

use super::events::Events;
use crate::daemon::Daemon;

/// Resources that are looked at before other threads get their turn on the platform.
const AT_ONCE: usize = 32;

/// A daemon, and who listens to it.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) daemon: Arc<Daemon>,
    pub(super) events: Arc<Events>,
    pub(super) started: Instant,
}

impl Desk {
    pub(super) fn new(daemon: Arc<Daemon>) -> Self {
        Self { daemon, events: Arc::default(), started: Instant::now() }
    }

    /// The board as it is served now.
    pub(super) fn board(&self) -> Arc<Board> {
        self.daemon.board()
    }

    /// Looks at each resource of a protocol, a few at a time: the platform is not kept from its agents for longer.
    /// Nothing comes of a protocol that the platform does not have.
    pub(super) fn each<S: Server, R>(
        &self,
        count: usize,
        mut visit: impl FnMut(Time, &mut S, usize) -> Option<R>,
    ) -> Vec<R> {
        let mut seen = Vec::with_capacity(count);
        for first in (0..count).step_by(AT_ONCE) {
            self.daemon.with(|now, platform| {
                let Some(server) = platform.server_mut::<S>() else { return };
                let ids = first..count.min(first + AT_ONCE);
                seen.extend(ids.filter_map(|id| visit(now, server, id)));
            });
        }
        seen
    }

    pub(super) fn with<R>(&self, visit: impl FnOnce(Time, &mut Platform) -> R) -> R {
        self.daemon.with(visit)
    }

    /// An agent's name. What the board keeps on is held by one more agent than it has, which is the platform itself.
    pub(super) fn name(&self, agent: AgentId) -> String {
        name(&self.board(), agent)
    }

    pub(super) fn names(&self, agents: AgentSet) -> Vec<String> {
        agents.iter().map(|agent| self.name(agent)).collect()
    }

    /// The agent of a name.
    pub(super) fn agent(&self, name: &str) -> Option<AgentId> {
        let index = self.board().agents.iter().position(|agent| agent.name == name)?;
        AgentId::from_index(index)
    }
}

/// An agent's name; `platform` beyond the last.
pub(super) fn name(board: &Board, agent: AgentId) -> String {
    let agent = board.agents.get(agent.index());
    agent.map_or_else(|| "platform".into(), |agent| agent.name.clone())
}
