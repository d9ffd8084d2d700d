//! The asking side of Base.
//!
//! Functions for whoever waits; tasks give what these ask to [`crate::agent::Tasks::run`]: [`Discovering`],
//! [`ListingProtocols`], [`discover_agent`], and the records of the other commands to [`crate::agent::Tasks::call`].

use super::V2;
pub use super::asking::{Discovering, ListingProtocols};
use super::wire::{
    AgentInfo, DiscoverAgent, ErrorEvent, ErrorReport, NotifyErrors, ResetAgentConfiguration,
    SetDevicePermissions, SetProtocolPermissions,
};
use crate::agent::{Ask, CallError, Caller, Kept, Steps};
#[cfg(doc)]
use crate::agent::{CallerExt, Malformed};
use crate::wire::{Header, MessageType, ProtocolId, Reader, ShortName, U32, Version};

/// Who the platform is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The version of Base.
    pub version: Version,
    /// The vendor.
    pub vendor: ShortName,
    /// The sub-vendor; empty where the platform names none.
    pub sub_vendor: ShortName,
    /// The vendor's own version.
    pub implementation_version: u32,
    /// How many protocols this agent may use, Base not counted.
    pub protocols: u8,
    /// How many agents there are; 0 where they cannot be discovered.
    pub agents: u8,
}

/// Asks who the platform is.
///
/// # Errors
/// As [`CallerExt::call`]; a missing sub-vendor is none.
pub fn discover(caller: &mut dyn Caller) -> Result<Discovery, CallError> {
    Discovering::new().block(caller)
}

/// Lists the protocols that this agent may use, without Base.
///
/// # Errors
/// As [`CallerExt::call`], and [`Malformed::List`] for a list that does not end.
pub fn protocols(
    caller: &mut dyn Caller,
    each: &mut dyn FnMut(ProtocolId),
) -> Result<usize, CallError> {
    ListingProtocols::new(each).block(caller)
}

/// Asks an agent's name; `version` is that of Base.
///
/// # Errors
/// As [`CallerExt::call`].
pub fn agent(
    caller: &mut dyn Caller,
    version: Version,
    agent: u32,
) -> Result<AgentInfo, CallError> {
    discover_agent(version, agent).block(caller)
}

/// The question for an agent's name; `version` is that of Base.
pub fn discover_agent(version: Version, agent: u32) -> Ask<AgentInfo> {
    let command = DiscoverAgent { agent: U32::new(agent) };
    let ask = Ask::fixed(&command, Kept::record);
    // Version 1.0 returns the name alone.
    if version >= V2 { ask.instead() } else { ask.at_least(size_of::<ShortName>()) }
}

/// Subscribes to [`Event`], or ends that.
///
/// # Errors
/// As [`CallerExt::call`].
pub fn notify_errors(caller: &mut dyn Caller, enable: bool) -> Result<(), CallError> {
    Ask::done(&NotifyErrors { enable: U32::new(enable.into()) }).block(caller)
}

/// Lets an agent use a device, or not.
///
/// # Errors
/// As [`CallerExt::call`].
pub fn set_device_permissions(
    caller: &mut dyn Caller,
    agent: u32,
    device: u32,
    allow: bool,
) -> Result<(), CallError> {
    let command = SetDevicePermissions {
        agent: U32::new(agent),
        device: U32::new(device),
        flags: U32::new(allow.into()),
    };
    Ask::done(&command).block(caller)
}

/// Lets an agent use one protocol of a device, or not.
///
/// # Errors
/// As [`CallerExt::call`].
pub fn set_protocol_permissions(
    caller: &mut dyn Caller,
    agent: u32,
    device: u32,
    protocol: ProtocolId,
    allow: bool,
) -> Result<(), CallError> {
    let command = SetProtocolPermissions {
        agent: U32::new(agent),
        device: U32::new(device),
        command: U32::new(protocol.0.into()),
        flags: U32::new(allow.into()),
    };
    Ask::done(&command).block(caller)
}

/// Puts an agent's settings back, and its permissions too if `permissions` says so.
///
/// The platform drops what it owed that agent, delayed responses too; of this agent itself, tell its engine:
/// [`crate::agent::Agent::nothing_is_owed`].
///
/// # Errors
/// As [`CallerExt::call`].
pub fn reset_agent_configuration(
    caller: &mut dyn Caller,
    agent: u32,
    permissions: bool,
) -> Result<(), CallError> {
    let command =
        ResetAgentConfiguration { agent: U32::new(agent), flags: U32::new(permissions.into()) };
    Ask::done(&command).block(caller)
}

/// BASE_ERROR_EVENT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Whose commands went wrong.
    pub agent: u32,
    /// Whether the platform cannot go on as if nothing had happened.
    pub fatal: bool,
    reports: &'a [u8],
}

impl<'a> Event<'a> {
    /// Reads a notification of Base; none if it is another one, or too short.
    pub fn parse(header: Header, payload: &'a [u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION
            || header.protocol() != ProtocolId::BASE
            || header.message().0 != 0
        {
            return None;
        }
        let mut reader = Reader::new(payload);
        let head: ErrorEvent = reader.take().ok()?;
        let count = usize::try_from(head.error_status.get() & 0x3FF).ok()?;
        let reports = reader.rest().get(..count.checked_mul(size_of::<ErrorReport>())?)?;
        let fatal = head.error_status.get() >> 31 == 1;
        Some(Self { agent: head.agent.get(), fatal, reports })
    }

    /// The commands that went wrong.
    pub fn reports(&self) -> impl Iterator<Item = ErrorReport> + use<'a> {
        let mut reader = Reader::new(self.reports);
        core::iter::from_fn(move || reader.take().ok())
    }
}
