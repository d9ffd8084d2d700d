//! `scmictl list`: what a platform is and has.

use std::io::Write;

use clap::Args;
use scmi::agent::{CallError, CallerExt};
use scmi::protocol::base::{self, wire::MYSELF};
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::perf::agent::PerfDomains;
use scmi::protocol::pinctrl::agent::Pins;
use scmi::protocol::power::agent::PowerDomains;
use scmi::protocol::powercap::agent::PowercapDomains;
use scmi::protocol::reset::agent::Resets;
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::voltage::agent::Voltages;
use scmi::wire::{ProtocolId, Version};
use serde::Serialize;

use crate::connect::{Link, Session};
use crate::failure::Failure;
use crate::resource::optional;
use crate::table::Columns;
use crate::units::printable;

/// Say what the platform is and has.
///
/// Its vendor and version, who its agents are, and which protocols it has in which version.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock list
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json list | jq .protocols";

/// A platform as one of its agents sees it.
#[derive(Debug, Serialize)]
pub(crate) struct Platform {
    pub(crate) vendor: String,
    pub(crate) sub_vendor: String,
    pub(crate) implementation_version: u32,
    /// Whether the channel carries notifications and delayed responses.
    pub(crate) notifications: bool,
    /// Who we are, where the platform says so.
    pub(crate) agent: Option<Agent>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) protocols: Vec<Protocol>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Agent {
    pub(crate) id: u32,
    pub(crate) name: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Protocol {
    pub(crate) id: u8,
    /// None where the standard has none.
    pub(crate) name: Option<String>,
    pub(crate) version: String,
    /// How many sensors, clocks and so on, where we know how to ask.
    pub(crate) resources: Option<u32>,
}

/// Prints it.
pub(crate) fn run(link: &Link, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let platform = link.with(Platform::discover)?;
    if json {
        return Ok(writeln!(out, "{}", serde_json::json!(platform))?);
    }
    platform.write(out)
}

impl Platform {
    /// Asks a platform for all of it.
    pub(crate) fn discover(session: &mut Session<'_>) -> Result<Self, Failure> {
        let base = base::agent::discover(session)
            .map_err(|error| Failure::call("asking who the platform is", &error))?;
        let mut ids = Vec::new();
        base::agent::protocols(session, &mut |id| ids.push(id))
            .map_err(|error| Failure::call("listing the protocols", &error))?;
        let own = Protocol::new(ProtocolId::BASE, base.version, None);
        let others = ids.into_iter().map(|id| Protocol::discover(session, id));
        let protocols = [Ok(own)].into_iter().chain(others).collect::<Result<_, _>>()?;
        let mut agents = Vec::new();
        // Agent discovery is optional; 0 is the platform itself.
        for id in 0..=u32::from(base.agents) {
            if base.agents > 0 {
                agents.extend(agent(session, base.version, id));
            }
        }
        Ok(Self {
            vendor: printable(base.vendor.as_str()),
            sub_vendor: printable(base.sub_vendor.as_str()),
            implementation_version: base.implementation_version,
            notifications: session.p2a(),
            agent: agent(session, base.version, MYSELF),
            agents,
            protocols,
        })
    }

    /// Writes it for people.
    pub(crate) fn write(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let vendor = format!("{} {}", self.vendor, self.sub_vendor);
        writeln!(
            out,
            "Platform       {}, version {:#010x}",
            vendor.trim_end(),
            self.implementation_version
        )?;
        if let Some(agent) = &self.agent {
            writeln!(out, "We are         {} (agent {})", agent.name, agent.id)?;
        }
        if !self.agents.is_empty() {
            let names: Vec<String> =
                self.agents.iter().map(|agent| format!("{} {}", agent.id, agent.name)).collect();
            writeln!(out, "Agents         {}", names.join(", "))?;
        }
        let can = if self.notifications { "yes" } else { "no" };
        writeln!(out, "Notifications  {can}\n")?;
        let mut columns = Columns::new(&["PROTOCOL", ">ID", ">VERSION", ">RESOURCES"]);
        for protocol in &self.protocols {
            columns.row([
                protocol.name.clone().unwrap_or_else(|| "vendor's own".into()),
                format!("{:#04x}", protocol.id),
                protocol.version.clone(),
                protocol.resources.map_or_else(String::new, |count| count.to_string()),
            ]);
        }
        Ok(columns.write(out)?)
    }
}

impl Protocol {
    fn new(id: ProtocolId, version: Version, resources: Option<u32>) -> Self {
        let name = id.name().map(str::to_ascii_lowercase);
        Self { id: id.0, name, version: version.to_string(), resources }
    }

    fn discover(session: &mut Session<'_>, id: ProtocolId) -> Result<Self, Failure> {
        let version = session.protocol_version(id).map_err(|error| {
            Failure::call(format_args!("asking for the version of protocol {:#04x}", id.0), &error)
        })?;
        let count = optional(resources(session, id)).map_err(|error| {
            Failure::call(format_args!("counting what protocol {:#04x} has", id.0), &error)
        })?;
        Ok(Self::new(id, version, count.flatten()))
    }
}

/// How many of its kind a protocol has, of pin control pins; none where we do not know how to ask, or where there is
/// nothing to count.
fn resources(session: &mut Session<'_>, id: ProtocolId) -> Result<Option<u32>, CallError> {
    let count = match id {
        ProtocolId::POWER => PowerDomains::open(session)?.count(),
        ProtocolId::PERF => PerfDomains::open(session)?.count(),
        ProtocolId::CLOCK => Clocks::open(session)?.count(),
        ProtocolId::SENSOR => Sensors::open(session)?.count(),
        ProtocolId::RESET => Resets::open(session)?.count(),
        ProtocolId::VOLTAGE => Voltages::open(session)?.count(),
        ProtocolId::POWERCAP => PowercapDomains::open(session)?.count(),
        ProtocolId::PINCTRL => Pins::open(session)?.counts().pins(),
        _ => return Ok(None),
    };
    Ok(Some(count.into()))
}

/// An agent, if the platform names it.
fn agent(session: &mut Session<'_>, version: Version, id: u32) -> Option<Agent> {
    let info = base::agent::agent(session, version, id).ok()?;
    Some(Agent { id: info.agent.get(), name: printable(info.name.as_str()) })
}
