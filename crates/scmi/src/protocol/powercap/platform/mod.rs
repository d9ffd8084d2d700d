//! The answering side of the Powercap protocol.

mod model;
mod runtime;
mod server;

pub use model::{PowercapDomain, PowercapModel, Steps};
pub use server::PowercapServer;
