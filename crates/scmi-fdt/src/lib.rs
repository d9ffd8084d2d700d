//! Where SCMI is, as a flattened device tree says it: which transport, where its areas are, how long to wait and how much
//! fits. No allocator, no `unsafe`, and no trust in the tree: whatever the bytes are, [`find`] ends, in time
//! proportional to their number.
//!
//! ```
//! # fn firmware(blob: &[u8]) -> Result<(), scmi_fdt::BadTree> {
//! if let Some(node) = scmi_fdt::find(blob)? {
//!     let [commands, events] = node.areas; // for `scmi_shmem::map`
//!     let patience = node.max_rx_timeout_ms.unwrap_or(30);
//! #   let _ = (commands, events, patience);
//! }
//! # Ok(())
//! # }
//! # assert!(firmware(&[]).is_err());
//! ```
//!
//! The binding is that of Linux, `firmware/arm,scmi.yaml`; `arm,max-msg` and `arm,max-msg-size` are newer than Linux 6.12.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

mod address;
mod blob;
mod node;

pub use address::Area;
pub use blob::BadTree;
pub use node::{Scmi, Transport, find};
