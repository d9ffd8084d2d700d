//! The guest's side without a guest: memory, rings and a vhost-user connection of our own.
//!
//! 1. [`Frontend`]: a [`Channel`](scmi::transport::Channel) to a vhost-user SCMI device. What most want.
//! 2. [`Options`]: how it behaves: queue sizes, events or not, how messages are cut into descriptors.
//! 3. [`Connection`], [`Ram`], [`RawQueue`]: what it is made of, for tests that do what no driver would.
//!
//! Its queues are those of the guest's driver, [`scmi_virtio::driver::queue`].
//!
//! Nothing here waits for the other side without a deadline.

mod channel;
mod connection;
mod error;
mod options;
mod patience;
mod ram;
mod raw;
mod side;
mod slots;

pub use channel::Frontend;
pub use connection::{Connection, Placement};
pub use error::FrontendError;
pub use options::Options;
pub use ram::Ram;
pub use raw::{Descriptor, RawQueue};
