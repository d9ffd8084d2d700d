//! The peer: another vhost-user SCMI daemon, of a fixed version, from the registry of Rust crates.

use core::time::Duration;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::PATIENCE;
use crate::cache::Cache;
use crate::process::Process;

/// The peer's name, in the registry of Rust crates and as a program.
pub const PEER_NAME: &str = "vhost-device-scmi";
/// Its version.
pub const PEER_VERSION: &str = "0.4.0";

/// Starts the peer with its fake sensor on a socket, and waits for that.
///
/// # Errors
/// When it cannot be installed or has no socket; the message has what it said.
pub fn start_peer(socket: &Path) -> Result<Process> {
    let mut command = Command::new(peer_program()?);
    command.arg("--socket-path").arg(socket).args(["--device", "fake,name=foo"]);
    let peer = Process::start(PEER_NAME, command.env_remove("RUST_LOG"))?;
    let start = Instant::now();
    while !socket.exists() {
        ensure!(start.elapsed() < PATIENCE, "it has no socket: {}", peer.errors().since(0));
        thread::sleep(Duration::from_millis(10));
    }
    Ok(peer)
}

/// The peer's program. It is installed into the cache when it is not there.
///
/// # Errors
/// When it cannot be installed.
pub fn peer_program() -> Result<PathBuf> {
    let cache = Cache::find()?;
    let root = cache.root().join(format!("{PEER_NAME}-{PEER_VERSION}"));
    let program = root.join("bin").join(PEER_NAME);
    if program.is_file() {
        return Ok(program);
    }
    let _lock =
        cache.lock(|| eprintln!("waiting for another process that builds into the cache"))?;
    if program.is_file() {
        return Ok(program);
    }
    eprintln!("installing {PEER_NAME} {PEER_VERSION} into {}", root.display());
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["install", PEER_NAME, "--version", PEER_VERSION, "--locked", "--root"])
        .arg(&root)
        // Neither this workspace's settings nor its target directory have anything to do with it.
        .current_dir(cache.root())
        .env_remove("CARGO_TARGET_DIR")
        // Standard output belongs to the report.
        .stdout(Stdio::null());
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        status.success(),
        "{PEER_NAME} {PEER_VERSION} could not be installed: {command:?} says {status}"
    );
    ensure!(program.is_file(), "{command:?} left no {}", program.display());
    Ok(program)
}
