//! A running Linux guest.

use core::ops::{Deref, DerefMut};
use core::time::Duration;
use std::path::PathBuf;
use std::process::ExitStatus;

use anyhow::{Result, ensure};
use serde_json::json;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::builder::GuestBuilder;
use crate::console::Console;
use crate::counters::Counters;
use crate::image::Image;
use crate::places::Place;
use crate::qmp::Qmp;
use crate::raw::Raw;
use crate::scmid::Scmid;

/// A Linux guest at its shell. It dereferences to its [`Console`]: `guest.ok("uname -r")`.
///
/// Dropping it kills QEMU and the daemon it brought, and removes their files.
#[derive(Debug)]
pub struct Guest {
    console: Console,
    qmp_socket: PathBuf,
    qmp: Option<Qmp>,
    image: Image,
    token: u32,
    scmid: Option<Scmid>,
    _dir: TempDir,
    _place: Place,
}

impl Guest {
    /// Says what the guest is to be like; `boot` at the end starts it.
    pub fn builder() -> GuestBuilder {
        GuestBuilder::new()
    }

    pub(crate) fn new(
        console: Console,
        qmp_socket: PathBuf,
        image: Image,
        scmid: Option<Scmid>,
        dir: TempDir,
        place: Place,
    ) -> Self {
        Self { console, qmp_socket, qmp: None, image, token: 1024, scmid, _dir: dir, _place: place }
    }

    /// What it booted from.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// The daemon that was started with it.
    ///
    /// # Errors
    /// When it was attached to something else.
    pub fn scmid(&mut self) -> Result<&mut Scmid> {
        self.scmid.as_mut().ok_or_else(|| anyhow::anyhow!("this guest has no daemon of its own"))
    }

    /// The kernel's log.
    ///
    /// # Errors
    /// When the guest does not answer.
    pub fn dmesg(&mut self) -> Result<String> {
        self.console.ok("dmesg")
    }

    /// The lines of the kernel's log that are a warning or worse about SCMI, or about what Linux makes of it.
    ///
    /// # Errors
    /// When the guest does not answer.
    pub fn scmi_complaints(&mut self) -> Result<Vec<String>> {
        let log = self.console.ok("dmesg -r")?;
        Ok(log.lines().filter(|line| is_complaint(line)).map(str::to_owned).collect())
    }

    /// Linux's counters of its SCMI traffic.
    ///
    /// # Errors
    /// When the guest has no SCMI instance.
    pub fn counters(&mut self) -> Result<Counters> {
        Counters::read(&mut self.console)
    }

    /// Messages of the test's own, past Linux's drivers.
    pub fn raw(&mut self) -> Raw<'_> {
        Raw::new(&mut self.console, &mut self.token)
    }

    /// Waits until a command in the guest succeeds, and gives what it printed.
    ///
    /// # Errors
    /// When it has not after two minutes.
    pub fn wait_until(&mut self, command: &str) -> Result<String> {
        let seconds = PATIENCE.as_secs();
        let script = format!(
            "end=$(($(cut -d. -f1 /proc/uptime) + {seconds}))\n\
             until {{ {command}\n}}; do\n\
             [ $(cut -d. -f1 /proc/uptime) -lt $end ] || exit 99\n\
             usleep 50000\ndone"
        );
        let output = self.console.run_within(&script, PATIENCE + Duration::from_secs(60))?;
        ensure!(
            output.status == 0,
            "`{command}` did not become true in {seconds} s:\n{}",
            output.text
        );
        Ok(output.text.trim_end_matches('\n').to_owned())
    }

    /// QEMU's machine protocol.
    ///
    /// # Errors
    /// When QEMU cannot be reached.
    pub fn qmp(&mut self) -> Result<&mut Qmp> {
        if self.qmp.is_none() {
            self.qmp = Some(Qmp::connect(&self.qmp_socket)?);
        }
        self.qmp.as_mut().ok_or_else(|| anyhow::anyhow!("no connection to QEMU"))
    }

    /// Plugs in the SCMI device of a guest that was built `unplugged`.
    ///
    /// # Errors
    /// When QEMU refuses.
    pub fn plug_in(&mut self) -> Result<()> {
        let device = json!({
            "driver": "vhost-user-scmi-pci", "chardev": "scmi", "bus": "slot1", "id": "scmi0",
        });
        self.qmp()?.execute("device_add", &device).map(drop)
    }

    /// Reboots it at once and waits for its shell; it must have been built with `may_reboot`.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn reboot(&mut self) -> Result<()> {
        self.console.send("reboot -f\n")?;
        self.console.wait_for_shell(PATIENCE)
    }

    /// Presses the reset button and waits for its shell.
    ///
    /// # Errors
    /// When it does not come back.
    pub fn reset(&mut self) -> Result<()> {
        self.qmp()?.command("system_reset")?;
        self.console.wait_for_shell(PATIENCE)
    }

    /// Switches it off from inside and waits until QEMU has ended.
    ///
    /// # Errors
    /// When QEMU does not end.
    pub fn power_off(&mut self) -> Result<ExitStatus> {
        self.console.send("poweroff -f\n")?;
        self.console.qemu().wait(PATIENCE)
    }

    /// The same, and all that was on the serial port: what is below Linux has the last word there.
    ///
    /// # Errors
    /// When QEMU does not end.
    pub fn last_words(mut self) -> Result<String> {
        let status = self.power_off()?;
        let printed = self.console.qemu().output().whole(PATIENCE)?;
        ensure!(status.success(), "QEMU failed ({status}); on the serial port:\n{printed}");
        Ok(printed)
    }

    /// Kills QEMU without warning.
    ///
    /// # Errors
    /// When it had ended.
    pub fn kill(&mut self) -> Result<()> {
        self.console.qemu().kill()
    }
}

impl Deref for Guest {
    type Target = Console;

    fn deref(&self) -> &Console {
        &self.console
    }
}

impl DerefMut for Guest {
    fn deref_mut(&mut self) -> &mut Console {
        &mut self.console
    }
}

/// What Linux calls SCMI, and the parts of it that use it. Not all of their complaints have SCMI's name in them.
const SUBJECTS: [&str; 8] =
    ["scmi", "cpufreq", "energy", "genpd", "powercap", "regulator", "clk", "pinctrl"];

/// Warnings that are none.
const USUAL: [&str; 5] = [
    // Of every module that is not of the kernel's tree, as ours.
    "loading out-of-tree module taints kernel.",
    // Raw mode keeps the last 256 notifications, whether or not somebody reads them there.
    "RAW[1] - Buffers exhausted. Re-using oldest.",
    "** regulator-virtual-consumer is only for testing and   **",
    // What the kernel's command line asked for.
    "genpd: Not disabling unused power domains",
    "regulator: Not disabling unused regulators",
];

/// Whether a line of `dmesg -r` (`<priority>[time] text`) is a warning or worse about one of [`SUBJECTS`].
fn is_complaint(line: &str) -> bool {
    let priority = line.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    let Some((priority, text)) = priority else {
        return false;
    };
    // The low three bits are the level; 4 is a warning, 0 an emergency.
    let level = priority.parse::<u32>().map_or(7, |priority| priority & 0x7);
    let usual = USUAL.iter().any(|usual| text.ends_with(usual));
    let text = text.to_ascii_lowercase();
    level <= 4 && !usual && SUBJECTS.iter().any(|subject| text.contains(subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_warnings_about_scmi_are_complaints() {
        assert!(is_complaint("<4>[    1.0] arm-scmi firmware:scmi: odd"), "a warning");
        assert!(is_complaint("<3>[    1.0] cpufreq: failed"), "an error of what uses it");
        assert!(is_complaint("<11>[    1.0] SCMI Notifications - bad"), "an error of user space");
        assert!(
            !is_complaint("<6>[    1.0] arm-scmi firmware:scmi: SCMI Protocol v2.1"),
            "information"
        );
        let unread = "<4>[    1.0] arm-scmi x: RAW[1] - Buffers exhausted. Re-using oldest.";
        assert!(!is_complaint(unread), "nobody read the notifications in raw mode");
        assert!(!is_complaint("<3>[    1.0] cacheinfo: Unable to detect"), "something else");
    }
}
