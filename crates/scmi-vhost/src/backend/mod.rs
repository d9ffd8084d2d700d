//! The device side: a platform's agents as vhost-user SCMI devices, each on a socket of its own.
//!
//! 1. [`Hub`]: a platform, its clock, and the threads that serve its agents.
//! 2. [`Server`]: one agent's socket and the loop that serves it, one VMM at a time.
//! 3. [`Stop`]: ends the loops.
//! 4. [`Tap`]: listens to what is said on the rings.
//!
//! A thread an agent does everything for it: it accepts VMMs, answers their messages, works the rings and
//! keeps the time. So nothing that belongs to one VMM is ever touched from two threads, and a ring that is
//! stopped is not being worked at that moment.

mod chain;
mod connection;
mod device;
mod fair;
mod hub;
mod life;
mod map;
mod memory;
mod order;
mod requests;
mod ring;
mod server;
mod socket;
mod stop;
mod tap;
mod throttle;

pub use hub::{AgentTaken, Hub};
pub use server::{ServeError, Server};
pub use socket::{BindError, Socket};
pub use stop::Stop;
pub use tap::{Kind, Record, Tap};
