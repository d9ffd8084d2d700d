//! Whose sources a directory of Cargo's in the cache was built from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What the names of our packages begin with.
const OURS: &str = "scmi";

/// Where in the directory its last user is told.
const STAMP: &str = "checkout";

/// Has Cargo compile our packages again where another checkout than `root` used the directory last. By itself it would not:
/// it knows a package by its place in the workspace and a file by its time, so it would take the sources of a checkout
/// that is older for what is already built from those of another. What others wrote stays built.
pub(super) fn claim(target_dir: &Path, root: &Path) -> Result<()> {
    let stamp = target_dir.join(STAMP);
    let owner = root.as_os_str().as_encoded_bytes();
    if fs::read(&stamp).is_ok_and(|last| last == owner) {
        return Ok(());
    }
    fs::create_dir_all(target_dir)?;
    for profile in profiles(target_dir)? {
        forget(&profile.join(".fingerprint"))
            .with_context(|| format!("cannot clean {}", profile.display()))?;
    }
    fs::write(&stamp, owner).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Directories of profiles: for this machine, and below the names of other targets.
fn profiles(target_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut all = directories(target_dir)?;
    for directory in all.clone() {
        all.extend(directories(&directory)?);
    }
    Ok(all)
}

fn directories(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Without its fingerprint nothing counts as built.
fn forget(fingerprints: &Path) -> Result<()> {
    if !fingerprints.is_dir() {
        return Ok(());
    }
    for directory in directories(fingerprints)? {
        let name = directory.file_name().unwrap_or_default();
        if name.to_string_lossy().starts_with(OURS) {
            fs::remove_dir_all(directory)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn another_checkout_has_our_packages_built_again_and_no_others() -> Result<()> {
        let target = TempDir::new()?;
        let fingerprints = ["release/.fingerprint", "aarch64-unknown-linux-gnu/guest/.fingerprint"]
            .map(|path| target.path().join(path));
        let build = |checkout: &str| -> Result<Vec<bool>> {
            claim(target.path(), Path::new(checkout))?;
            let kept = fingerprints.iter().flat_map(|path| {
                ["scmi-guest-1", "zerocopy-2"].map(|package| path.join(package).is_dir())
            });
            let kept = kept.collect();
            for path in &fingerprints {
                fs::create_dir_all(path.join("scmi-guest-1"))?;
                fs::create_dir_all(path.join("zerocopy-2"))?;
            }
            Ok(kept)
        };
        assert_eq!(build("/one")?, [false; 4]);
        assert_eq!(build("/one")?, [true; 4]);
        assert_eq!(build("/another")?, [false, true, false, true]);
        assert_eq!(build("/another")?, [true; 4]);
        assert_eq!(build("/one")?, [false, true, false, true]);
        Ok(())
    }
}
