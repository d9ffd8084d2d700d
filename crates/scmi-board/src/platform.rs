//! From a board to a platform that answers for it.

use scmi::platform::{BuildError, Builder, Platform};
use scmi::protocol::sensor::platform::SensorServer;

use crate::board::Board;

impl Board {
    /// A platform with the board's protocols and agents, to be changed before it is built.
    ///
    /// The agents come in the order of the file; a board without sensors has no Sensor protocol.
    #[must_use]
    pub fn platform_builder(&self) -> Builder {
        let mut builder = Platform::builder(self.identity.clone());
        if !self.sensors.is_empty() {
            builder = builder.server(Box::new(SensorServer::new(Box::new(self.sensor_model()))));
        }
        self.agents
            .iter()
            .fold(builder, |builder, agent| builder.agent(&agent.name, &agent.versions))
    }

    /// The platform.
    ///
    /// # Errors
    /// None for a board that was loaded; one that was changed since may not fit together.
    pub fn platform(&self) -> Result<Platform, BuildError> {
        self.platform_builder().build()
    }
}
