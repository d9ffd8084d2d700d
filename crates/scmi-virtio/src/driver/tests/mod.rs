//! The driver against machines over virtual time.

mod life;
mod messages;
mod mmio;
mod pci;
#[cfg(feature = "device")]
mod platform;

use super::testing::{Bench, TestDriver, next};
