//! On which machine something was measured.

use core::fmt;
use std::fs;
use std::thread;

use serde::Serialize;

/// The machine, as far as it says.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many CPUs this process may use.
    pub cpus: usize,
    /// The kernel.
    pub kernel: String,
    /// The architecture.
    pub architecture: &'static str,
}

impl Machine {
    /// This one. Ask before pinning: afterwards there is one CPU.
    #[must_use]
    pub fn this() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            processor: processor(&cpuinfo).unwrap_or("unknown processor").to_owned(),
            cpus: thread::available_parallelism().map_or(1, usize::from),
            kernel: format!("Linux {}", release.trim()),
            architecture: std::env::consts::ARCH,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cpus, kernel, architecture } = self;
        write!(f, "{processor}, {cpus} CPUs, {architecture}, {kernel}")
    }
}

/// How many processes wanted to run in the last minute, this one included; none where the system does not say.
pub(crate) fn load_average() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// x86 has a model name; other architectures at most a hardware name.
fn processor(cpuinfo: &str) -> Option<&str> {
    let value = |key: &str| {
        let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
    };
    value("model name").or_else(|| value("Hardware"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_found_under_either_name() {
        assert_eq!(processor("processor\t: 0\nmodel name\t: AMD EPYC\n"), Some("AMD EPYC"));
        assert_eq!(processor("BogoMIPS : 1\nHardware : BCM2835\n"), Some("BCM2835"));
        assert_eq!(processor(""), None);
    }
}
