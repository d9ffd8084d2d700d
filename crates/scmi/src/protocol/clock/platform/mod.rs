//! The answering side: what a platform must know of its clocks, and the server that answers from it.

mod config;
mod describe;
mod kept;
mod model;
mod rates;
mod server;
mod state;
mod status;

pub use model::{Clock, ClockModel};
pub use rates::Rates;
pub use server::ClockServer;
pub use status::ClockStatus;
