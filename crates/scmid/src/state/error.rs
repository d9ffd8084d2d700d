//! Why a state file cannot be used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a state file cannot be used. It was not changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// Its file, or one beside it, cannot be read, made or renamed.
    #[error("state file {}: cannot {what}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What cannot be done with it.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Another process keeps its state there.
    #[error("state file {}: another process uses it", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Another program wrote it, or a newer one.
    #[error("state file {}: it has version {found} and this program knows version {known}; use the program that wrote it, or delete the file to begin as the board says", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The one that is known.
        known: u32,
    },
    /// The board has other agents, or other resources, names or limits.
    #[error("state file {}: it is not of this board: line {line} of what it is of says {found:?}, and this board says {expected:?}; serve the board that it is of, or delete the file to begin as the board says", path.display())]
    OtherBoard {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What the file says there.
        found: String,
        /// What the board says there.
        expected: String,
    },
}
