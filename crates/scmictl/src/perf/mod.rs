//! `scmictl perf`: the performance domains of a platform.

mod change;
mod entry;
mod level;
mod show;
mod watch;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::connect::Link;
use crate::failure::Failure;
use crate::watching::{Hold, Until};

pub(crate) use entry::Entry;
use level::Wanted;

/// List, read, set and watch the performance domains of the platform.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf list
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf set cpu0 '1.2 GHz' --hold 10s
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf watch";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the performance domains, their levels, and what this agent may do.
    #[command(after_help = LIST)]
    List,

    /// Read performance domains: level and limits.
    #[command(after_help = GET)]
    Get {
        /// Domains by id or by name; all of them unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
    },

    /// List every level of a performance domain: its frequency, what it costs, how long it takes to get there.
    #[command(after_help = LEVELS)]
    Levels {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
    },

    /// Set the level of a performance domain.
    #[command(after_help = SET)]
    Set {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        /// The level, or its frequency with a unit such as 1.2GHz.
        #[arg(value_name = "LEVEL|FREQUENCY", value_parser = level::parse)]
        level: Wanted,
        #[command(flatten)]
        hold: Hold,
    },

    /// Set the limits that a performance domain's level is kept in.
    #[command(after_help = LIMITS)]
    Limits(Limits),

    /// Print changes of levels and limits as they come.
    #[command(after_help = WATCH)]
    Watch {
        /// Domains by id or by name; all that tell of something unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
        #[command(flatten)]
        until: Until,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true, id = "limits", args = ["min", "max"])]
struct Limits {
    /// A domain by id or by name.
    #[arg(value_name = "ID|NAME")]
    domain: String,

    /// The lowest level allowed, or its frequency with a unit; unless given it stays as it is.
    #[arg(long, value_name = "LEVEL|FREQUENCY", value_parser = level::parse)]
    min: Option<Wanted>,

    /// The highest level allowed, or its frequency with a unit; unless given it stays as it is.
    #[arg(long, value_name = "LEVEL|FREQUENCY", value_parser = level::parse)]
    max: Option<Wanted>,

    #[command(flatten)]
    hold: Hold,
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf list

The PAUSE is what an agent leaves between requests.
What this agent MAY set: the level, and limits.
What a domain TELLS: changes of its level, and of its limits.";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf get
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json perf get cpu0 | jq '.[0].level'";

const LEVELS: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf levels cpu0";

const SET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf set cpu0 1.2GHz --hold 10s
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf set cpu0 1200";

const LIMITS: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf limits cpu0 --max 1.2GHz --hold 10s
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf limits cpu0 --min 600 --max 1200";

const WATCH: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock perf watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json perf watch cpu0 --count 3";

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
        Verb::Levels { domain } => show::levels(session, domain, json, out),
        Verb::Set { domain, level, hold } => {
            change::level(session, domain, *level, hold, json, out)
        }
        Verb::Limits(limits) => change::limits(session, limits, json, out),
        Verb::Watch { domains, until } => watch::run(session, domains, until, json, out),
    })
}
