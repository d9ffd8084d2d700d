//! The answering side of the Powercap protocol.

mod kept;
mod model;
mod runtime;
mod server;
mod status;

pub use model::{PowercapDomain, PowercapModel, Steps};
pub use server::PowercapServer;
pub use status::PowercapStatus;
