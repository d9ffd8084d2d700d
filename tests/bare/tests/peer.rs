//! The same programs with a platform of others behind the device.

use anyhow::{Result, ensure};
use scmi_test_kit::{Bare, Port, Transport, start_peer};
use tempfile::TempDir;

fn use_the_peer(transport: Transport) -> Result<()> {
    let dir = TempDir::with_prefix("scmi-peer-")?;
    let socket = dir.path().join("peer.sock");
    let peer = start_peer(&socket)?;
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
