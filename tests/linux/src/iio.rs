//! Linux's industrial I/O: samples of three axes.

use anyhow::{Context, Result, ensure};
use scmi_test_kit::Guest;

/// An IIO device.
#[derive(Clone, Debug)]
pub struct Iio {
    number: u32,
}

/// What a buffer holds of one moment: three axes and a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The axes, in the sensor's own units.
    pub axes: [i64; 3],
    /// The time of the reading, in nanoseconds.
    pub time: i64,
}

impl Iio {
    /// The device of that name.
    ///
    /// # Errors
    /// When Linux has none.
    pub fn find(guest: &mut Guest, name: &str) -> Result<Self> {
        let path = guest.ok(&format!("grep -lx {name} /sys/bus/iio/devices/iio:device*/name"))?;
        let number = path.rsplit_once("iio:device").and_then(|(_, rest)| rest.split('/').next());
        let number = number.and_then(|number| number.parse().ok());
        Ok(Self { number: number.with_context(|| format!("no device in {path:?}"))? })
    }

    /// The directory of its files in the guest.
    #[must_use]
    pub fn files(&self) -> String {
        format!("/sys/bus/iio/devices/iio:device{}", self.number)
    }

    /// Turns its buffer on, with all channels, at a frequency in hertz.
    ///
    /// # Errors
    /// When Linux refuses; `kind` is `accel` or `anglvel`.
    pub fn start(&self, guest: &mut Guest, kind: &str, hertz: &str) -> Result<()> {
        let files = self.files();
        guest.ok(&format!(
            "cd {files} && echo {hertz} > in_{kind}_sampling_frequency &&\n\
             for channel in scan_elements/*_en; do echo 1 > $channel || exit 1; done\n\
             echo 256 > buffer/length && echo 1 > buffer/enable"
        ))?;
        Ok(())
    }

    /// Turns its buffer off.
    ///
    /// # Errors
    /// When Linux refuses.
    pub fn stop(&self, guest: &mut Guest) -> Result<()> {
        guest.ok(&format!("echo 0 > {}/buffer/enable", self.files())).map(drop)
    }

    /// Takes the next samples out of its buffer, waiting for them.
    ///
    /// # Errors
    /// When they do not come in a minute.
    pub fn samples(&self, guest: &mut Guest, count: usize) -> Result<Vec<Sample>> {
        let size = size_of::<[i64; 4]>();
        let text = guest.ok(&format!(
            "timeout 60 dd if=/dev/iio:device{} bs={size} count={count} 2>/dev/null | xxd -p -c {size}",
            self.number
        ))?;
        let samples = text.lines().map(parse).collect::<Option<Vec<Sample>>>();
        let samples = samples.with_context(|| format!("these are no samples:\n{text}"))?;
        ensure!(samples.len() == count, "{} samples of {count} came", samples.len());
        Ok(samples)
    }
}

fn parse(line: &str) -> Option<Sample> {
    let word = |index: usize| {
        let digits = line.get(index * 16..(index + 1) * 16)?;
        let big_endian = u64::from_str_radix(digits, 16).ok()?;
        Some(big_endian.swap_bytes().cast_signed())
    };
    Some(Sample { axes: [word(0)?, word(1)?, word(2)?], time: word(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_hex_is_a_sample() {
        let line = "0100000000000000feffffffffffffff00010000000000000000010000000000";
        assert_eq!(parse(line), Some(Sample { axes: [1, -2, 256], time: 65536 }));
        assert_eq!(parse(&line[..63]), None);
    }
}
