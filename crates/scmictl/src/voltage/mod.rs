//! `scmictl voltage`: the voltage domains of a platform.

mod entry;
mod mode;
mod verbs;

use std::io::Write;

use clap::{Args, Subcommand};
use scmi::protocol::voltage::wire::Mode;

use crate::connect::Link;
use crate::failure::Failure;
use crate::quantity;
use crate::watching::Hold;

pub(crate) use entry::Entry;

/// List, read and set the voltage domains of the platform.
///
/// The protocol has no notifications, so there is nothing to watch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage list
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage set vdd-io '1.8 V'
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage enable vdd-io --hold 60s";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the voltage domains, and the levels that they can have.
    #[command(after_help = LIST)]
    List,

    /// Read voltage domains: level and mode.
    #[command(after_help = GET)]
    Get {
        /// Domains by id or by name; all of them unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
    },

    /// List every level that a voltage domain can have.
    #[command(after_help = LEVELS)]
    Levels {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
    },

    /// Set a voltage domain's level.
    #[command(after_help = SET)]
    Set {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        /// The level, such as 1.8V or '850 mV'; a number alone is in volts.
        #[arg(value_name = "VOLTS", value_parser = quantity::microvolts, allow_hyphen_values = true)]
        level: i32,
        /// Set it asynchronously: the platform answers at once, and tells when the domain has the level.
        #[arg(long = "async")]
        asynchronous: bool,
    },

    /// Put a voltage domain into a mode.
    #[command(after_help = MODE)]
    Mode {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        /// on, off, or a mode of the platform's own: own0 to own7.
        #[arg(value_name = "MODE", value_parser = mode::parse)]
        mode: Mode,
        #[command(flatten)]
        hold: Hold,
    },

    /// Switch a voltage domain on.
    #[command(after_help = ENABLE)]
    Enable {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        #[command(flatten)]
        hold: Hold,
    },

    /// Switch a voltage domain off, as far as this agent is concerned.
    #[command(after_help = DISABLE)]
    Disable {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        #[command(flatten)]
        hold: Hold,
    },
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage list
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json voltage list | jq '.[].levels_v'

How a level can be SET: sync, and async where the domain says so.";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage get
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json voltage get vdd-io | jq '.[0].level_v'";

const LEVELS: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage levels vdd-io";

const SET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage set vdd-io 1.8V
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage set vee '-5 V' --async";

const MODE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage mode vdd-io own1 --hold 10s";

const ENABLE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage enable vdd-io --hold 10s";

const DISABLE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock voltage disable vdd-io";

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    link.with(|session| match &arguments.verb {
        Verb::List => verbs::list(session, json, out),
        Verb::Get { domains } => verbs::get(session, domains, json, out),
        Verb::Levels { domain } => verbs::levels(session, domain, json, out),
        Verb::Set { domain, level, asynchronous } => {
            verbs::set(session, domain, *level, *asynchronous, json, out)
        }
        Verb::Mode { domain, mode, hold } => verbs::mode(session, domain, *mode, hold, json, out),
        Verb::Enable { domain, hold } => verbs::mode(session, domain, Mode::ON, hold, json, out),
        Verb::Disable { domain, hold } => verbs::mode(session, domain, Mode::OFF, hold, json, out),
    })
}
