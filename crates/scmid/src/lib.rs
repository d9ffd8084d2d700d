//! An SCMI platform for the guests of a VMM, over vhost-user.
//!
//! [`Daemon`] serves every agent of a board on a socket of its own, until it is stopped: what `scmid` does between
//! reading its arguments and its exit code. It logs through `tracing` and installs nothing in the process, so other
//! programs can run the same loop in a thread.

#![forbid(unsafe_code)]

mod clerk;
pub mod control;
mod daemon;
mod faults;
pub mod manual;
mod reload;
mod report;
pub mod sandbox;
mod state;
mod trace;

pub use clerk::{Helper, help};
pub use daemon::{Daemon, OrderError, RunError, StartError};
pub use faults::FaultError;
pub use reload::{ReloadError, Reloaded};
pub use report::AgentReport;
pub use state::StateError;
