//! `scmictl reset`: the reset domains of a platform.

mod entry;
mod state;
mod verbs;

use std::io::Write;

use clap::{Args, Subcommand};
use scmi::protocol::reset::wire::ResetState;

use crate::connect::Link;
use crate::failure::Failure;
use crate::watching::Until;

pub(crate) use entry::Entry;

/// List, reset and watch the reset domains of the platform.
///
/// The protocol does not tell whether a domain is held in reset.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset list
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset cycle gpu --async
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset watch";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the reset domains, and what they can do.
    #[command(after_help = LIST)]
    List,

    /// Describe reset domains.
    #[command(after_help = GET)]
    Get {
        /// Domains by id or by name; all of them unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
    },

    /// Have a domain go through a whole reset.
    #[command(after_help = CYCLE, visible_aliases = ["reset", "set"])]
    Cycle {
        #[command(flatten)]
        which: Which,
        /// Reset it asynchronously: the platform answers at once, and tells when the reset is over.
        #[arg(long = "async")]
        asynchronous: bool,
    },

    /// Hold a domain in reset.
    #[command(after_help = ASSERT)]
    Assert {
        #[command(flatten)]
        which: Which,
    },

    /// Let a domain go.
    #[command(after_help = DEASSERT)]
    Deassert {
        #[command(flatten)]
        which: Which,
    },

    /// Print resets as they come.
    #[command(after_help = WATCH)]
    Watch {
        /// Domains by id or by name; all that tell of resets unless given.
        #[arg(value_name = "ID|NAME")]
        domains: Vec<String>,
        #[command(flatten)]
        until: Until,
    },
}

#[derive(Debug, Args)]
struct Which {
    /// A domain by id or by name.
    #[arg(value_name = "ID|NAME")]
    domain: String,

    /// Which reset: cold, or one of the platform's own by its number, such as own3.
    #[arg(long, value_name = "STATE", default_value = "cold", value_parser = state::parse)]
    state: ResetState,
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset list

What a domain CAN: async resets. What it TELLS: resets.";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json reset get gpu | jq '.[0].latency_us'";

const CYCLE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset cycle gpu
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset cycle gpu --state own3 --async";

const ASSERT: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset assert gpu";

const DEASSERT: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset deassert gpu";

const WATCH: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock reset watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json reset watch gpu --count 1";

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    use verbs::Act;
    link.with(|session| match &arguments.verb {
        Verb::List => verbs::get(session, &[], json, out),
        Verb::Get { domains } => verbs::get(session, domains, json, out),
        Verb::Cycle { which, asynchronous: false } => {
            verbs::act(session, which, Act::Cycle, json, out)
        }
        Verb::Cycle { which, asynchronous: true } => {
            verbs::act(session, which, Act::CycleAsync, json, out)
        }
        Verb::Assert { which } => verbs::act(session, which, Act::Assert, json, out),
        Verb::Deassert { which } => verbs::act(session, which, Act::Deassert, json, out),
        Verb::Watch { domains, until } => verbs::watch(session, domains, until, json, out),
    })
}
