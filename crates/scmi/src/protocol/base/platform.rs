//! The answering side of Base.

use alloc::string::String;
use alloc::vec::Vec;

use super::wire::{
    AgentInfo, Attributes, DiscoverAgent, ErrorEvent, ErrorReport, ListProtocols, MYSELF,
    NotifyErrors, PLATFORM_AGENT, ResetAgentConfiguration, SetDevicePermissions,
    SetProtocolPermissions,
};
use super::{INFO, V2};
use crate::platform::{
    AgentId, AgentSet, Call, Handled, Outbox, Permit, Server, Withdrawal, exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::enable;
use crate::time::Time;
use crate::wire::{MessageId, ProtocolId, Reader, ShortName, Status, U32, Writer};

/// Who the platform is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// At most 15 bytes count.
    pub vendor: String,
    /// At most 15 bytes count.
    pub sub_vendor: String,
    /// The vendor's own number; it should rise.
    pub implementation_version: u32,
}

/// Base, as the engine serves it.
#[derive(Debug)]
pub(crate) struct BaseServer {
    identity: Identity,
    names: Vec<String>,
    /// How many there are.
    devices: usize,
    wants_errors: AgentSet,
}

const ERROR_EVENT: MessageId = MessageId(0);

/// The name that DISCOVER_AGENT gives the platform; it must begin so.
const PLATFORM_NAME: &str = "platform";

impl BaseServer {
    /// `names` are the agents'.
    pub(crate) const fn new(identity: Identity, names: Vec<String>, devices: usize) -> Self {
        Self { identity, names, devices, wants_errors: AgentSet([0; 4]) }
    }

    /// Whether an agent is told of errors.
    pub(crate) fn tells_errors(&self, agent: AgentId) -> bool {
        self.wants_errors.contains(agent)
    }

    /// An agent is told of errors, or not.
    pub(crate) fn tell_errors(&mut self, agent: AgentId, wanted: bool) {
        self.wants_errors.set(agent, wanted);
    }

    pub(crate) fn report_errors(
        &self,
        outbox: &mut Outbox<'_>,
        agent: AgentId,
        fatal: bool,
        reports: &[ErrorReport],
    ) {
        if !self.wants_errors.contains(agent) {
            return;
        }
        let reports = reports.get(..ErrorEvent::MAX_REPORTS).unwrap_or(reports);
        let count = u32::try_from(reports.len()).unwrap_or(0);
        let head = ErrorEvent {
            agent: U32::new(agent.number()),
            error_status: U32::new(count | if fatal { 1 << 31 } else { 0 }),
        };
        // An event takes the place of none but one about the same commands.
        let first = reports.first().map_or(0, |report| report.header.get());
        let source = u64::from(fatal) << 32 | u64::from(first);
        outbox.announce(agent, ERROR_EVENT, source, &mut |w| {
            w.put(&head)?;
            reports.iter().try_for_each(|report| w.put(report))
        });
    }

    fn attributes(&self, call: &Call<'_>, reply: &mut Writer<'_>) -> Result<(), Status> {
        let count = |len: usize| u8::try_from(len).unwrap_or(u8::MAX);
        reply.put(&Attributes {
            protocols: count(call.protocols().count()),
            agents: count(self.names.len()),
            reserved: [0; 2],
        })?;
        Ok(())
    }

    /// As many ids as fit, in whole words.
    fn list_protocols(call: &Call<'_>, skip: u32, reply: &mut Writer<'_>) -> Result<(), Status> {
        let skip = usize::try_from(skip).map_err(|_| Status::INVALID_PARAMETERS)?;
        let rest = call.protocols().count().checked_sub(skip).ok_or(Status::INVALID_PARAMETERS)?;
        let room = reply.room().saturating_sub(size_of::<U32>()) & !3;
        if room == 0 && rest > 0 {
            return Err(Status::COMMS_ERROR);
        }
        let count = rest.min(room);
        reply.put(&U32::new(u32::try_from(count).unwrap_or(0)))?;
        let mut page = call.protocols().skip(skip).take(count);
        while let Some(first) = page.next() {
            let mut ids = [first.0, 0, 0, 0];
            ids.iter_mut().skip(1).zip(&mut page).for_each(|(to, id)| *to = id.0);
            reply.put(&ids)?;
        }
        Ok(())
    }

    fn discover_agent(
        &self,
        call: &Call<'_>,
        agent: u32,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let number = if agent == MYSELF { call.agent.number() } else { agent };
        let name = if number == PLATFORM_AGENT {
            PLATFORM_NAME
        } else {
            self.name(number).ok_or(Status::NOT_FOUND)?
        };
        let name = ShortName::new(name);
        if call.version < V2 {
            reply.put(&name)?;
        } else {
            reply.put(&AgentInfo { agent: U32::new(number), name })?;
        }
        Ok(())
    }

    fn name(&self, number: u32) -> Option<&str> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.names.get(index).map(String::as_str)
    }

    fn agent(&self, number: U32) -> Result<AgentId, Status> {
        let number = number.get();
        self.name(number).ok_or(Status::NOT_FOUND)?;
        let index = usize::try_from(number.saturating_sub(1)).map_err(|_| Status::NOT_FOUND)?;
        AgentId::from_index(index).ok_or(Status::NOT_FOUND)
    }

    /// An agent may always reset itself, but what was taken from it only a trusted one gives back.
    fn reset_agent(
        &self,
        call: &Call<'_>,
        request: ResetAgentConfiguration,
    ) -> Result<Handled, Status> {
        let agent = self.agent(request.agent)?;
        let permissions = enable(request.flags)?;
        let itself = agent == call.agent && !(permissions && call.lacks_something());
        let may = itself || call.is_trusted();
        if may { Ok(Handled::Reset(agent, permissions)) } else { Err(Status::DENIED) }
    }

    fn set_device(
        &self,
        call: &Call<'_>,
        request: SetDevicePermissions,
    ) -> Result<Handled, Status> {
        let agent = self.agent(request.agent)?;
        let device = self.device(request.device)?;
        let allow = enable(request.flags)?;
        let permit = Permit { agent, device, protocol: None, allow };
        if call.is_trusted() { Ok(Handled::Permit(permit)) } else { Err(Status::DENIED) }
    }

    /// Base itself cannot be taken from anybody (section 15, number 5).
    fn set_protocol(
        &self,
        call: &Call<'_>,
        request: SetProtocolPermissions,
    ) -> Result<Handled, Status> {
        let agent = self.agent(request.agent)?;
        let device = self.device(request.device)?;
        let protocol = ProtocolId(request.command.get().to_le_bytes()[0]);
        if !call.exists(protocol) {
            return Err(Status::NOT_FOUND);
        }
        let allow = enable(request.flags)?;
        if request.command.get() > 0xFF {
            return Err(Status::INVALID_PARAMETERS);
        }
        if protocol == ProtocolId::BASE || !call.is_trusted() {
            return Err(Status::DENIED);
        }
        Ok(Handled::Permit(Permit { agent, device, protocol: Some(protocol), allow }))
    }

    fn device(&self, number: U32) -> Result<usize, Status> {
        let device = usize::try_from(number.get()).ok();
        device.filter(|device| *device < self.devices).ok_or(Status::NOT_FOUND)
    }
}

impl Server for BaseServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    /// Permissions (0x9, 0xA) are about devices.
    fn implements(&self, message: MessageId) -> bool {
        self.devices > 0 || !matches!(message.0, 0x9 | 0xA)
    }

    fn max_payload(&self) -> usize {
        let reports = size_of::<ErrorReport>().saturating_mul(ErrorEvent::MAX_REPORTS);
        size_of::<ErrorEvent>().saturating_add(reports)
    }

    fn handle(
        &mut self,
        call: &mut Call<'_>,
        message: MessageId,
        params: Reader<'_>,
        reply: &mut Writer<'_>,
    ) -> Result<Handled, Status> {
        match message.0 {
            0x1 => {
                exact::<[u8; 0]>(params)?;
                self.attributes(call, reply)?;
            }
            0x3 => {
                exact::<[u8; 0]>(params)?;
                reply.put(&ShortName::new(&self.identity.vendor))?;
            }
            0x4 => {
                exact::<[u8; 0]>(params)?;
                reply.put(&ShortName::new(&self.identity.sub_vendor))?;
            }
            0x5 => {
                exact::<[u8; 0]>(params)?;
                reply.put(&U32::new(self.identity.implementation_version))?;
            }
            0x6 => Self::list_protocols(call, exact::<ListProtocols>(params)?.skip.get(), reply)?,
            0x7 => self.discover_agent(call, exact::<DiscoverAgent>(params)?.agent.get(), reply)?,
            0x8 => {
                let enable = enable(exact::<NotifyErrors>(params)?.enable)?;
                self.wants_errors.set(call.agent, enable);
                if !enable {
                    call.outbox.cancel_all(call.agent, ERROR_EVENT);
                }
            }
            0x9 => return self.set_device(call, exact(params)?),
            0xA => return self.set_protocol(call, exact(params)?),
            0xB => return self.reset_agent(call, exact(params)?),
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn withdraw(&mut self, _now: Time, what: &Withdrawal<'_>) {
        if what.is_everything() {
            self.wants_errors.remove(what.agent());
        }
    }
}
