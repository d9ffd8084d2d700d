//! A board file for the daemon: one in the tree, or text in the test.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::big;
use crate::programs::workspace_root;

/// What `scmid` is to be.
#[derive(Clone, Debug)]
pub enum Board {
    /// A file.
    File(PathBuf),
    /// The contents of one.
    Text(String),
}

impl Board {
    /// The board that is shipped as `examples/demo.toml`.
    #[must_use]
    pub fn demo() -> Self {
        Self::File(workspace_root().join("examples/demo.toml"))
    }

    /// A large board: much of everything, in all shapes. [`crate::big`] says how much.
    #[must_use]
    pub fn big() -> Self {
        Self::Text(big::text())
    }

    /// The file; text is written to one in `dir`.
    pub(crate) fn place(&self, dir: &Path) -> Result<PathBuf> {
        match self {
            Self::File(path) => Ok(path.clone()),
            Self::Text(text) => {
                let path = dir.join("board.toml");
                fs::write(&path, text)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                Ok(path)
            }
        }
    }
}

impl From<&str> for Board {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Board {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
