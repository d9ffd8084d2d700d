//! The protocols: one module each, all of the same shape.
//!
//! `wire` has the records, `agent` the calls of the asking side, `platform` what a platform must know and the
//! server that answers from it. The table of messages in each module feeds decoding, help and traces.

/// Binds each command of a protocol to its id and to the fixed part of its reply.
macro_rules! bind {
    ($protocol:expr; $($request:ty = $id:literal -> $reply:ty;)*) => {$(
        impl crate::wire::Message for $request {
            const ID: crate::wire::MessageId = crate::wire::MessageId($id);
            type Reply = $reply;
        }
        impl crate::wire::Command for $request {
            const PROTOCOL: crate::wire::ProtocolId = $protocol;
        }
    )*};
}

#[cfg(feature = "agent")]
mod asking;
pub mod base;
pub mod clock;
pub mod common;
#[cfg(feature = "agent")]
mod facts;
pub mod fastchannel;
#[cfg(feature = "agent")]
mod list;
#[cfg(feature = "agent")]
mod opening;
mod page;
pub mod perf;
pub mod pinctrl;
pub mod power;
pub mod powercap;
pub mod reset;
pub mod sensor;
#[cfg(feature = "platform")]
mod serving;
pub mod system;
mod table;
#[cfg(all(test, feature = "agent", feature = "platform"))]
pub(crate) mod testing;
pub mod voltage;

#[cfg(feature = "agent")]
pub use asking::Naming;
#[cfg(feature = "agent")]
pub use list::{Entries, Listing};
#[cfg(feature = "agent")]
pub use page::{Paged, Pages};
pub use table::{BitKind, Bits, Field, Layout, MessageInfo, ProtocolInfo, Shape, When};

use crate::wire::ProtocolId;

/// Every protocol that this crate knows, in ascending order.
pub const ALL: &[&ProtocolInfo] = &[
    &base::INFO,
    &power::INFO,
    &system::INFO,
    &perf::INFO,
    &clock::INFO,
    &sensor::INFO,
    &reset::INFO,
    &voltage::INFO,
    &powercap::INFO,
    &pinctrl::INFO,
];

/// A protocol by its number.
pub fn find(id: ProtocolId) -> Option<&'static ProtocolInfo> {
    ALL.iter().find(|info| info.id == id).copied()
}
