//! The performance domains of a board.

use std::sync::Arc;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::perf::platform::{self, PerfModel};
use scmi::protocol::perf::wire::PowerUnit;
use scmi::wire::Status;

use super::{Access, Activity};

/// A performance domain. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PerformanceDomain {
    /// What agents are told of it.
    pub description: platform::PerfDomain,
    /// What the costs of its levels are in; the same for all domains of a board.
    pub unit: PowerUnit,
    /// The power domain that it is in, by id: it consumes nothing while that is off.
    pub power_domain: Option<usize>,
    /// The CPUs of a guest that it drives, for a device tree; nothing on the wire tells of them.
    pub cpus: Option<Cpus>,
    /// Who may set its level and its limits.
    pub access: Access,
    /// The only agent that may set its level.
    pub owner: Option<AgentId>,
}

/// CPUs of a guest, by their position in its device tree.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cpus {
    /// All that the guest has.
    All,
    /// These, each once; a guest may have fewer.
    These(Vec<u32>),
}

impl PerformanceDomain {
    /// What its levels cost, in microwatts; nothing where costs are only numbers to compare.
    pub(crate) fn microwatts(&self) -> Vec<u64> {
        let scale = match self.unit {
            PowerUnit::MILLIWATT => 1000,
            PowerUnit::MICROWATT => 1,
            _ => 0,
        };
        self.description.levels.iter().map(|level| u64::from(level.power_cost) * scale).collect()
    }
}

/// The performance domains of a board. The level that a domain is at costs what its table says.
#[derive(Debug)]
pub struct BoardPerformance {
    descriptions: Vec<platform::PerfDomain>,
    access: Vec<Access>,
    unit: PowerUnit,
    activity: Arc<Activity>,
}

impl BoardPerformance {
    pub(crate) fn new(domains: &[PerformanceDomain], activity: Arc<Activity>) -> Self {
        Self {
            descriptions: domains.iter().map(|domain| domain.description.clone()).collect(),
            access: domains.iter().map(|domain| domain.access.clone()).collect(),
            unit: domains.first().map_or(PowerUnit::ABSTRACT, |domain| domain.unit),
            activity,
        }
    }

    /// Has the domains be in the power domains of these.
    pub(crate) fn tune(&mut self, now: Time, domains: &[PerformanceDomain]) {
        for (id, domain) in domains.iter().enumerate() {
            self.activity.moved(now, id, domain.power_domain);
        }
    }

    fn may(&self, agent: AgentId, domain: usize) -> bool {
        self.access.get(domain).is_some_and(|access| access.allows(agent))
    }
}

impl PerfModel for BoardPerformance {
    fn domains(&self) -> &[platform::PerfDomain] {
        &self.descriptions
    }

    fn power_unit(&self) -> PowerUnit {
        self.unit
    }

    fn may_set_level(&self, agent: AgentId, domain: usize) -> bool {
        self.may(agent, domain)
    }

    fn may_set_limits(&self, agent: AgentId, domain: usize) -> bool {
        self.may(agent, domain)
    }

    fn change(&mut self, _: Time, domain: usize, _: usize) -> Result<(), Status> {
        self.descriptions.get(domain).map(|_| ()).ok_or(Status::NOT_FOUND)
    }

    fn changed(&mut self, now: Time, domain: usize, level: usize) {
        self.activity.level(now, domain, level);
    }
}
