//! Our own programs for the guest.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::cache::Cache;

/// Cargo's target directory of programs for the guest, which `cargo xtask guest` builds.
#[must_use]
pub fn guest_target_dir(cache: &Cache) -> PathBuf {
    cache.root().join("arm64-target")
}

/// A static program of ours that runs in the guest: `scmictl`.
///
/// # Errors
/// When it was not built.
pub fn guest_program(name: &str) -> Result<PathBuf> {
    let target = guest_target_dir(&Cache::find()?);
    let path = target.join("aarch64-unknown-linux-gnu/guest").join(name);
    ensure!(path.is_file(), "no {}; `cargo xtask guest` makes it", path.display());
    Ok(path)
}

/// Cargo's target directory of programs that run without an operating system, which `cargo xtask guest` builds.
#[must_use]
pub fn bare_target_dir(cache: &Cache) -> PathBuf {
    cache.root().join("bare-target")
}

/// Cargo's target directory of the images of `bench/size`, which `cargo xtask guest` builds.
#[must_use]
pub fn size_target_dir(cache: &Cache) -> PathBuf {
    cache.root().join("size-target")
}

/// A program of `guest/`, as QEMU boots it.
///
/// # Errors
/// When it was not built.
pub fn bare_program(name: &str) -> Result<PathBuf> {
    let path = bare_target_dir(&Cache::find()?).join(name).with_extension("img");
    ensure!(path.is_file(), "no {}; `cargo xtask guest` makes it", path.display());
    Ok(path)
}
