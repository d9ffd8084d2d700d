//! A board file that is in use.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::revision::Revision;
use crate::board::{self, Board};
use crate::error::BoardError;

/// A file, what stood in it, and the board that it says.
#[derive(Clone, Debug)]
pub struct BoardFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) board: Arc<Board>,
}

impl BoardFile {
    /// Reads and checks the file at `path`, as [`Board::load`] does.
    ///
    /// # Errors
    /// Those of [`Board::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, BoardError> {
        let path = path.as_ref().to_owned();
        let text = board::read(&path)?;
        let board = Arc::new(board::of_file(&text, &path)?);
        Ok(Self { path, text, board })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The board that it said when it was read.
    #[must_use]
    pub fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// Reads and checks the file again, as it is now.
    ///
    /// # Errors
    /// Those of [`Board::load`]; a pipe, of which there is nothing more to read or which would be waited for, cannot be read.
    pub fn again(&self) -> Result<Self, BoardError> {
        let unreadable = |source| BoardError::Unreadable { path: self.path.clone(), source };
        if !fs::metadata(&self.path).map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("not a regular file")));
        }
        Self::load(&self.path)
    }

    /// What is different in `later`, and whether it can become so while agents are there.
    #[must_use]
    pub fn revision(&self, later: &Self) -> Revision {
        Revision::new(self, later)
    }
}
