//! The one error of loading a board.

use std::io;
use std::path::PathBuf;

use crate::report::Report;

/// Why there is no board. Prints as it should be shown: one line, or the whole report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoardError {
    /// The file could not be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than any board.
    #[error("{}: more than {limit} bytes, expected a board file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest size that is read, in bytes.
        limit: u64,
    },
    /// The file is not UTF-8.
    #[error("{}:{line}:{column}: found the byte {byte:#04x}, expected UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The first byte that is not part of a character.
        byte: u8,
    },
    /// The file was read and is not a board.
    #[error("{0}")]
    Refused(Report),
}

impl BoardError {
    /// The report about a file that was read and refused.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Refused(report) => Some(report),
            _ => None,
        }
    }
}
