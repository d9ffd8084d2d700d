//! From a board to a platform that answers for it.

use std::sync::Arc;

use scmi::platform::{
    self, AgentId, AgentSpec, BadDescription, BuildError, Builder, Platform, Rights, Space,
};
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::perf::platform::PerfServer;
use scmi::protocol::pinctrl::platform::PinServer;
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::reset::platform::ResetServer;
use scmi::protocol::sensor::platform::SensorServer;
use scmi::protocol::system::platform::SystemServer;
use scmi::protocol::voltage::platform::VoltageServer;

use crate::board::{Agent, Board, Listed};
use crate::model::{
    Activity, BoardClocks, BoardPerformance, BoardPins, BoardPower, BoardPowercaps, BoardResets,
    BoardSystem, BoardVoltages, Operator,
};

/// Why there is no platform of a board. A board that was loaded does not end here; one that was changed since may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlatformError {
    /// An item cannot be as it is described.
    #[error("{0}")]
    Item(BadDescription),
    /// The parts do not fit together.
    #[error("{0}")]
    Build(BuildError),
}

impl From<BadDescription> for PlatformError {
    fn from(error: BadDescription) -> Self {
        Self::Item(error)
    }
}

impl From<BuildError> for PlatformError {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl Board {
    /// A platform with the board's protocols and agents, to be changed before it is built.
    ///
    /// The agents come in the order of the file; the platform has the protocols of which the board has something.
    /// `operator` gives the system's orders, and can hold sensors at values of its own.
    ///
    /// # Errors
    /// [`PlatformError::Item`].
    pub fn platform_builder(&self, operator: &Operator) -> Result<Builder, PlatformError> {
        let mut builder = Platform::builder(self.identity.clone());
        if !self.sensors.is_empty() {
            let model = self.sensor_model().operated_by(operator);
            builder = builder.server(Box::new(SensorServer::new(Box::new(model))));
        }
        builder = self.with_power(builder)?;
        if let Some(system) = &self.system {
            let model = BoardSystem::new(system, operator);
            builder = builder.server(Box::new(SystemServer::new(Box::new(model))));
        }
        if !self.clocks.is_empty() {
            let model = BoardClocks::new(&self.clocks);
            builder = builder.server(Box::new(ClockServer::new(Box::new(model))?));
        }
        if !self.reset_domains.is_empty() {
            let model = BoardResets::new(&self.reset_domains);
            builder = builder.server(Box::new(ResetServer::new(Box::new(model))?));
        }
        if !self.voltage_domains.is_empty() {
            let model = BoardVoltages::new(&self.voltage_domains);
            builder = builder.server(Box::new(VoltageServer::new(Box::new(model))?));
        }
        if !self.pins.is_empty() {
            let model = BoardPins::new(&self.pins, &self.pin_groups, &self.pin_functions);
            builder = builder.server(Box::new(PinServer::new(Box::new(model))?));
        }
        let agents = self.agents.iter().enumerate();
        let specs =
            agents.filter_map(|(index, agent)| Some(self.spec(AgentId::from_index(index)?, agent)));
        let builder = specs.fold(builder, Builder::agent_as);
        let builder = self.kept().fold(builder, |builder, (space, id)| builder.keep(space, id));
        Ok(self.devices.iter().fold(builder, |builder, device| {
            let parts = &device.resources;
            let empty = platform::Device::new(&device.name);
            builder.device(parts.iter().fold(empty, |all, (space, ids)| all.needs(*space, ids)))
        }))
    }

    /// An agent as the platform wants it described.
    fn spec(&self, id: AgentId, agent: &Agent) -> AgentSpec {
        let mut spec = AgentSpec::new(&agent.name).versions(&agent.versions);
        if agent.trusted {
            spec = spec.trusted();
        }
        if agent.restore {
            spec = spec.restores();
        }
        for (space, list) in &agent.lists {
            let ids: Vec<usize> = list.iter().map(|listed| listed.id).collect();
            spec = spec.sees(*space, &ids);
        }
        for space in Space::ALL {
            for listed in agent.seen(space, self.count(space)) {
                let rights = self.rights(id, space, listed);
                if rights != Rights::ALL {
                    spec = spec.may(space, listed.id, rights);
                }
                if listed.hold {
                    spec = spec.holds(space, listed.id);
                }
            }
        }
        spec
    }

    /// What no agent can switch off.
    fn kept(&self) -> impl Iterator<Item = (Space, usize)> {
        fn ids<T>(items: &[T], keep: impl Fn(&T) -> bool) -> impl Iterator<Item = usize> {
            items.iter().enumerate().filter(move |(_, item)| keep(item)).map(|(id, _)| id)
        }
        let power = ids(&self.power_domains, |domain| domain.keep);
        let clocks = ids(&self.clocks, |clock| clock.keep);
        let voltages = ids(&self.voltage_domains, |domain| domain.keep);
        let power = power.map(|id| (Space::PowerDomain, id));
        let clocks = clocks.map(|id| (Space::Clock, id));
        power.chain(clocks).chain(voltages.map(|id| (Space::VoltageDomain, id)))
    }

    /// What an agent may do with what it sees: what its list says, as far as nobody else owns the value.
    #[must_use]
    pub fn rights(&self, agent: AgentId, space: Space, listed: Listed) -> Rights {
        let owner = match space {
            Space::Clock => self.clocks.get(listed.id).and_then(|clock| clock.owner),
            Space::PerfDomain => {
                self.performance_domains.get(listed.id).and_then(|domain| domain.owner)
            }
            _ => None,
        };
        let others = owner.is_some_and(|owner| owner != agent);
        if others { Rights(listed.rights.0 & !Rights::VALUE) } else { listed.rights }
    }

    /// The protocols that have to do with what the board consumes.
    fn with_power(&self, mut builder: Builder) -> Result<Builder, PlatformError> {
        let activity = Arc::new(Activity::new(&self.performance_domains, &self.power_domains));
        if !self.power_domains.is_empty() {
            let model = BoardPower::new(&self.power_domains, activity.clone());
            builder = builder.server(Box::new(PowerServer::new(Box::new(model))?));
        }
        if !self.performance_domains.is_empty() {
            let model = BoardPerformance::new(&self.performance_domains, activity.clone());
            builder = builder.server(Box::new(PerfServer::new(Box::new(model))?));
        }
        if !self.power_caps.is_empty() {
            let model = BoardPowercaps::new(&self.power_caps, activity);
            builder = builder.server(Box::new(PowercapServer::new(Box::new(model))?));
        }
        Ok(builder)
    }

    /// The platform, with an operator who orders nothing but what the file's script says.
    ///
    /// # Errors
    /// [`PlatformError`].
    pub fn platform(&self) -> Result<Platform, PlatformError> {
        self.platform_with(&Operator::new())
    }

    /// The platform, whose system is operated by `operator`.
    ///
    /// # Errors
    /// [`PlatformError`].
    pub fn platform_with(&self, operator: &Operator) -> Result<Platform, PlatformError> {
        Ok(self.platform_builder(operator)?.build()?)
    }
}
