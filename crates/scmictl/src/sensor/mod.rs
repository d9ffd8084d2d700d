//! `scmictl sensor`: the sensors of a platform.

mod catalog;
mod get;
mod list;
mod watch;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::connect::Link;
use crate::failure::Failure;

#[cfg(feature = "host")]
pub(crate) use catalog::read;
pub(crate) use catalog::{Catalog, Entry};
#[cfg(feature = "host")]
pub(crate) use watch::Setup;

/// List, read and watch the sensors of the platform.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor list
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor get cpu
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor watch accelerometer --interval 100ms";

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Arguments),
    Get(get::Arguments),
    Watch(watch::Arguments),
}

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::List(_) => link.with(|session| list::run(session, json, out)),
        Verb::Get(arguments) => link.with(|session| get::run(arguments, session, json, out)),
        Verb::Watch(arguments) => link.with(|session| watch::run(arguments, session, json, out)),
    }
}
