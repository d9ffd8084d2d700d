//! `scmictl system`: the power of the whole system.

mod state;
mod verbs;

use std::io::Write;

use clap::{Args, Subcommand};
use scmi::protocol::system::wire::SystemState;

use crate::connect::Link;
use crate::failure::Failure;
use crate::watching::Until;

/// Shut down, reset or suspend the system, and watch who wants to.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock system list
  scmictl --connect vhost-user:/run/scmi/vm1.sock system set shutdown --graceful
  scmictl --connect vhost-user:/run/scmi/vm1.sock system watch";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the states that the system can be brought into, apart from the vendor's own.
    #[command(after_help = LIST)]
    List,

    /// Read the state of the system; only an agent that controls it can.
    #[command(after_help = GET)]
    Get,

    /// Ask for a state of the system; only an agent that controls it can.
    #[command(after_help = SET)]
    Set {
        /// shutdown, cold-reset, warm-reset, power-up, suspend, or vendor0 and so on.
        #[arg(value_name = "STATE", value_parser = state::parse)]
        state: SystemState,
        /// Have operating systems end in good order.
        #[arg(long)]
        graceful: bool,
    },

    /// Print requests to shut down, reset or suspend as they come.
    #[command(after_help = WATCH)]
    Watch {
        #[command(flatten)]
        until: Until,
    },
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock system list";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json system get | jq .state";

const SET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock system set shutdown --graceful
  scmictl --connect vhost-user:/run/scmi/vm1.sock system set cold-reset";

const WATCH: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock system watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json system watch --count 1 | jq .state";

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    link.with(|session| match &arguments.verb {
        Verb::List => verbs::list(session, json, out),
        Verb::Get => verbs::get(session, json, out),
        Verb::Set { state, graceful } => verbs::set(session, *state, *graceful, json, out),
        Verb::Watch { until } => verbs::watch(session, until, json, out),
    })
}
