//! The transport over virtio as a module of the kernel, the kernel's own or `linux/scmi-virtio`: `cargo xtask module test`.
//!
//! Where the two differ, a test says what each does.

mod answers;
mod life;
mod suspend;

use anyhow::{Context, Result};
use scmi_test_kit::{Carrier, Guest};

/// What the module is called, as far as `rmmod` is concerned.
fn module(guest: &Guest) -> Result<String> {
    let path =
        guest.image().transport.as_ref().context("`cargo xtask module test` has such a guest")?;
    Ok(path.file_stem().unwrap_or_default().to_string_lossy().into_owned())
}

/// Loads it, with parameters.
fn load(guest: &mut Guest, parameters: &str) -> Result<()> {
    let module = module(guest)?;
    guest.ok(&format!("insmod /lib/modules/boot/{module}.ko {parameters}"))?;
    guest.wait_until("grep -q scmi_sensors /sys/class/hwmon/*/name 2>/dev/null")?;
    Ok(())
}

/// Who carries the messages.
fn carrier(guest: &Guest) -> Carrier {
    guest.image().carrier()
}

/// One of our module's counters.
fn counted(guest: &mut Guest, name: &str) -> Result<u64> {
    let text = guest.ok(&format!("cat /sys/kernel/debug/scmi_virtio/{name}"))?;
    text.trim().parse().with_context(|| format!("{name} is {text:?}"))
}
