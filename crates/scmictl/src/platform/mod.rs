//! `scmictl platform`: see and steer a daemon through its control interface.

mod client;
mod events;
mod faults;
mod tables;
mod verbs;

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};
use scmid::control::{Address, OrderKind};

use crate::failure::Failure;
use crate::watching::Until;
use client::Client;

/// See and steer a scmid that runs, through its control interface.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Where scmid serves its control interface: what its own --control was given.
    #[arg(long, value_name = "PATH", env = "SCMID_CONTROL", global = true)]
    control: Option<Address>,

    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock board
  scmictl platform --control /run/scmi/control.sock sensor set cpu 85
  scmictl platform --control /run/scmi/control.sock order shutdown --agent vm1
  SCMID_CONTROL=/run/scmi/control.sock scmictl platform events";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the board and its state.
    #[command(visible_alias = "status", after_help = BOARD)]
    Board,

    /// Show the agents, or the counters of one.
    #[command(after_help = AGENTS)]
    Agents {
        /// Its name.
        #[arg(value_name = "AGENT")]
        agent: Option<String>,
    },

    /// Read a sensor, hold it at a value, or release it.
    #[command(after_help = SENSOR)]
    Sensor {
        #[command(subcommand)]
        verb: SensorVerb,
    },

    /// Order guests to shut down, reboot, suspend or go on.
    #[command(after_help = ORDER)]
    Order {
        /// What guests shall do.
        #[arg(value_name = "ORDER")]
        order: Wanted,
        /// The agent that is told; all, where none is named.
        #[arg(long, value_name = "AGENT")]
        agent: Option<String>,
        /// Do it to the machine, instead of asking its operating system.
        #[arg(long)]
        forced: bool,
        /// How long a guest may take to shut down before its machine is ended, such as "30 s".
        #[arg(long, value_name = "TIME")]
        within: Option<String>,
    },

    /// Have answers and events go wrong on purpose, and see what did.
    #[command(after_help = faults::EXAMPLES)]
    Faults {
        #[command(subcommand)]
        verb: faults::Verb,
    },

    /// Have the daemon read its board file again: what can change does, or nothing does.
    #[command(after_help = RELOAD)]
    Reload,

    /// Print what happens, as it happens.
    #[command(after_help = EVENTS)]
    Events {
        #[command(flatten)]
        until: Until,
    },

    /// Print what happened so far, for Prometheus.
    #[command(after_help = METRICS)]
    Metrics,

    /// Ask whether the daemon serves.
    #[command(after_help = HEALTH)]
    Health,

    /// Print the OpenAPI document of the control interface.
    #[command(after_help = OPENAPI)]
    Openapi,
}

#[derive(Debug, Subcommand)]
enum SensorVerb {
    /// Read it, as an agent would.
    #[command(after_help = SENSOR_GET)]
    Get {
        /// Its name.
        #[arg(value_name = "SENSOR")]
        sensor: String,
    },
    /// Have it read a value, until it is released.
    #[command(after_help = SENSOR_SET)]
    Set {
        /// Its name.
        #[arg(value_name = "SENSOR")]
        sensor: String,
        /// One value, or one an axis; a number is in the sensor's unit.
        #[arg(value_name = "VALUE", required = true, allow_hyphen_values = true)]
        values: Vec<String>,
    },
    /// Have it read what the board says.
    #[command(after_help = SENSOR_RELEASE)]
    Release {
        /// Its name.
        #[arg(value_name = "SENSOR")]
        sensor: String,
    },
}

/// What guests shall do.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Wanted {
    Shutdown,
    Reboot,
    Suspend,
    Resume,
}

impl From<Wanted> for OrderKind {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Shutdown => Self::Shutdown,
            Wanted::Reboot => Self::Reboot,
            Wanted::Suspend => Self::Suspend,
            Wanted::Resume => Self::Resume,
        }
    }
}

const BOARD: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock board
  scmictl --json platform --control /run/scmi/control.sock board | jq '.clocks[] | select(.running)'";

const AGENTS: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock agents
  scmictl platform --control /run/scmi/control.sock agents vm1";

const SENSOR: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock sensor get cpu
  scmictl platform --control /run/scmi/control.sock sensor set cpu '85 °C'
  scmictl platform --control /run/scmi/control.sock sensor release cpu";

const SENSOR_GET: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock sensor get cpu";

const SENSOR_SET: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock sensor set cpu 85
  scmictl platform --control /run/scmi/control.sock sensor set vdd-cpu '850 mV'
  scmictl platform --control /run/scmi/control.sock sensor set accel 0 -0.5 9.81";

const SENSOR_RELEASE: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock sensor release cpu";

const ORDER: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock order shutdown --within '30 s'
  scmictl platform --control /run/scmi/control.sock order reboot --agent vm1 --forced";

const EVENTS: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock events
  scmictl --json platform --control /run/scmi/control.sock events --count 1";

const RELOAD: &str = "\
Exit codes: 1 where nothing was changed; everything that is in the way is printed.

Examples:
  scmictl platform --control /run/scmi/control.sock reload";

const METRICS: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock metrics > /var/lib/node_exporter/scmid.prom";

const HEALTH: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock health";

const OPENAPI: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock openapi > openapi.json";

/// Does what the command line asks for.
pub(crate) fn run(arguments: &Arguments, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let client = Client::new(arguments.control.as_ref())?;
    match &arguments.verb {
        Verb::Board => verbs::board(&client, json, out),
        Verb::Agents { agent } => verbs::agents(&client, agent.as_deref(), json, out),
        Verb::Sensor { verb } => match verb {
            SensorVerb::Get { sensor } => verbs::sensor(&client, sensor, json, out),
            SensorVerb::Set { sensor, values } => verbs::hold(&client, sensor, values, json, out),
            SensorVerb::Release { sensor } => verbs::release(&client, sensor, json, out),
        },
        Verb::Order { order, agent, forced, within } => {
            let order = scmid::control::NewOrder {
                order: (*order).into(),
                agent: agent.clone(),
                forced: *forced,
                timeout: within.clone(),
            };
            verbs::order(&client, &order, json, out)
        }
        Verb::Faults { verb } => faults::run(&client, verb, json, out),
        Verb::Reload => verbs::reload(&client, json, out),
        Verb::Events { until } => events::print(&client, until, json, out),
        Verb::Metrics => verbs::text(&client, "/metrics", out),
        Verb::Health => verbs::health(&client, json, out),
        Verb::Openapi => verbs::text(&client, "/openapi.json", out),
    }
}
