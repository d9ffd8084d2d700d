//! A compiler for arm64: the toolchain that runs us where it can, otherwise Debian's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use scmi_test_kit::{Cache, workspace_root};

use crate::apt;
use crate::command::{cargo, output, run};
use crate::guest::{checkout, entry};
use crate::setup::ARM_RUST;

/// What is compiled for. Programs without an operating system use no more of it than `core`.
pub(crate) const TARGET: &str = "aarch64-unknown-linux-gnu";

/// The cross compiler of [`crate::setup`], which links.
const LINKER: &str = "aarch64-linux-gnu-gcc";

/// Where [`ARM_RUST`] puts its compiler; another one may come first on the path.
pub(super) const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// Likewise of the package of its Clippy.
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";

/// Debian's package of the standard library that belongs to its compiler.
const ARM_STD: &str = "libstd-rust-web-dev";

/// Goes into the hash: count up when the steps below change what comes out.
const RECIPE: &str = "1";

/// Whether the toolchain that runs us can compile for the guest as it is.
pub(crate) fn toolchain_has_target() -> bool {
    let mut rustc = Command::new("rustc");
    let libraries = output(rustc.args(["--print=target-libdir", "--target", TARGET]));
    libraries.is_ok_and(|path| Path::new(path.trim()).is_dir())
}

/// `cargo build` for arm64 with these flags for the compiler, into a directory of Cargo's in the cache.
pub(super) fn build(cache: &Cache, flags: &str, target_dir: &Path) -> Result<Command> {
    let mut build = cargo();
    build.arg("build");
    for_arm(build, cache, flags, target_dir)
}

/// `cargo clippy` for arm64, likewise. Clippy belongs to its compiler: with Debian's compiler it is Debian's.
pub(super) fn clippy(cache: &Cache, flags: &str, target_dir: &Path) -> Result<Command> {
    let mut clippy = if toolchain_has_target() { cargo() } else { Command::new(DEBIAN_CLIPPY) };
    clippy.arg("clippy");
    for_arm(clippy, cache, flags, target_dir)
}

fn for_arm(mut build: Command, cache: &Cache, flags: &str, target_dir: &Path) -> Result<Command> {
    checkout::claim(target_dir, &workspace_root())?;
    let mut flags = flags.to_owned();
    if !toolchain_has_target() {
        let libraries = standard_library(cache)?;
        flags.push_str(&format!(" -L{}", libraries.display()));
        build.env("RUSTC", DEBIAN_RUSTC);
    }
    let variable =
        |what: &str| format!("CARGO_TARGET_{}_{what}", TARGET.replace('-', "_").to_uppercase());
    build
        .args(["--target", TARGET, "--target-dir"])
        .arg(target_dir)
        .env(variable("LINKER"), LINKER)
        .env(variable("RUSTFLAGS"), flags)
        // They would take the place of ours.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    Ok(build)
}

/// The standard library for arm64 of Debian's compiler, unpacked into the cache.
fn standard_library(cache: &Cache) -> Result<PathBuf> {
    let version =
        apt::installed(ARM_RUST).with_context(|| format!("{ARM_RUST} is not installed"))?;
    let dir = entry(cache, "arm64-std", &[RECIPE, &version], |dir| {
        println!("fetching the standard library for arm64, {version}, once");
        let downloads = dir.join("apt");
        let package = apt::download(&format!("{ARM_STD}={version}"), &downloads)?;
        run(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(dir))?;
        Ok(fs::remove_dir_all(downloads)?)
    })?;
    Ok(dir.join("usr/lib/rustlib").join(TARGET).join("lib"))
}
