//! The asking end: a [`Channel`](scmi::transport::Channel) through an area, and a second one for events.

mod clock;
mod counters;
mod end;

pub use clock::Clock;
pub use counters::Counters;
pub use end::AgentEnd;
