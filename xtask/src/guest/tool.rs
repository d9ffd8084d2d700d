//! `scmictl` for the guest: a static program for arm64 Linux.

use anyhow::{Context, Result};
use scmi_test_kit::{Cache, guest_target_dir, workspace_root};

use crate::command::run;
use crate::guest::rust;

/// Builds it. Cargo knows what has changed since the last time, and its directory is in the cache.
pub(crate) fn make(cache: &Cache) -> Result<()> {
    let mut build = rust::build(cache, "-Ctarget-feature=+crt-static", &guest_target_dir(cache))?;
    build
        .args(["--package=scmictl", "--no-default-features", "--profile=guest"])
        .current_dir(workspace_root());
    run(&mut build).context("the guest's scmictl was not built")
}
