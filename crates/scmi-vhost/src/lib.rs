//! SCMI over vhost-user, both ends.
//!
//! 1. [`backend`]: serves a platform's agents to VMMs, each on a socket of its own.
//! 2. [`frontend`]: plays a guest without a VM: an [`scmi::transport::Channel`] to any vhost-user SCMI device,
//!    for tools and for tests.
//! 3. [`Clock`]: the time that both give to the engines.

#![forbid(unsafe_code)]

pub mod backend;
mod clock;
mod eventfd;
pub mod frontend;

pub use clock::{Clock, MonotonicClock};
