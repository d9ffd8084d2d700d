//! The answering side: what a platform must know of its reset domains, and the server that answers from it.

mod kept;
mod model;
mod server;
mod status;

pub use model::{ResetDomain, ResetModel};
pub use server::ResetServer;
pub use status::ResetStatus;
