//! Linux's hardware monitoring: sensors as files.

use anyhow::{Context, Result};
use scmi_test_kit::Guest;

/// One sensor as hwmon shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// What its files start with: `temp1`.
    pub name: String,
    /// Its label: the platform's name for the sensor.
    pub label: String,
    /// What it reads, in units of 10^`exponent` of its kind.
    pub value: i64,
    /// -3, and -6 for power and energy.
    pub exponent: i8,
}

/// All sensors that hwmon got from SCMI, read once.
///
/// # Errors
/// When there is no such hwmon device or one of its files cannot be read.
pub fn channels(guest: &mut Guest) -> Result<Vec<Channel>> {
    let text =
        guest.ok("cd $(dirname $(grep -l scmi_sensors /sys/class/hwmon/*/name)) || exit 1\n\
         for label in *_label; do channel=${label%_label}\n\
         read value < ${channel}_input || exit 2\n\
         read text < $label; echo $channel $value \"$text\"; done")?;
    text.lines()
        .map(|line| Channel::parse(line).with_context(|| format!("hwmon gave {line:?}")))
        .collect()
}

impl Channel {
    fn parse(line: &str) -> Option<Self> {
        let (name, rest) = line.split_once(' ')?;
        let (value, label) = rest.split_once(' ')?;
        let micro = name.starts_with("power") || name.starts_with("energy");
        Some(Self {
            name: name.to_owned(),
            label: label.to_owned(),
            value: value.parse().ok()?,
            exponent: if micro { -6 } else { -3 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_channel_value_and_label() {
        let channel = Channel::parse("power2 12500000 psu in").unwrap();
        assert_eq!((channel.name.as_str(), channel.label.as_str()), ("power2", "psu in"));
        assert_eq!((channel.value, channel.exponent), (12_500_000, -6));
        assert_eq!(Channel::parse("temp1 cold ambient"), None);
    }
}
