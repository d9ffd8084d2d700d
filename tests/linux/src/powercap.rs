//! Linux's power capping: zones as files.

use core::fmt::Display;
use std::collections::BTreeMap;

use anyhow::{Context, Result};
use scmi_test_kit::Guest;

/// A zone, by its place in the tree: `0:1` is the second child of the first zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Zone(pub &'static str);

impl Zone {
    /// The path of one of its files in the guest.
    #[must_use]
    pub fn file(self, name: &str) -> String {
        format!("/sys/class/powercap/arm-scmi:{}/{name}", self.0)
    }

    /// What one of its files says.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(self, guest: &mut Guest, name: &str) -> Result<String> {
        guest.ok(&format!("cat {}", self.file(name)))
    }

    /// A number in one of its files.
    ///
    /// # Errors
    /// When there is something else in it.
    pub fn number(self, guest: &mut Guest, name: &str) -> Result<u64> {
        let text = self.read(guest, name)?;
        text.parse().with_context(|| format!("{} has {text:?}", self.file(name)))
    }

    /// Writes to one of its files.
    ///
    /// # Errors
    /// When Linux refuses.
    pub fn write(self, guest: &mut Guest, name: &str, value: impl Display) -> Result<()> {
        guest.ok(&format!("echo {value} > {}", self.file(name))).map(drop)
    }

    /// The cap in microwatts, and whether there is one; Linux asks the platform each time.
    ///
    /// # Errors
    /// When the platform does not say.
    pub fn cap(self, guest: &mut Guest) -> Result<(u64, bool)> {
        let limit = self.number(guest, "constraint_0_power_limit_uw")?;
        Ok((limit, self.number(guest, "enabled")? == 1))
    }

    /// Asks for a cap in microwatts. Linux rounds it down to a step, and only remembers it while capping is not enabled.
    ///
    /// # Errors
    /// When Linux refuses.
    pub fn set_cap(self, guest: &mut Guest, microwatts: u64) -> Result<()> {
        self.write(guest, "constraint_0_power_limit_uw", microwatts)
    }

    /// Switches capping on or off.
    ///
    /// # Errors
    /// When Linux refuses; it takes an error of the platform for a missing function.
    pub fn enable(self, guest: &mut Guest, on: bool) -> Result<()> {
        self.write(guest, "enabled", u8::from(on))
    }

    /// The averaging interval in microseconds.
    ///
    /// # Errors
    /// When the platform does not say.
    pub fn interval(self, guest: &mut Guest) -> Result<u64> {
        self.number(guest, "constraint_0_time_window_us")
    }

    /// The measured power in microwatts.
    ///
    /// # Errors
    /// When the platform does not say.
    pub fn power(self, guest: &mut Guest) -> Result<u64> {
        self.number(guest, "power_uw")
    }
}

/// The names of all zones by their places, which are their parents' places and a number.
///
/// # Errors
/// When the guest does not tell.
pub fn zones(guest: &mut Guest) -> Result<BTreeMap<String, String>> {
    let text = guest.ok("cd /sys/class/powercap && grep -H '' arm-scmi:*/name")?;
    let pair = |line: &str| {
        let (place, name) = line.strip_prefix("arm-scmi:")?.split_once("/name:")?;
        Some((place.to_owned(), name.to_owned()))
    };
    text.lines().map(|line| pair(line).with_context(|| line.to_owned())).collect()
}
