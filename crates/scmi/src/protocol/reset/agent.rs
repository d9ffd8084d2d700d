//! The asking side of the Reset protocol.

use super::wire::{
    DomainAttributes, DomainAttributesGet, DomainWord, NameGet, Notify, ProtocolAttributes, Reset,
    ResetFlags, ResetIssued, ResetState,
};
use super::{RESET_ISSUED, V3};
use crate::agent::{Ask, Asked, Front, Kept};
#[cfg(doc)]
use crate::agent::{CallerExt, Malformed};
use crate::protocol::asking::{Naming, name_of};
use crate::protocol::opening::{client, low_half};
use crate::wire::{Header, MessageType, ProtocolId, Reader, ShortName, U32};

client! {
    /// The reset domains of a platform, as an agent sees them.
    Resets: "Reset", ProtocolAttributes, |[low, _]| {
        /// How many domains there are.
        count: u16 = low_half(low),
    }
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

impl<F: Front> Resets<'_, F> {
    /// Describes a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Asked<'_, F, Info> {
        let read = |kept: &Kept| {
            let (id, DomainAttributes { attributes, latency, name }) = kept.of();
            let (attributes, latency) = (DomainWord(attributes.get()), latency.get());
            let latency = (latency != DomainAttributes::UNKNOWN).then_some(latency);
            Info { id, name, attributes, latency }
        };
        let command = DomainAttributesGet { domain: U32::new(domain) };
        self.front.run(Ask::fixed(&command, read))
    }

    /// A domain's whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name<'f>(&'f mut self, info: &'f Info) -> F::Out<'f, Naming<'f>> {
        let longer = self.opened.version >= V3 && info.attributes.has(DomainWord::EXTENDED_NAME);
        let command = NameGet { domain: U32::new(info.id) };
        self.front.run(name_of(&info.name, &command, longer))
    }

    /// Has a domain go through a whole reset, and waits for its end.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn reset(&mut self, domain: u32, state: ResetState) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&command(domain, ResetFlags::AUTONOMOUS, state)))
    }

    /// The same asynchronously: waits for the delayed response.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another domain.
    pub fn reset_async(&mut self, domain: u32, state: ResetState) -> Asked<'_, F, ()> {
        let command = command(domain, ResetFlags::AUTONOMOUS | ResetFlags::ASYNC, state);
        // The domain is its first parameter.
        self.front.run(Ask::done(&command).names(0).delayed())
    }

    /// Holds a domain in reset.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn assert(&mut self, domain: u32, state: ResetState) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&command(domain, ResetFlags::ASSERT, state)))
    }

    /// Lets a domain go.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn deassert(&mut self, domain: u32, state: ResetState) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&command(domain, 0, state)))
    }

    /// Subscribes to resets of a domain, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify(&mut self, domain: u32, enable: bool) -> Asked<'_, F, ()> {
        let command = Notify { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.front.run(Ask::done(&command))
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
