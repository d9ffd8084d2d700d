//! Where things that take minutes to make are kept, outside the source tree.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The cache directory: `$SCMI_CACHE`, else `$XDG_CACHE_HOME/scmi`, else `~/.cache/scmi`.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

/// While this lives, no other process builds into the cache.
#[derive(Debug)]
pub struct CacheLock {
    _file: File,
}

impl Cache {
    /// Finds the directory. It need not exist yet.
    ///
    /// # Errors
    /// When none of the three environment variables is set.
    pub fn find() -> Result<Self> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        if let Some(root) = set("SCMI_CACHE") {
            return Ok(Self { root: root.into() });
        }
        if let Some(base) = set("XDG_CACHE_HOME") {
            return Ok(Self { root: PathBuf::from(base).join("scmi") });
        }
        let Some(home) = set("HOME") else {
            bail!(
                "none of SCMI_CACHE, XDG_CACHE_HOME and HOME is set: there is no place for the guest"
            );
        };
        Ok(Self { root: PathBuf::from(home).join(".cache/scmi") })
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Takes the lock, waiting for whoever holds it; `waiting` is called once if that is so.
    ///
    /// # Errors
    /// When the directory or the lock file cannot be made.
    pub fn lock(&self, waiting: impl FnOnce()) -> Result<CacheLock> {
        fs::create_dir_all(&self.root)
            .with_context(|| format!("cannot make the cache directory {}", self.root.display()))?;
        let path = self.root.join("lock");
        let file =
            File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        if file.try_lock().is_err() {
            waiting();
            file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        Ok(CacheLock { _file: file })
    }
}
