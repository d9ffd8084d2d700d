//! The answering side of the Performance protocol.

mod describe;
mod model;
mod runtime;
mod server;

pub use model::{Limits, PerfDomain, PerfLevel, PerfModel};
pub use server::PerfServer;
