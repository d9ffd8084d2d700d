//! What a test needs to say "a Linux guest with this board, please" in one line.
//!
//! In reading order: [`Image`] is the guest's kernel and root file system, made by `cargo xtask
//! guest`; [`Scmid`] is the daemon on a board file; [`Machine`] is QEMU's command line;
//! [`Guest`] is all three running, with a [`Console`] on the guest's shell, a [`Qmp`] connection
//! to QEMU, and readers for what Linux shows of SCMI: [`Counters`] and [`Raw`] messages. [`Bare`] is a
//! machine with a program of ours alone.
//!
//! Everything lives in temporary directories, every wait has a deadline, and what is dropped
//! ends only the processes that it started itself.

mod archive;
mod bare;
pub mod big;
mod board;
mod builder;
mod cache;
mod console;
mod counters;
mod device_tree;
mod dump;
mod guest;
mod guest_tool;
mod image;
mod linked;
mod machine;
mod peer;
mod places;
mod process;
mod programs;
mod qmp;
mod raw;
mod record;
mod scmid;
mod transcript;
mod witness;

pub use bare::Bare;
pub use board::Board;
pub use builder::{Booting, GuestBuilder, Memory};
pub use cache::{Cache, CacheLock};
pub use console::{Console, Output};
pub use counters::Counters;
pub use device_tree::make_device_tree;
pub use guest::Guest;
pub use guest_tool::{
    bare_program, bare_target_dir, guest_program, guest_target_dir, size_target_dir,
};
pub use image::{Carrier, Image};
pub use linked::{LINKED_MOST, Linked};
pub use machine::{Machine, Port, Transport};
pub use peer::{PEER_NAME, PEER_VERSION, peer_program, start_peer};
pub use process::Process;
pub use programs::{program, workspace_root};
pub use qmp::Qmp;
pub use raw::{Message, Raw};
pub use record::{RECORD_VARIABLE, Record, Side, Sighting};
pub use scmid::{AgentCounters, Refusal, Scmid, TRACES_VARIABLE};
pub use transcript::Transcript;

use core::time::Duration;

/// How long a guest may take to boot, or a command in it to end, unless the test says
/// otherwise. Generous: emulation on a shared machine is slow, and a passing test never waits
/// for it.
pub const PATIENCE: Duration = Duration::from_secs(120);
