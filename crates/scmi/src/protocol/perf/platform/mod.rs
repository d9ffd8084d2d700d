//! The answering side of the Performance protocol.

mod describe;
mod kept;
mod model;
mod runtime;
mod server;
mod status;

pub use model::{Limits, PerfDomain, PerfLevel, PerfModel};
pub use server::PerfServer;
pub use status::PerfStatus;
