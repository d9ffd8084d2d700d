//! The asking side of the Reset protocol.

use super::wire::{
    DomainAttributes, DomainAttributesGet, DomainWord, NameGet, Notify, ProtocolAttributes, Reset,
    ResetFlags, ResetIssued, ResetState,
};
use super::{RESET_ISSUED, V3};
use crate::agent::{CallError, Caller, CallerExt, Malformed, take};
use crate::protocol::asking::counted;
use crate::wire::{Header, LongName, MessageType, ProtocolId, Reader, ShortName, U32, Version};

/// The reset domains of a platform, as an agent sees them.
pub struct Resets<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    count: u16,
}

/// What a reset domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: u32,
    /// Its name, or the beginning of it: see [`Resets::name`].
    pub name: ShortName,
    /// What it can.
    pub attributes: DomainWord,
    /// The longest that a reset takes, in microseconds; none where that is not known.
    pub latency: Option<u32>,
}

counted! { Resets, "domains" }

impl<'c> Resets<'c> {
    /// Asks for the version and the number of reset domains.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no Reset protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::RESET)?;
        let [low, high, ..] = caller.call(&ProtocolAttributes)?.get().to_le_bytes();
        Ok(Self { caller, version, count: u16::from_le_bytes([low, high]) })
    }

    /// Describes a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Result<Info, CallError> {
        let info = self.caller.call(&DomainAttributesGet { domain: U32::new(domain) })?;
        let latency = info.latency.get();
        Ok(Info {
            id: domain,
            name: info.name,
            attributes: DomainWord(info.attributes.get()),
            latency: (latency != DomainAttributes::UNKNOWN).then_some(latency),
        })
    }

    /// A domain's whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name(&mut self, info: &Info) -> Result<LongName, CallError> {
        if self.version < V3 || !info.attributes.has(DomainWord::EXTENDED_NAME) {
            return Ok(LongName::new(info.name.as_str()));
        }
        Ok(self.caller.call(&NameGet { domain: U32::new(info.id) })?.name)
    }

    /// Has a domain go through a whole reset, and waits for its end.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn reset(&mut self, domain: u32, state: ResetState) -> Result<(), CallError> {
        self.caller.call(&command(domain, ResetFlags::AUTONOMOUS, state))?;
        Ok(())
    }

    /// The same asynchronously: waits for the delayed response.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another domain.
    pub fn reset_async(&mut self, domain: u32, state: ResetState) -> Result<(), CallError> {
        let command = command(domain, ResetFlags::AUTONOMOUS | ResetFlags::ASYNC, state);
        let mut buffer = [0; size_of::<U32>()];
        let mut values = self.caller.call_into(&command, true, &mut buffer)?;
        let named = take::<U32>(&mut values)?.get();
        if named != domain {
            return Err(Malformed::OtherResource { asked: domain, named }.into());
        }
        Ok(())
    }

    /// Holds a domain in reset.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn assert(&mut self, domain: u32, state: ResetState) -> Result<(), CallError> {
        self.caller.call(&command(domain, ResetFlags::ASSERT, state))?;
        Ok(())
    }

    /// Lets a domain go.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn deassert(&mut self, domain: u32, state: ResetState) -> Result<(), CallError> {
        self.caller.call(&command(domain, 0, state))?;
        Ok(())
    }

    /// Subscribes to resets of a domain, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify(&mut self, domain: u32, enable: bool) -> Result<(), CallError> {
        let command = Notify { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
        Ok(())
    }
}

const fn command(domain: u32, flags: u32, state: ResetState) -> Reset {
    Reset { domain: U32::new(domain), flags: U32::new(flags), state: U32::new(state.0) }
}

/// A notification of the Reset protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A domain was reset, or is held in reset.
    Issued {
        /// The agent that did it; 0 the platform.
        agent: u32,
        /// Which domain.
        domain: u32,
        /// Which reset.
        state: ResetState,
    },
}

impl Event {
    /// Reads a notification of the Reset protocol; none if it is another one, or too short.
    pub fn parse(header: Header, payload: &[u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION
            || header.protocol() != ProtocolId::RESET
            || header.message() != RESET_ISSUED
        {
            return None;
        }
        let event: ResetIssued = Reader::new(payload).take().ok()?;
        let (agent, domain) = (event.agent.get(), event.domain.get());
        Some(Self::Issued { agent, domain, state: ResetState(event.state.get()) })
    }
}
