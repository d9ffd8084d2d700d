//! `scmictl clock`: the clocks of a platform.

mod change;
mod entry;
mod show;
mod watch;

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};
use scmi::protocol::clock::wire::Rounding;

use crate::connect::Link;
use crate::failure::Failure;
use crate::quantity;
use crate::watching::{Hold, Until};

pub(crate) use entry::Entry;

/// List, read, set and watch the clocks of the platform.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock list
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock set uart '48 MHz'
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock watch";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the clocks: the rates they can have, their parents, and what they can do.
    #[command(after_help = LIST)]
    List,

    /// Read clocks: rate, gate, parent, duty cycle and phase.
    #[command(after_help = GET)]
    Get {
        /// Clocks by id or by name; all of them unless given.
        #[arg(value_name = "ID|NAME")]
        clocks: Vec<String>,
    },

    /// List every rate that a clock can have.
    #[command(after_help = RATES)]
    Rates {
        /// A clock by id or by name.
        #[arg(value_name = "ID|NAME")]
        clock: String,
    },

    /// Set a clock's rate.
    #[command(after_help = SET)]
    Set(Set),

    /// Switch a clock on.
    #[command(after_help = ENABLE)]
    Enable {
        /// A clock by id or by name.
        #[arg(value_name = "ID|NAME")]
        clock: String,
        #[command(flatten)]
        hold: Hold,
    },

    /// Switch a clock off, as far as this agent is concerned.
    #[command(after_help = DISABLE)]
    Disable {
        /// A clock by id or by name.
        #[arg(value_name = "ID|NAME")]
        clock: String,
    },

    /// Give a clock another parent.
    #[command(after_help = PARENT)]
    Parent {
        /// A clock by id or by name.
        #[arg(value_name = "ID|NAME")]
        clock: String,
        /// The new parent, by id or by name.
        #[arg(value_name = "PARENT")]
        parent: String,
    },

    /// Set a clock's duty cycle.
    #[command(after_help = DUTY)]
    Duty {
        /// A clock by id or by name.
        #[arg(value_name = "ID|NAME")]
        clock: String,
        /// How much of the time it is high.
        #[arg(value_name = "PERCENT", value_parser = change::percent)]
        percent: u32,
    },

    /// Set a clock's phase.
    #[command(after_help = PHASE)]
    Phase {
        /// A clock by id or by name.
        #[arg(value_name = "ID|NAME")]
        clock: String,
        /// By how much it is shifted.
        #[arg(value_name = "DEGREES", value_parser = change::degrees)]
        degrees: u32,
    },

    /// Print changes of rates, and rates that others ask for in vain, as they come.
    #[command(after_help = WATCH)]
    Watch {
        /// Clocks by id or by name; all that tell of something unless given.
        #[arg(value_name = "ID|NAME")]
        clocks: Vec<String>,
        #[command(flatten)]
        until: Until,
    },
}

#[derive(Debug, Args)]
struct Set {
    /// A clock by id or by name.
    #[arg(value_name = "ID|NAME")]
    clock: String,

    /// The rate, such as 48MHz or '32.768 kHz'; a number alone is in hertz.
    #[arg(value_name = "RATE", value_parser = quantity::hertz)]
    rate: u64,

    /// Which way a rate is rounded that the clock does not have.
    #[arg(long, value_enum, default_value_t = Round::Nearest)]
    round: Round,

    /// Set it asynchronously: the platform answers at once, and tells when the clock has the rate.
    #[arg(long = "async")]
    asynchronous: bool,

    /// Set it asynchronously, and have the platform tell nothing when it is done.
    #[arg(long, conflicts_with = "asynchronous")]
    queue: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Round {
    Down,
    Up,
    Nearest,
}

impl From<Round> for Rounding {
    fn from(round: Round) -> Self {
        match round {
            Round::Down => Self::Down,
            Round::Up => Self::Up,
            Round::Nearest => Self::Nearest,
        }
    }
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock list
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json clock list | jq '.[].name'

What this agent MAY do with a clock: set its rate, state (on and off) and parent.
What a clock TELLS: changes of its rate, requests for rates that it was not given.";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock get
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock get uart 3
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json clock get uart | jq '.[0].rate_hz'

The STATE is what this agent asked for: a clock that is off for it may be on for others.";

const RATES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock rates uart";

const SET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock set uart 48MHz
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock set pixel '148.5 MHz' --round down
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock set pll 1.2GHz --async";

const ENABLE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock enable uart --hold 60s";

const DISABLE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock disable uart";

const PARENT: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock parent uart pll1";

const DUTY: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock duty pwm 25%";

const PHASE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock phase sampler 90";

const WATCH: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock clock watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json clock watch uart --count 3";

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    link.with(|session| match &arguments.verb {
        Verb::List => show::list(session, json, out),
        Verb::Get { clocks } => show::get(session, clocks, json, out),
        Verb::Rates { clock } => show::rates(session, clock, json, out),
        Verb::Set(set) => change::rate(session, set, json, out),
        Verb::Enable { clock, hold } => change::enabled(session, clock, Some(hold), json, out),
        Verb::Disable { clock } => change::enabled(session, clock, None, json, out),
        Verb::Parent { clock, parent } => change::parent(session, clock, parent, json, out),
        Verb::Duty { clock, percent } => change::duty(session, clock, *percent, json, out),
        Verb::Phase { clock, degrees } => change::phase(session, clock, *degrees, json, out),
        Verb::Watch { clocks, until } => watch::run(session, clocks, until, json, out),
    })
}
