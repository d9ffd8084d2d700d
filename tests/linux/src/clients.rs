//! Linux's SCMI clients: the drivers that make something of a protocol.

use anyhow::{Context, Result, ensure};
use scmi_test_kit::Guest;

/// All of them, by the names of their drivers.
pub const CLIENTS: [&str; 11] = [
    "scmi-clocks",
    "scmi-cpufreq",
    "scmi-hwmon",
    "scmi-perf-domain",
    "scmi-pinctrl",
    "scmi-power-domain",
    "scmi-powercap",
    "scmi-regulator",
    "scmi-reset",
    "scmi-sensor-iiodev",
    "scmi-system-power",
];

/// Those that have found what they are for, in the order of their names.
///
/// # Errors
/// When the guest does not tell.
pub fn bound(guest: &mut Guest) -> Result<Vec<String>> {
    let text = guest.ok("ls -1d /sys/bus/scmi_protocol/drivers/*/scmi_dev.*")?;
    let name = |line: &str| Some(line.split('/').nth(5)?.to_owned());
    let mut names = text.lines().map(name).collect::<Option<Vec<_>>>().context(text.clone())?;
    names.sort_unstable();
    let devices = names.len();
    names.dedup();
    ensure!(devices == names.len(), "a client has two devices:\n{text}");
    Ok(names)
}
