//! `scmictl power`: the power domains of a platform.

mod entry;
mod state;
mod verbs;

use std::io::Write;

use clap::{Args, Subcommand};
use scmi::protocol::power::wire::PowerState;

use crate::connect::Link;
use crate::failure::Failure;
use crate::watching::{Hold, Until};

pub(crate) use entry::Entry;

/// List, read, switch and watch the power domains of the platform.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock power list
  scmictl --connect vhost-user:/run/scmi/vm1.sock power off gpu --hold 10s
  scmictl --connect vhost-user:/run/scmi/vm1.sock power watch";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the power domains, and what they can do.
    #[command(after_help = LIST)]
    List,

    /// Read the states of power domains.
    #[command(after_help = GET)]
    Get {
        /// Domains by id or by name; all of them unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
    },

    /// Ask for a state of a power domain.
    #[command(after_help = SET)]
    Set {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        /// on, off, or a state of the platform's own: its number, and :lost where it loses context.
        #[arg(value_name = "STATE", value_parser = state::parse)]
        state: PowerState,
        #[command(flatten)]
        how: How,
    },

    /// Ask for a power domain to be on.
    #[command(after_help = ON)]
    On {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        #[command(flatten)]
        how: How,
    },

    /// Ask for a power domain to be off.
    #[command(after_help = OFF)]
    Off {
        /// A domain by id or by name.
        #[arg(value_name = "ID|NAME")]
        domain: String,
        #[command(flatten)]
        how: How,
    },

    /// Print changes of states, and states that others ask for and this agent stands in the way of, as they come.
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
struct How {
    /// Ask asynchronously, and wait for the notification that the domain is in the state.
    #[arg(long = "async")]
    asynchronous: bool,

    #[command(flatten)]
    hold: Hold,
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock power list

How a state can be SET: sync and async.
What a domain TELLS: changes of its state, requests that this agent stands in the way of.";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock power get
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json power get gpu | jq '.[0].state'";

const SET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock power set gpu off --hold 10s
  scmictl --connect vhost-user:/run/scmi/vm1.sock power set gpu 2 --async
  scmictl --connect vhost-user:/run/scmi/vm1.sock power set gpu 3:lost";

const ON: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock power on gpu --async --hold 1s";

const OFF: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock power off gpu --hold 1s";

const WATCH: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock power watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json power watch gpu --count 2";

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
        Verb::Set { domain, state, how } => verbs::set(session, domain, *state, how, json, out),
        Verb::On { domain, how } => verbs::set(session, domain, PowerState::ON, how, json, out),
        Verb::Off { domain, how } => verbs::set(session, domain, PowerState::OFF, how, json, out),
        Verb::Watch { domains, until } => verbs::watch(session, domains, until, json, out),
    })
}
