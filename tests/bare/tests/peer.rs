//! The same programs with a platform of others behind the device.

use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};
use core::time::Duration;
use scmi_test_kit::{Bare, PATIENCE, PEER_NAME, Port, Process, Transport, peer_program};
use tempfile::TempDir;

fn use_the_peer(transport: Transport) -> Result<()> {
    let dir = TempDir::with_prefix("scmi-peer-")?;
    let socket = dir.path().join("peer.sock");
    let mut command = Command::new(peer_program()?);
    command.arg("--socket-path").arg(&socket).args(["--device", "fake,name=foo"]);
    let peer = Process::start(PEER_NAME, command.env_remove("RUST_LOG"))?;
    let start = Instant::now();
    while !socket.exists() {
        ensure!(start.elapsed() < PATIENCE, "it has no socket: {}", peer.errors().since(0));
        thread::sleep(Duration::from_millis(10));
    }
    let mut bare = Bare::new("bare")?;
    bare.machine.port = Some(Port { socket, transport });
    let printed = bare.run(None)?;
    // What it has is Base and one sensor; what it has not is no error.
    for line in ["protocol: SENSOR", "clocks: none", "sensor 0: foo, ", "done, SCMI devices: 1"] {
        let found = printed.lines().any(|printed| printed.starts_with(line));
        ensure!(found, "`{line}` is not in:\n{printed}\n{}", peer.errors().tail(20));
    }
    Ok(())
}

#[test]
fn vhost_device_scmi_is_used_over_pci() -> Result<()> {
    use_the_peer(Transport::Pci)
}

#[test]
fn vhost_device_scmi_is_used_over_virtio_mmio() -> Result<()> {
    use_the_peer(Transport::Mmio)
}
