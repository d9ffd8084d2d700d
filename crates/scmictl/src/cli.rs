//! The command line.

use clap::{Parser, Subcommand};

use crate::{
    check, clock, connect, decode, dissector, dt, list, perf, pinctrl, power, powercap, reset,
    sensor, system, voltage,
};
#[cfg(feature = "host")]
use crate::{demo, manual, platform};

/// Lists, reads, sets, watches and decodes SCMI.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) link: connect::Link,

    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    #[cfg(feature = "host")]
    Demo(demo::Arguments),
    List(list::Arguments),
    Sensor(sensor::Arguments),
    Clock(clock::Arguments),
    Power(power::Arguments),
    Voltage(voltage::Arguments),
    Reset(reset::Arguments),
    Perf(perf::Arguments),
    Powercap(powercap::Arguments),
    Pinctrl(pinctrl::Arguments),
    System(system::Arguments),
    #[cfg(feature = "host")]
    Platform(platform::Arguments),
    Check(check::Arguments),
    Dt(dt::Arguments),
    Decode(decode::Arguments),
    Dissector(dissector::Arguments),
    #[cfg(feature = "host")]
    Completions(manual::Completions),
    #[cfg(feature = "host")]
    Man(manual::Man),
}

const AFTER_HELP: &str = "\
Examples:
  scmictl demo
  scmictl --connect vhost-user:/run/scmi/vm1.sock list
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor get cpu
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock set uart 48MHz
  scmictl dt --board board.toml
  scmictl decode 06 54 14 00 03 00 00 00 00 00 00 00

Exit codes:
  0  done; also when whoever reads the output closed it
  1  the platform refused, answered nonsense, or did not answer in time
  2  the command line is wrong
  3  no connection to the platform, or it was lost
  4  a file or message that was given cannot be read or understood, or output cannot be written";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_has_examples() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
