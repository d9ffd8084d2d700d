//! The answering side: what a platform must know of its sensors, and the server that answers from it.

mod describe;
mod kept;
mod model;
mod sample;
mod server;
mod status;

pub use model::{Axis, Intervals, Limits, Sensor, SensorConfig, SensorModel};
pub use server::SensorServer;
pub use status::SensorStatus;
