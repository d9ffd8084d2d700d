//! The answering side of the Power domain protocol.

mod kept;
mod model;
mod runtime;
mod server;
mod status;

pub use model::{PowerDomain, PowerModel, PowerStateInfo, Told};
pub use server::PowerServer;
pub use status::PowerStatus;
