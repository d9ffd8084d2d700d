//! The answering side: what a platform must know of its pins, and the server that answers from it.

mod configure;
mod describe;
mod holders;
mod kept;
mod model;
mod server;
mod status;

pub use model::{Function, Group, Members, Pin, PinModel, Target};
pub use server::PinServer;
pub use status::PinStatus;
