//! The command line.

use clap::{Parser, Subcommand};

use crate::{connect, decode, demo, dt, list, sensor};

/// Lists, reads, watches and decodes SCMI.
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
    Demo(demo::Arguments),
    List(list::Arguments),
    Sensor(sensor::Arguments),
    Dt(dt::Arguments),
    Decode(decode::Arguments),
}

const AFTER_HELP: &str = "\
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
}
