//! Linux's cpufreq: the speed of processors.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use scmi_test_kit::Guest;

/// A policy: processors that have one speed.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    cpu: u32,
}

impl Policy {
    /// The policy whose first processor is this.
    #[must_use]
    pub const fn of(cpu: u32) -> Self {
        Self { cpu }
    }

    /// The path of one of its files in the guest.
    #[must_use]
    pub fn file(self, name: &str) -> String {
        format!("/sys/devices/system/cpu/cpufreq/policy{}/{name}", self.cpu)
    }

    /// What one of its files says.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(self, guest: &mut Guest, name: &str) -> Result<String> {
        Ok(guest.ok(&format!("cat {}", self.file(name)))?.trim().to_owned())
    }

    /// The numbers in one of its files.
    ///
    /// # Errors
    /// When there is something else in it.
    pub fn numbers(self, guest: &mut Guest, name: &str) -> Result<Vec<u64>> {
        let text = self.read(guest, name)?;
        let numbers = text.split_whitespace().map(str::parse).collect::<Result<_, _>>();
        numbers.with_context(|| format!("{} has {text:?}", self.file(name)))
    }

    /// The speed that the platform says it has, in kilohertz: Linux asks it each time.
    ///
    /// # Errors
    /// When the platform does not say.
    pub fn speed(self, guest: &mut Guest) -> Result<u64> {
        let speed = self.numbers(guest, "cpuinfo_cur_freq")?;
        speed.first().copied().context("no speed")
    }

    /// Lets user space set the speed, with [`Self::set`].
    ///
    /// # Errors
    /// When Linux refuses.
    pub fn by_hand(self, guest: &mut Guest) -> Result<()> {
        guest.ok(&format!("echo userspace > {}", self.file("scaling_governor"))).map(drop)
    }

    /// Asks for a speed in kilohertz.
    ///
    /// # Errors
    /// When Linux refuses. It does not tell of a platform that does.
    pub fn set(self, guest: &mut Guest, khz: u64) -> Result<()> {
        guest.ok(&format!("echo {khz} > {}", self.file("scaling_setspeed"))).map(drop)
    }

    /// What Linux takes each speed to cost: microwatts by kilohertz.
    ///
    /// # Errors
    /// When Linux has no energy model of the processor.
    pub fn costs(self, guest: &mut Guest) -> Result<BTreeMap<u64, u64>> {
        let text = guest.ok(&format!(
            "cd /sys/kernel/debug/energy_model/cpu{} && \
             for level in ps:*; do echo $(cat $level/frequency $level/power); done",
            self.cpu
        ))?;
        let pair = |line: &str| {
            let (khz, microwatts) = line.split_once(' ')?;
            Some((khz.parse().ok()?, microwatts.parse().ok()?))
        };
        let costs: Option<_> = text.lines().map(pair).collect();
        costs.with_context(|| format!("this is no energy model:\n{text}"))
    }
}
