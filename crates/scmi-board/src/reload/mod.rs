//! A board file read again: what is different, what of it can change while agents are there, and the change itself.
//!
//! 1. [`BoardFile`]: a file with the board that it says.
//! 2. [`Revision`]: what is different in a later reading of it, by the keys of the file: [`Change`]s that can be made, or
//!    [`Refusal`]s where something else is different too. The schema says of each key which it is.
//! 3. [`Tuning`]: the changes, prepared; made in a moment on a platform that runs.

mod diff;
mod file;
mod frame;
mod paths;
mod revision;
mod same;
mod tuning;

pub use file::BoardFile;
pub use paths::{HostPath, Need};
pub use revision::{Change, Refusal, Revision};
pub use tuning::Tuning;

#[cfg(test)]
mod tests;
