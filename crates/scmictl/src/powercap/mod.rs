//! `scmictl powercap`: the powercap domains of a platform.

mod change;
mod entry;
mod show;
mod watch;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::connect::Link;
use crate::failure::Failure;
use crate::quantity;
use crate::watching::{Hold, Until};

pub(crate) use entry::Entry;

/// List, read, set and watch the powercap domains of the platform.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap list
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap set soc '15 W' --hold 60s
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap measure";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the powercap domains as the tree that they are, with the caps and intervals that they can have.
    #[command(after_help = LIST)]
    List,

    /// Read powercap domains: cap, averaging interval and measured power.
    #[command(after_help = GET)]
    Get {
        /// Domains by id or by name; all of them unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
    },

    /// Measure the power of domains.
    #[command(after_help = MEASURE)]
    Measure {
        /// Domains by id or by name; all that are measured unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
    },

    /// Set a domain's cap, or withdraw it.
    #[command(after_help = SET)]
    Set(Set),

    /// Set the interval over which a domain's power is averaged.
    #[command(after_help = INTERVAL)]
    Interval {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        /// The interval, such as 50ms; a number alone is in seconds.
        #[arg(value_name = "TIME", value_parser = quantity::microseconds)]
        micros: u32,
    },

    /// Print changes of caps and intervals and, with thresholds, of measured power, as they come.
    #[command(after_help = WATCH)]
    Watch(Watch),
}

#[derive(Debug, Args)]
struct Set {
    /// A domain by id or by name.
    #[arg(value_name = "ID|NAME")]
    domain: String,

    /// The cap, such as 15W or '500 mW', or none; a number alone is in watts, or in the platform's own unit.
    #[arg(value_name = "POWER|none")]
    cap: String,

    /// Set it asynchronously: the platform answers at once, and tells when the cap is in force.
    #[arg(long = "async")]
    asynchronous: bool,

    /// Set it asynchronously, and have the platform tell nothing when it is done.
    #[arg(long, conflicts_with = "asynchronous")]
    queue: bool,

    #[command(flatten)]
    hold: Hold,
}

#[derive(Debug, Args)]
struct Watch {
    /// Domains by id or by name; all that tell of something unless given.
    #[arg(value_name = "ID|NAME")]
    domains: Vec<String>,

    /// Tell when the measured power falls below this.
    #[arg(long, value_name = "POWER", requires = "above")]
    below: Option<String>,

    /// Tell when the measured power rises above this.
    #[arg(long, value_name = "POWER", requires = "below")]
    above: Option<String>,

    #[command(flatten)]
    until: Until,
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap list
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json powercap list | jq '.[0].cap.max'

What a domain CAN: set its cap, async too, set its interval, measure its power.
What it TELLS: changes of its cap and interval, and of its power.";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap get
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap get soc";

const MEASURE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap measure
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json powercap measure soc | jq '.[0].power'";

const SET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap set soc 15W --hold 60s
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap set soc '7.5 W' --async --hold 60s
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap set soc none";

const INTERVAL: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap interval soc 50ms";

const WATCH: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock powercap watch soc --below 5W --above 15W";

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    link.with(|session| match &arguments.verb {
        Verb::List => show::list(session, json, out),
        Verb::Get { domains } => show::get(session, domains, json, out),
        Verb::Measure { domains } => show::measure(session, domains, json, out),
        Verb::Set(set) => change::cap(session, set, json, out),
        Verb::Interval { domain, micros } => change::interval(session, domain, *micros, json, out),
        Verb::Watch(watch) => watch::run(session, watch, json, out),
    })
}
