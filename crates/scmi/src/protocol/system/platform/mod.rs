//! The answering side of the System power protocol.

mod kept;
mod model;
mod server;
mod status;

pub use model::{Order, Request, System, SystemModel};
pub use server::SystemServer;
