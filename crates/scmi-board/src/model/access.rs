//! Who may change an item.

use scmi::platform::AgentId;

/// The agents that may change an item; everybody may look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// None where all may.
    agents: Option<Vec<AgentId>>,
}

impl Access {
    /// All agents.
    #[must_use]
    pub fn all() -> Self {
        Self { agents: None }
    }

    /// Only these; none where there are none.
    #[must_use]
    pub fn only(agents: Vec<AgentId>) -> Self {
        Self { agents: Some(agents) }
    }

    /// Whether `agent` is one of them.
    #[must_use]
    pub fn allows(&self, agent: AgentId) -> bool {
        self.agents.as_ref().is_none_or(|agents| agents.contains(&agent))
    }
}
