//! The answering side of Base.

use alloc::string::String;
use alloc::vec::Vec;

use super::wire::{
    AgentInfo, Attributes, DiscoverAgent, ErrorEvent, ErrorReport, ListProtocols, MYSELF,
    NotifyErrors, PLATFORM_AGENT, ResetAgentConfiguration,
};
use super::{INFO, V2};
use crate::platform::{AgentId, AgentSet, Call, Handled, Outbox, Server, exact};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::enable;
use crate::time::Time;
use crate::wire::{MessageId, Reader, ShortName, Status, U32, Writer};

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
    wants_errors: AgentSet,
}

const ERROR_EVENT: MessageId = MessageId(0);

/// The name that DISCOVER_AGENT gives the platform; it must begin so.
const PLATFORM_NAME: &str = "platform";

impl BaseServer {
    /// `names` are the agents'.
    pub(crate) const fn new(identity: Identity, names: Vec<String>) -> Self {
        Self { identity, names, wants_errors: AgentSet([0; 4]) }
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
        outbox.announce(agent, ERROR_EVENT, u64::from(fatal), &mut |w| {
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

    /// An agent may always reset itself; who may reset others is a matter of trust, which nobody has here.
    fn reset_agent(&self, call: &Call<'_>, agent: u32, flags: u32) -> Result<Handled, Status> {
        self.name(agent).ok_or(Status::NOT_FOUND)?;
        if flags & !1 != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        if agent == call.agent.number() { Ok(Handled::ResetCaller) } else { Err(Status::DENIED) }
    }
}

impl Server for BaseServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    /// Permissions (0x9, 0xA) are not changed by agents: none is trusted to.
    fn implements(&self, message: MessageId) -> bool {
        !matches!(message.0, 0x9 | 0xA)
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
            0xB => {
                let request: ResetAgentConfiguration = exact(params)?;
                return self.reset_agent(call, request.agent.get(), request.flags.get());
            }
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn agent_gone(&mut self, _now: Time, agent: AgentId) {
        self.wants_errors.remove(agent);
    }
}
