//! The control interface: HTTP and JSON on a socket of its own, to see and steer a daemon while it runs.
//!
//! 1. [`Address`]: where it listens: a UNIX socket of this user's, or a TCP port of this machine when that is asked for.
//! 2. [`Control`]: the thread that serves it, and nothing else. It has the platform's lock for a moment at a time, copies out
//!    what it wants to tell, and writes to its clients without it.
//! 3. `routes`: one file a subject, each with its part of the OpenAPI document.
//! 4. `board`, `agents`, `events`: what is told.
//!
//! Whoever connects is bounded: so many connections, so long for a request, so many bytes of it, so long without taking
//! what is written.

mod address;
mod agents;
mod board;
mod deeds;
mod desk;
mod document;
mod events;
mod fault;
mod json;
mod metrics;
mod problem;
mod quantity;
mod routes;
mod serve;
mod stream;
mod watch;

pub use address::{Address, AddressError};
pub use agents::{AgentState, MessageTally, RefusalTally};
pub use board::{
    AgentCap, AgentLimits, AgentWord, BoardState, ClockState, Levels, PerfState, PinSettingState,
    PinState, PlatformState, PowerState, PowercapState, ResetState, SensorState, SensorValue,
    SystemState, TripPoint, VoltageState,
};
pub use document::document;
pub use fault::{NewFault, Word};
pub use problem::{Problem, ReloadProblem};
pub use quantity::Quantity;
pub use routes::{
    Amount, ChangeState, Cleared, FaultState, FaultsState, GivenOrder, Health, Hold, NewOrder,
    OrderKind, ReasonState, Released, ReloadState,
};
pub use serve::{Control, ControlError};
