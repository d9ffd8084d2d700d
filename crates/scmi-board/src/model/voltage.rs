//! The voltage domains of a board.

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::voltage::platform::{self, VoltageModel};
use scmi::protocol::voltage::wire::Mode;
use scmi::wire::Status;

use super::Access;

/// A voltage domain. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VoltageDomain {
    /// What agents are told of it.
    pub description: platform::VoltageDomain,
    /// Its level at start, in microvolts.
    pub level: i32,
    /// Its mode at start.
    pub mode: Mode,
    /// Who may change it.
    pub access: Access,
    /// Whether no agent can switch it off.
    pub keep: bool,
}

/// The voltage domains of a board.
#[derive(Debug)]
pub struct BoardVoltages {
    descriptions: Vec<platform::VoltageDomain>,
    domains: Vec<VoltageDomain>,
}

impl BoardVoltages {
    /// These domains, as they are at start.
    #[must_use]
    pub fn new(domains: &[VoltageDomain]) -> Self {
        let descriptions = domains.iter().map(|domain| domain.description.clone()).collect();
        Self { descriptions, domains: domains.to_vec() }
    }

    /// Has the domains take as long as these.
    pub(crate) fn tune(&mut self, domains: &[VoltageDomain]) {
        let own = self.descriptions.iter_mut().zip(&mut self.domains);
        for ((description, domain), new) in own.zip(domains) {
            for description in [description, &mut domain.description] {
                description.enable_delay = new.description.enable_delay;
                description.level_change = new.description.level_change;
            }
        }
    }

    fn domain(&mut self, domain: usize) -> Result<&mut VoltageDomain, Status> {
        self.domains.get_mut(domain).ok_or(Status::NOT_FOUND)
    }
}

impl VoltageModel for BoardVoltages {
    fn domains(&self) -> &[platform::VoltageDomain] {
        &self.descriptions
    }

    fn mode(&self, domain: usize) -> Mode {
        self.domains.get(domain).map_or(Mode::OFF, |domain| domain.mode)
    }

    fn set_mode(&mut self, _: Time, domain: usize, mode: Mode) -> Result<(), Status> {
        self.domain(domain)?.mode = mode;
        Ok(())
    }

    fn level(&self, domain: usize) -> i32 {
        self.domains.get(domain).map_or(0, |domain| domain.level)
    }

    fn set_level(&mut self, _: Time, domain: usize, level: i32) -> Result<(), Status> {
        self.domain(domain)?.level = level;
        Ok(())
    }

    fn allows(&self, agent: AgentId, domain: usize) -> bool {
        self.domains.get(domain).is_some_and(|domain| domain.access.allows(agent))
    }
}
