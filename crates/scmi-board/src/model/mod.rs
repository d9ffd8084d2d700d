//! What a board does: one module a protocol, each with the item as the file describes it and the model that behaves.

mod access;
mod activity;
mod clock;
mod operator;
mod overrides;
mod perf;
mod pins;
mod power;
mod powercap;
mod reset;
mod sensors;
mod system;
mod voltage;

pub use access::Access;
pub use clock::{BoardClocks, Clock};
pub use operator::{Operator, SystemEvent};
pub use perf::{BoardPerformance, Cpus, PerformanceDomain};
pub use pins::{BoardPins, Pin, PinFunction, PinGroup, PinSetting};
pub use power::{BoardPower, PowerDomain};
pub use powercap::{BoardPowercaps, PowerCap};
pub use reset::{BoardResets, ResetDomain};
pub use sensors::{BoardSensors, Health};
pub use system::{BoardSystem, RequestCommand, ScriptedOrder, SystemPower};
pub use voltage::{BoardVoltages, VoltageDomain};

pub(crate) use activity::Activity;
pub(crate) use sensors::Feeds;
