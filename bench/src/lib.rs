//! How fast `scmid` answers, beside another daemon and beside a floor.
//!
//! In reading order: [`Options`] is the command line; [`Subject`] is a daemon that can be started; [`Load`] is
//! the client, the same for all of them, and [`Sample`] what it saw; [`Bench`] lets the daemons take turns
//! under each [`Case`] and gives [`Results`], which print as tables or as JSON. [`cpu`] pins everything to one
//! CPU and reads what a process has used of it. [`inventory`] asks for everything on a platform; [`Neighbours`] measures what
//! one agent feels of others.

mod bench;
mod cases;
pub mod cpu;
mod inventory;
mod load;
mod machine;
mod neighbours;
mod options;
mod report;
mod stats;
mod subject;

pub use bench::{Bench, Line, Results, Rounds, Settings};
pub use cases::{Case, Message, ROOM};
pub use inventory::inventory;
pub use load::{Load, Sample};
pub use machine::Machine;
pub use neighbours::{Feelings, Felt, Neighbours, Situation};
pub use options::Options;
pub use stats::Spread;
pub use subject::{Running, Subject};
