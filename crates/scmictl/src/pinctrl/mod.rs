//! `scmictl pinctrl`: the pins, groups and functions of a platform.

mod catalog;
mod change;
mod setting;
mod show;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::connect::Link;
use crate::failure::Failure;
use crate::watching::Hold;
use setting::SettingArgument;

/// List, read, set up and hold the pins of the platform.
///
/// A pin or group is given by its name, or as pin:NAME, pin:ID, group:NAME or group:ID. The protocol has no
/// notifications, so there is nothing to watch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl list
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl get group:uart0
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl set group:uart0 --function uart pull-up=1";

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the pins, and the groups that each is in.
    #[command(after_help = LIST)]
    List,

    /// List the groups, and their pins.
    #[command(after_help = GROUPS)]
    Groups,

    /// List the functions, and what each can be given to.
    #[command(after_help = FUNCTIONS)]
    Functions,

    /// Read pins and groups: function and settings.
    #[command(after_help = GET)]
    Get {
        /// Pins or groups; all pins unless given.
        #[arg(value_name = "PIN|GROUP")]
        items: Vec<String>,
    },

    /// Set up a pin or group: its function, and settings, all in one command.
    #[command(after_help = SET)]
    Set(Set),

    /// Hold a pin or group alone.
    #[command(after_help = REQUEST)]
    Request {
        /// A pin or group.
        #[arg(value_name = "PIN|GROUP")]
        item: String,
        #[command(flatten)]
        hold: Hold,
    },

    /// Let a pin or group go.
    #[command(after_help = RELEASE)]
    Release {
        /// A pin or group.
        #[arg(value_name = "PIN|GROUP")]
        item: String,
    },
}

#[derive(Debug, Args)]
struct Set {
    /// A pin or group.
    #[arg(value_name = "PIN|GROUP")]
    item: String,

    /// The function to give it, by name or id, or none.
    #[arg(long, value_name = "FUNCTION|none", required_unless_present = "settings")]
    function: Option<String>,

    /// What to set: pull-up, drive-strength and so on, and a number or a value with its unit.
    #[arg(value_name = "SETTING=VALUE")]
    settings: Vec<SettingArgument>,

    #[command(flatten)]
    hold: Hold,
}

const LIST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl list";

const GROUPS: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json pinctrl groups | jq '.[0].pins'";

const FUNCTIONS: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl functions";

const GET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl get
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl get group:uart0 pin:7";

const SET: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl set group:uart0 --function uart
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl set gpio7 pull-up=1 'drive-strength=8 mA'
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl set gpio7 --function none

Settings:
  default bus-hold bias-disable high-impedance pull-up pull-default pull-down open-drain open-source
  push-pull drive-strength (mA) input-debounce (us) input-mode pull-mode input-value schmitt low-power
  output-mode output-value power-source slew-rate, and vendor192 to vendor255";

const REQUEST: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl request group:uart0 --hold 60s";

const RELEASE: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock pinctrl release group:uart0";

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    link.with(|session| match &arguments.verb {
        Verb::List => show::pins(session, json, out),
        Verb::Groups => show::groups(session, json, out),
        Verb::Functions => show::functions(session, json, out),
        Verb::Get { items } => show::get(session, items, json, out),
        Verb::Set(set) => change::set(session, set, json, out),
        Verb::Request { item, hold } => change::request(session, item, hold, json, out),
        Verb::Release { item } => change::release(session, item, json, out),
    })
}
