//! The asking side of the Power domain protocol.

use super::wire::{
    DomainAttributes, DomainAttributesGet, DomainFlags, NameGet, PowerState, ProtocolAttributes,
    StateChangeRequestedNotify, StateEvent, StateGet, StateNotify, StateSet,
};
#[cfg(doc)]
use crate::agent::CallerExt;
use crate::agent::{Ask, Asked, Front, Kept};
use crate::protocol::asking::{Naming, name_of};
use crate::protocol::opening::{client, low_half};
use crate::wire::{Header, MessageType, ProtocolId, Reader, ShortName, U32};

client! {
    /// The power domains of a platform, as an agent sees them.
    PowerDomains: "Power domain", ProtocolAttributes, |[low, _]| {
        /// How many domains there are.
        count: u16 = low_half(low),
    }
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

impl<F: Front> PowerDomains<'_, F> {
    /// What a domain is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Asked<'_, F, Info> {
        let read = |kept: &Kept| {
            let (id, DomainAttributes { attributes, name }) = kept.of();
            Info { id, name, flags: DomainFlags(attributes.get()) }
        };
        let command = DomainAttributesGet { domain: U32::new(domain) };
        self.front.run(Ask::fixed(&command, read))
    }

    /// A domain's whole name.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name<'f>(&'f mut self, info: &'f Info) -> F::Out<'f, Naming<'f>> {
        let longer = info.flags.has(DomainFlags::EXTENDED_NAME);
        let command = NameGet { domain: U32::new(info.id) };
        self.front.run(name_of(&info.name, &command, longer))
    }

    /// The state of a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn state(&mut self, domain: u32) -> Asked<'_, F, PowerState> {
        let command = StateGet { domain: U32::new(domain) };
        self.front.run(Ask::word_at(&command, 0, PowerState))
    }

    /// Sets the state of a domain, and waits until the domain is in it.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_state(&mut self, domain: u32, state: PowerState) -> Asked<'_, F, ()> {
        self.front.run(set(domain, state, 0))
    }

    /// Switches a domain fully on, or off as far as this agent is concerned, and waits until it is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_on(&mut self, domain: u32, on: bool) -> Asked<'_, F, ()> {
        self.set_state(domain, if on { PowerState::ON } else { PowerState::OFF })
    }

    /// Asks for a state of a domain and does not wait: [`Event::Changed`] tells, if it was subscribed to.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot.
    pub fn set_state_async(&mut self, domain: u32, state: PowerState) -> Asked<'_, F, ()> {
        self.front.run(set(domain, state, StateSet::ASYNC))
    }

    /// Subscribes to a domain's changes of state, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_changes(&mut self, domain: u32, enable: bool) -> Asked<'_, F, ()> {
        let command = StateNotify { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.front.run(Ask::done(&command))
    }

    /// Subscribes to other agents' requests for states that this agent stands in the way of, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_requests(&mut self, domain: u32, enable: bool) -> Asked<'_, F, ()> {
        let (domain, enable) = (U32::new(domain), U32::new(enable.into()));
        self.front.run(Ask::done(&StateChangeRequestedNotify { domain, enable }))
    }
}

fn set(domain: u32, state: PowerState, flags: u32) -> Ask<()> {
    let (flags, domain) = (U32::new(flags), U32::new(domain));
    Ask::done(&StateSet { flags, domain, state: U32::new(state.0) })
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
