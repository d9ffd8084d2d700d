//! The reset domains of a board.

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::reset::platform::{self, ResetModel};
use scmi::protocol::reset::wire::ResetState;
use scmi::wire::Status;

use super::Access;

/// A reset domain. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResetDomain {
    /// What agents are told of it.
    pub description: platform::ResetDomain,
    /// Whether it can be held in reset; otherwise only reset as a whole.
    pub hold: bool,
    /// Who may reset it.
    pub access: Access,
}

/// The reset domains of a board: they hold, and let go.
#[derive(Debug)]
pub struct BoardResets {
    descriptions: Vec<platform::ResetDomain>,
    domains: Vec<(ResetDomain, bool)>,
}

impl BoardResets {
    /// These domains, none held.
    #[must_use]
    pub fn new(domains: &[ResetDomain]) -> Self {
        let descriptions = domains.iter().map(|domain| domain.description.clone()).collect();
        Self {
            descriptions,
            domains: domains.iter().map(|domain| (domain.clone(), false)).collect(),
        }
    }

    /// Whether the domain at position `domain` is held in reset.
    #[must_use]
    pub fn held(&self, domain: usize) -> bool {
        self.domains.get(domain).is_some_and(|(_, held)| *held)
    }

    fn set(&mut self, domain: usize, held: bool) -> Result<(), Status> {
        self.domains.get_mut(domain).ok_or(Status::NOT_FOUND)?.1 = held;
        Ok(())
    }
}

impl ResetModel for BoardResets {
    fn domains(&self) -> &[platform::ResetDomain] {
        &self.descriptions
    }

    fn set_asserted(
        &mut self,
        _: Time,
        domain: usize,
        _: ResetState,
        asserted: bool,
    ) -> Result<(), Status> {
        match self.domains.get(domain) {
            Some((description, _)) if !description.hold => Err(Status::NOT_SUPPORTED),
            _ => self.set(domain, asserted),
        }
    }

    fn begin(&mut self, _: Time, domain: usize, _: ResetState) -> Result<(), Status> {
        self.set(domain, true)
    }

    fn end(&mut self, _: Time, domain: usize, _: ResetState) -> Result<(), Status> {
        self.set(domain, false)
    }

    fn asserted(&self, domain: usize) -> Option<bool> {
        self.domains.get(domain).map(|_| self.held(domain))
    }

    fn allows(&self, agent: AgentId, domain: usize) -> bool {
        self.domains.get(domain).is_some_and(|(domain, _)| domain.access.allows(agent))
    }
}
