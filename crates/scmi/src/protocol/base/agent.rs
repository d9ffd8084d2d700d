//! The asking side of Base.

use super::V2;
use super::wire::{
    AgentInfo, DiscoverAgent, DiscoverImplementationVersion, DiscoverSubVendor, DiscoverVendor,
    ErrorEvent, ErrorReport, ListProtocols, NotifyErrors, ProtocolAttributes,
    ResetAgentConfiguration, SetDevicePermissions, SetProtocolPermissions,
};
use crate::agent::{CallError, Caller, CallerExt, Malformed};
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
    let version = caller.protocol_version(ProtocolId::BASE)?;
    let attributes = caller.call(&ProtocolAttributes)?;
    let vendor = caller.call(&DiscoverVendor)?;
    let sub_vendor = match caller.call(&DiscoverSubVendor) {
        Err(CallError::Refused(_)) => ShortName::default(),
        other => other?,
    };
    let implementation_version = caller.call(&DiscoverImplementationVersion)?.get();
    Ok(Discovery {
        version,
        vendor,
        sub_vendor,
        implementation_version,
        protocols: attributes.protocols,
        agents: attributes.agents,
    })
}

/// Lists the protocols that this agent may use, without Base.
///
/// # Errors
/// As [`CallerExt::call`], and [`Malformed::List`] for a list that does not end.
pub fn protocols(
    caller: &mut dyn Caller,
    each: &mut dyn FnMut(ProtocolId),
) -> Result<usize, CallError> {
    let announced = usize::from(caller.call(&ProtocolAttributes)?.protocols);
    let mut index: usize = 0;
    while index < announced {
        let skip = U32::new(u32::try_from(index).unwrap_or(u32::MAX));
        let mut buffer = [0; 128];
        let values = caller.call_into(&ListProtocols { skip }, false, &mut buffer)?;
        let mut reader = Reader::new(values);
        let short = Malformed::Short { came: values.len(), wanted: 8 };
        let returned = reader.take::<U32>().map_err(|_| short)?.get();
        let returned = usize::try_from(returned).unwrap_or(usize::MAX);
        let ids = reader.rest().get(..returned).ok_or(short)?;
        let total = index.saturating_add(returned);
        if returned == 0 || total > announced {
            return Err(Malformed::List { index, returned }.into());
        }
        ids.iter().for_each(|id| each(ProtocolId(*id)));
        index = total;
    }
    Ok(index)
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
    let command = DiscoverAgent { agent: U32::new(agent) };
    if version >= V2 {
        return caller.call(&command);
    }
    let mut buffer = [0; size_of::<ShortName>()];
    let mut values = caller.call_into(&command, false, &mut buffer)?;
    Ok(AgentInfo { agent: U32::new(agent), name: crate::agent::take(&mut values)? })
}

/// Subscribes to [`Event`], or ends that.
///
/// # Errors
/// As [`CallerExt::call`].
pub fn notify_errors(caller: &mut dyn Caller, enable: bool) -> Result<(), CallError> {
    caller.call(&NotifyErrors { enable: U32::new(enable.into()) })?;
    Ok(())
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
    caller.call(&SetDevicePermissions {
        agent: U32::new(agent),
        device: U32::new(device),
        flags: U32::new(allow.into()),
    })?;
    Ok(())
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
    caller.call(&SetProtocolPermissions {
        agent: U32::new(agent),
        device: U32::new(device),
        command: U32::new(protocol.0.into()),
        flags: U32::new(allow.into()),
    })?;
    Ok(())
}

/// Puts an agent's settings back, and its permissions too if `permissions` says so.
///
/// # Errors
/// As [`CallerExt::call`].
pub fn reset_agent_configuration(
    caller: &mut dyn Caller,
    agent: u32,
    permissions: bool,
) -> Result<(), CallError> {
    caller.call(&ResetAgentConfiguration {
        agent: U32::new(agent),
        flags: U32::new(permissions.into()),
    })?;
    Ok(())
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
