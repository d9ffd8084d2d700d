//! What an agent gives back.

use super::agents::AgentId;
use super::space::Space;
use super::view::View;

/// What an agent gives back (section 13.5): everything, when it goes or its configuration is reset, or what it has of the
/// resources that were taken from it.
#[derive(Clone, Copy, Debug)]
pub struct Withdrawal<'a> {
    agent: AgentId,
    what: What<'a>,
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Everything { restores: bool },
    Taken(&'a View),
}

impl<'a> Withdrawal<'a> {
    /// Of an agent that goes; `restores` where what it set goes back to what it was at start.
    pub(super) const fn everything(agent: AgentId, restores: bool) -> Self {
        Self { agent, what: What::Everything { restores } }
    }

    /// Of what was taken from an agent.
    pub(super) const fn taken(agent: AgentId, view: &'a View) -> Self {
        Self { agent, what: What::Taken(view) }
    }

    /// Whose.
    pub const fn agent(&self) -> AgentId {
        self.agent
    }

    /// Whether the agent gives back all that it has.
    pub const fn is_everything(&self) -> bool {
        matches!(self.what, What::Everything { .. })
    }

    /// Whether this resource, by the platform's id, is among it.
    pub fn covers(&self, space: Space, id: usize) -> bool {
        match self.what {
            What::Everything { .. } => true,
            What::Taken(view) => view.is_taken(space, id),
        }
    }

    /// Whether settings that have one value for all, and that this agent was the last to set, go back to what they were
    /// at start.
    pub const fn restores(&self) -> bool {
        matches!(self.what, What::Everything { restores: true })
    }
}
