//! The state file: what agents have set, across an end of the process.
//!
//! [`format`] is what stands in the file, [`file`] how it is found, judged and replaced, [`journal`] how each change gets
//! there before its answer leaves, [`keeping`] the thread that makes the file short again. docs/state.md says why.

mod error;
mod file;
mod format;
mod journal;
mod keeping;
#[cfg(test)]
mod tests;

pub use error::StateError;

pub(crate) use keeping::StateFile;
