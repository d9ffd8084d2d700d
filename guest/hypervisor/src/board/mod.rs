//! The board that the guest sees: what it has, and how each part behaves. A hypervisor of yours has its own models here,
//! with registers behind them, or the agent of another platform.

mod clocks;
mod power;
mod resets;
mod sensors;

use alloc::boxed::Box;

use scmi::platform::Platform;
use scmi::protocol::base::platform::Identity;
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::reset::platform::ResetServer;
use scmi::protocol::sensor::platform::SensorServer;

use crate::failure::Failure;

/// The protocols beside Base, and how the device tree says that others refer to their resources.
pub(crate) const PROTOCOLS: [(u32, &str); 4] = [
    (0x11, "#power-domain-cells"),
    (0x14, "#clock-cells"),
    (0x15, "#thermal-sensor-cells"),
    (0x16, "#reset-cells"),
];

/// The platform, with one agent.
///
/// # Errors
/// When a model contradicts itself.
pub(crate) fn platform() -> Result<Platform, Failure> {
    let identity = Identity {
        vendor: "scmi-rs".into(),
        sub_vendor: "hypervisor".into(),
        implementation_version: 1,
    };
    Platform::builder(identity)
        .server(Box::new(PowerServer::new(Box::new(power::Power::new()))?))
        .server(Box::new(ClockServer::new(Box::new(clocks::Clocks::new()))?))
        .server(Box::new(SensorServer::new(Box::new(sensors::Sensors::new()))))
        .server(Box::new(ResetServer::new(Box::new(resets::Resets::new()))?))
        .agent("linux", &[])
        .build()
        .map_err(Failure::from)
}
