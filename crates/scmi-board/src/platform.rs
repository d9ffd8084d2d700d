//! From a board to a platform that answers for it.

use std::sync::Arc;

use scmi::platform::{BadDescription, BuildError, Builder, Platform};
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::perf::platform::PerfServer;
use scmi::protocol::pinctrl::platform::PinServer;
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::reset::platform::ResetServer;
use scmi::protocol::sensor::platform::SensorServer;
use scmi::protocol::system::platform::SystemServer;
use scmi::protocol::voltage::platform::VoltageServer;

use crate::board::Board;
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
        Ok(self
            .agents
            .iter()
            .fold(builder, |builder, agent| builder.agent(&agent.name, &agent.versions)))
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
