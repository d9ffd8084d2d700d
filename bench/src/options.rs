//! The command line.

use core::time::Duration;

use clap::Parser;

/// Measures scmid, vhost-device-scmi 0.4.0 and a floor with the same client, taking turns on one CPU.
///
/// The peer is installed with Cargo into $SCMI_CACHE (or ~/.cache/scmi) when it is not there. Every number is the
/// median over the rounds, with the lowest and the highest beside it. Exit code 0: measured; 1: it could not be
/// measured, or --at-least was missed; 2: the command line is wrong.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo xtask bench", version)]
pub struct Options {
    /// How often the three daemons take their turns under each load.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// Seconds that each daemon is under load each time; a tenth of it more to warm up.
    #[arg(long, default_value = "1", value_parser = seconds)]
    pub seconds: Duration,
    /// The CPU that everything runs on; the last one unless said otherwise.
    #[arg(long)]
    pub cpu: Option<usize>,
    /// Measure instead what an agent of scmid feels of its neighbours: floods, and Linux guests that are killed, reboot and
    /// flood. The CPU is that of scmid and of the agent, the neighbours have another one.
    #[arg(long, conflicts_with = "at_least")]
    pub neighbours: bool,
    /// Fail unless scmid answers sensor readings at depth 32 so many times as fast as the peer.
    #[arg(long, value_name = "RATIO")]
    pub at_least: Option<f64>,
    /// Write JSON instead of tables.
    #[arg(long)]
    pub json: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if (0.01..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("0.01 to 3600 are possible".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn seconds_have_bounds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        seconds("0").expect_err("too short");
        seconds("NaN").expect_err("no number");
        seconds("1e9").expect_err("too long");
    }
}
