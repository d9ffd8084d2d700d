//! The power domains of a board.

use std::sync::Arc;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::power::platform::{self, PowerModel};
use scmi::protocol::power::wire::PowerState;
use scmi::wire::Status;

use super::{Access, Activity};

/// A power domain. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PowerDomain {
    /// What agents are told of it.
    pub description: platform::PowerDomain,
    /// Who may switch it.
    pub access: Access,
    /// Whether no agent can switch it off.
    pub keep: bool,
}

impl PowerDomain {
    /// Whether it is anything but off at start.
    pub(crate) fn is_on(&self) -> bool {
        let state = self.description.states.get(self.description.initial);
        state.is_none_or(|info| info.state != PowerState::OFF)
    }
}

/// The power domains of a board. What is in one that is off consumes nothing.
#[derive(Debug)]
pub struct BoardPower {
    descriptions: Vec<platform::PowerDomain>,
    access: Vec<Access>,
    activity: Arc<Activity>,
}

impl BoardPower {
    pub(crate) fn new(domains: &[PowerDomain], activity: Arc<Activity>) -> Self {
        let descriptions = domains.iter().map(|domain| domain.description.clone()).collect();
        let access = domains.iter().map(|domain| domain.access.clone()).collect();
        Self { descriptions, access, activity }
    }

    /// Has the domains take as long as these.
    pub(crate) fn tune(&mut self, domains: &[PowerDomain]) {
        for (description, new) in self.descriptions.iter_mut().zip(domains) {
            for (state, new) in description.states.iter_mut().zip(&new.description.states) {
                state.latency = new.latency;
            }
        }
    }
}

impl PowerModel for BoardPower {
    fn domains(&self) -> &[platform::PowerDomain] {
        &self.descriptions
    }

    fn may_set(&self, agent: AgentId, domain: usize) -> bool {
        self.access.get(domain).is_some_and(|access| access.allows(agent))
    }

    fn change(&mut self, _: Time, domain: usize, _: PowerState) -> Result<(), Status> {
        self.descriptions.get(domain).map(|_| ()).ok_or(Status::NOT_FOUND)
    }

    fn changed(&mut self, now: Time, domain: usize, state: PowerState) {
        self.activity.switched(now, domain, state != PowerState::OFF);
    }
}
