//! Linux's regulators, and its own consumers to try them with.

use anyhow::{Context, Result};
use scmi_test_kit::Guest;

/// A regulator by its name.
#[derive(Clone, Copy, Debug)]
pub struct Rail {
    name: &'static str,
    id: u32,
}

impl Rail {
    /// The regulator that Linux made of the voltage domain with this id and name.
    #[must_use]
    pub const fn new(id: u32, name: &'static str) -> Self {
        Self { name, id }
    }

    /// The path of its node in a device tree, to be referred to as `<&{...}>`.
    #[must_use]
    pub fn node(self) -> String {
        format!("/firmware/scmi/protocol@17/regulators/regulator@{:x}", self.id)
    }

    /// A node for the device tree with a consumer of the regulator that does what it is told through its files.
    #[must_use]
    pub fn consumer(self) -> String {
        let Self { name, .. } = self;
        let node = self.node();
        format!(
            "/ {{ user-of-{name} {{ compatible = \"regulator-virtual-consumer\"; \
             default-supply = <&{{{node}}}>; }}; }};"
        )
    }

    /// What one of its files says.
    ///
    /// # Errors
    /// When there is no such regulator or file.
    pub fn read(self, guest: &mut Guest, file: &str) -> Result<String> {
        guest.ok(&format!(
            "cat $(dirname $(grep -lx {} /sys/class/regulator/*/name))/{file}",
            self.name
        ))
    }

    /// Its voltage in microvolts, and whether it is on; Linux asks the platform each time.
    ///
    /// # Errors
    /// When the platform does not say.
    pub fn now(self, guest: &mut Guest) -> Result<(u32, bool)> {
        let microvolts = self.read(guest, "microvolts")?;
        let microvolts = microvolts.parse().with_context(|| format!("{microvolts:?} for volts"))?;
        Ok((microvolts, self.read(guest, "state")? == "enabled"))
    }

    /// Its consumer asks for a voltage within these bounds, in microvolts, and for the rail to be on; for 0 and 0, to be
    /// off. It does not tell whether it was given that.
    ///
    /// # Errors
    /// When there is no such consumer.
    pub fn ask(self, guest: &mut Guest, min: u32, max: u32) -> Result<()> {
        let Self { name, .. } = self;
        // It asks after each of the two, so the lower one must never be above the higher one.
        guest
            .ok(&format!(
                "cd /sys/devices/platform/user-of-{name} || exit 1\n\
                 if [ {max} -ge $(cat min_microvolts) ]\n\
                 then echo {max} > max_microvolts && echo {min} > min_microvolts\n\
                 else echo {min} > min_microvolts && echo {max} > max_microvolts; fi"
            ))
            .map(drop)
    }
}
