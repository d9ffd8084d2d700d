//! The asking side of the Power domain protocol.

use super::wire::{
    DomainAttributesGet, DomainFlags, NameGet, PowerState, ProtocolAttributes,
    StateChangeRequestedNotify, StateEvent, StateGet, StateNotify, StateSet,
};
use crate::agent::{CallError, Caller, CallerExt};
use crate::protocol::asking::counted;
use crate::wire::{Header, LongName, MessageType, ProtocolId, Reader, ShortName, U32, Version};

/// The power domains of a platform, as an agent sees them.
pub struct PowerDomains<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    count: u16,
}

/// What a power domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: u32,
    /// Its name, or the beginning of it: see [`PowerDomains::name`].
    pub name: ShortName,
    /// What it can.
    pub flags: DomainFlags,
}

counted! { PowerDomains, "domains" }

impl<'c> PowerDomains<'c> {
    /// Asks for the version and the number of domains.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no Power domain protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::POWER)?;
        let [low, high, ..] = caller.call(&ProtocolAttributes)?.attributes.get().to_le_bytes();
        Ok(Self { caller, version, count: u16::from_le_bytes([low, high]) })
    }

    /// What a domain is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Result<Info, CallError> {
        let attributes = self.caller.call(&DomainAttributesGet { domain: U32::new(domain) })?;
        let flags = DomainFlags(attributes.attributes.get());
        Ok(Info { id: domain, name: attributes.name, flags })
    }

    /// A domain's whole name.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name(&mut self, info: &Info) -> Result<LongName, CallError> {
        if !info.flags.has(DomainFlags::EXTENDED_NAME) {
            return Ok(LongName::new(info.name.as_str()));
        }
        Ok(self.caller.call(&NameGet { domain: U32::new(info.id) })?.name)
    }

    /// The state of a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn state(&mut self, domain: u32) -> Result<PowerState, CallError> {
        Ok(PowerState(self.caller.call(&StateGet { domain: U32::new(domain) })?.get()))
    }

    /// Sets the state of a domain, and waits until the domain is in it.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_state(&mut self, domain: u32, state: PowerState) -> Result<(), CallError> {
        self.set(domain, state, 0)
    }

    /// Asks for a state of a domain and does not wait: [`Event::Changed`] tells, if it was subscribed to.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot.
    pub fn set_state_async(&mut self, domain: u32, state: PowerState) -> Result<(), CallError> {
        self.set(domain, state, StateSet::ASYNC)
    }

    fn set(&mut self, domain: u32, state: PowerState, flags: u32) -> Result<(), CallError> {
        self.caller.call(&StateSet {
            flags: U32::new(flags),
            domain: U32::new(domain),
            state: U32::new(state.0),
        })?;
        Ok(())
    }

    /// Subscribes to a domain's changes of state, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_changes(&mut self, domain: u32, enable: bool) -> Result<(), CallError> {
        let command = StateNotify { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
        Ok(())
    }

    /// Subscribes to other agents' requests for states that this agent stands in the way of, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_requests(&mut self, domain: u32, enable: bool) -> Result<(), CallError> {
        let enable = U32::new(enable.into());
        self.caller.call(&StateChangeRequestedNotify { domain: U32::new(domain), enable })?;
        Ok(())
    }
}

/// A notification of the Power domain protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A domain has changed its state.
    Changed {
        /// Who caused it; 0 is the platform.
        agent: u32,
        /// Which domain.
        domain: u32,
        /// The state that it is in now.
        state: PowerState,
    },
    /// An agent asked for a state that others stand in the way of.
    Requested {
        /// Who asked.
        agent: u32,
        /// Which domain.
        domain: u32,
        /// The state that was asked for.
        state: PowerState,
    },
}

impl Event {
    /// Reads a notification of the Power domain protocol; none if it is another one, or too short.
    pub fn parse(header: Header, payload: &[u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION || header.protocol() != ProtocolId::POWER {
            return None;
        }
        let event: StateEvent = Reader::new(payload).take().ok()?;
        let (agent, domain) = (event.agent.get(), event.domain.get());
        let state = PowerState(event.state.get());
        match header.message().0 {
            0 => Some(Self::Changed { agent, domain, state }),
            1 => Some(Self::Requested { agent, domain, state }),
            _ => None,
        }
    }
}
