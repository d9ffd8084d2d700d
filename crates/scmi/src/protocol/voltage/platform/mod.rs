//! The answering side: what a platform must know of its voltage domains, and the server that answers from it.

mod kept;
mod levels;
mod model;
mod server;
mod status;

pub use levels::Levels;
pub use model::{VoltageDomain, VoltageModel};
pub use server::VoltageServer;
pub use status::VoltageStatus;
