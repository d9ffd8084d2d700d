//! The change itself.

use core::any::Any;
use std::sync::Arc;

use scmi::Time;
use scmi::platform::{AgentId, Platform};
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::perf::platform::PerfServer;
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::sensor::platform::SensorServer;
use scmi::protocol::system::platform::SystemServer;
use scmi::protocol::voltage::platform::VoltageServer;

use super::file::BoardFile;
use crate::board::Board;
use crate::model::{
    BoardClocks, BoardPerformance, BoardPower, BoardPowercaps, BoardSensors, BoardSystem,
    BoardVoltages, Feeds,
};

/// What can change of a board, ready to be put into the platform that answers for it.
///
/// Faults are not among it: [`Faults::replace`](crate::Faults::replace).
#[derive(Debug)]
pub struct Tuning {
    board: Arc<Board>,
    /// What sensors read from now on that read something else until now.
    feeds: Vec<(usize, Feeds)>,
}

impl Tuning {
    /// From the one board to the other. There is no refusal in their [`Revision`](super::Revision).
    #[must_use]
    pub fn new(was: &BoardFile, is: &BoardFile) -> Self {
        let board = Arc::clone(&is.board);
        let sensors = was.board.sensors.iter().zip(&board.sensors).enumerate();
        let others = sensors.filter(|(_, (was, is))| was.sources != is.sources);
        let feeds = others.map(|(id, (_, is))| (id, Feeds::of(is))).collect();
        Self { board, feeds }
    }

    /// Makes the change. What is under way ends when it would have; what sensors are held at, they are held at.
    ///
    /// The platform is one of [`Board::platform_with`]; of another one, what has models of its own stays as it is.
    pub fn apply(mut self, now: Time, platform: &mut Platform) {
        let board = &*self.board;
        for (index, agent) in board.agents.iter().enumerate() {
            if let Some(id) = AgentId::from_index(index) {
                platform.set_restores(id, agent.restore);
            }
        }
        macro_rules! tune {
            ($server:ty, $model:ty, |$found:ident| $tune:expr) => {
                let model: Option<&mut dyn Any> =
                    platform.server_mut::<$server>().map(|server| server.model_mut() as _);
                if let Some($found) = model.and_then(|model| model.downcast_mut::<$model>()) {
                    $tune;
                }
            };
        }
        tune!(SensorServer, BoardSensors, |model| model.tune(&board.sensors, &mut self.feeds));
        tune!(ClockServer, BoardClocks, |model| model.tune(&board.clocks));
        tune!(PowerServer, BoardPower, |model| model.tune(&board.power_domains));
        tune!(PerfServer, BoardPerformance, |model| model.tune(now, &board.performance_domains));
        tune!(VoltageServer, BoardVoltages, |model| model.tune(&board.voltage_domains));
        tune!(PowercapServer, BoardPowercaps, |model| model.tune(&board.power_caps));
        if let Some(system) = &board.system {
            tune!(SystemServer, BoardSystem, |model| model.tune(now, system));
        }
    }
}
