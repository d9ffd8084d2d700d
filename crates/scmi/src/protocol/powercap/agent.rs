//! The asking side of the Powercap protocol.

use super::wire::{
    CapEvent, CapGet, CapNotify, CapSet, CapSetComplete, DescribeFastChannel, DomainAttributes,
    DomainAttributesGet, DomainFlags, FastChannel, Measurements, MeasurementsEvent,
    MeasurementsGet, MeasurementsNotify, NameGet, PaiGet, PaiSet, ProtocolAttributes, Steps,
};
use crate::agent::{CallError, Caller, CallerExt, Malformed, take};
use crate::protocol::asking::counted;
use crate::wire::{
    Header, LongName, MessageId, MessageType, ProtocolId, Reader, ShortName, U32, Version,
};

/// The powercap domains of a platform, as an agent sees them.
pub struct PowercapDomains<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    count: u16,
}

/// What a powercap domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: u32,
    /// Its name, or the beginning of it: see [`PowercapDomains::name`].
    pub name: ShortName,
    /// What it can, and what its power is in.
    pub flags: DomainFlags,
    /// Power averaging intervals, in microseconds.
    pub pai: Steps,
    /// Power caps, in its unit.
    pub cap: Steps,
    /// What it can consume for ever, in its unit.
    pub sustainable_power: u32,
    /// How exact measurements are, in thousandths of a percent.
    pub accuracy: u32,
    /// The domain that it is part of.
    pub parent: Option<u32>,
}

counted! { PowercapDomains, "domains" }

impl<'c> PowercapDomains<'c> {
    /// Asks for the version and the number of domains.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no Powercap protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::POWERCAP)?;
        let [low, high, ..] = caller.call(&ProtocolAttributes)?.get().to_le_bytes();
        Ok(Self { caller, version, count: u16::from_le_bytes([low, high]) })
    }

    /// What a domain is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Result<Info, CallError> {
        let attributes = self.caller.call(&DomainAttributesGet { domain: U32::new(domain) })?;
        let parent = attributes.parent.get();
        Ok(Info {
            id: domain,
            name: attributes.name,
            flags: DomainFlags(attributes.attributes.get()),
            pai: attributes.pai,
            cap: attributes.cap,
            sustainable_power: attributes.sustainable_power.get(),
            accuracy: attributes.accuracy.get(),
            parent: (parent != DomainAttributes::ROOT).then_some(parent),
        })
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

    /// The cap that a domain is kept below; from version 2.0, 0 where there is none.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn cap(&mut self, domain: u32) -> Result<u32, CallError> {
        Ok(self.caller.call(&CapGet { domain: U32::new(domain) })?.get())
    }

    /// Sets this agent's cap of a domain, and waits until it is in force; from version 2.0, 0 withdraws it.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_cap(&mut self, domain: u32, cap: u32) -> Result<(), CallError> {
        self.caller.call(&cap_set(domain, 0, cap))?;
        Ok(())
    }

    /// The same asynchronously: waits for the delayed response, and returns the cap that it says was set.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another domain.
    pub fn set_cap_async(&mut self, domain: u32, cap: u32) -> Result<u32, CallError> {
        let command = cap_set(domain, CapSet::ASYNC, cap);
        let mut values = [0; size_of::<CapSetComplete>()];
        let mut values = self.caller.call_into(&command, true, &mut values)?;
        let complete: CapSetComplete = take(&mut values)?;
        let named = complete.domain.get();
        if named != domain {
            return Err(Malformed::OtherResource { asked: domain, named }.into());
        }
        Ok(complete.cap.get())
    }

    /// The same asynchronously, and nothing says when it is done.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot.
    pub fn set_cap_quietly(&mut self, domain: u32, cap: u32) -> Result<(), CallError> {
        self.caller.call(&cap_set(domain, CapSet::ASYNC | CapSet::NO_RESPONSE, cap))?;
        Ok(())
    }

    /// The power averaging interval of a domain, in microseconds.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn pai(&mut self, domain: u32) -> Result<u32, CallError> {
        Ok(self.caller.call(&PaiGet { domain: U32::new(domain) })?.get())
    }

    /// Sets the power averaging interval of a domain, in microseconds.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_pai(&mut self, domain: u32, pai_us: u32) -> Result<(), CallError> {
        self.caller.call(&PaiSet {
            domain: U32::new(domain),
            flags: U32::new(0),
            pai: U32::new(pai_us),
        })?;
        Ok(())
    }

    /// What a domain consumes on average, and over which interval.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where it is not measured.
    pub fn measurements(&mut self, domain: u32) -> Result<Measurements, CallError> {
        self.caller.call(&MeasurementsGet { domain: U32::new(domain) })
    }

    /// Subscribes to changes of a domain's cap and averaging interval, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_cap(&mut self, domain: u32, enable: bool) -> Result<(), CallError> {
        let command = CapNotify { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
        Ok(())
    }

    /// Asks to be told when a domain's average power leaves the thresholds, the lowest and the highest, or no longer.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_measurements(
        &mut self,
        domain: u32,
        thresholds: Option<(u32, u32)>,
    ) -> Result<(), CallError> {
        let (low, high) = thresholds.unwrap_or_default();
        self.caller.call(&MeasurementsNotify {
            domain: U32::new(domain),
            enable: U32::new(thresholds.is_some().into()),
            low: U32::new(low),
            high: U32::new(high),
        })?;
        Ok(())
    }

    /// The fast channel of a message.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is none.
    pub fn fast_channel(
        &mut self,
        domain: u32,
        message: MessageId,
    ) -> Result<FastChannel, CallError> {
        let message = U32::new(message.0.into());
        self.caller.call(&DescribeFastChannel { domain: U32::new(domain), message })
    }
}

fn cap_set(domain: u32, flags: u32, cap: u32) -> CapSet {
    CapSet { domain: U32::new(domain), flags: U32::new(flags), cap: U32::new(cap) }
}

/// A notification of the Powercap protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The cap or the averaging interval of a domain has changed.
    CapChanged {
        /// Who caused it; 0 is the platform.
        agent: u32,
        /// Which domain.
        domain: u32,
        /// The cap that is enforced now; from version 2.0, 0 where there is none.
        cap: u32,
        /// The averaging interval now, in microseconds.
        pai_us: u32,
    },
    /// The average power of a domain has left the thresholds.
    MeasurementsChanged {
        /// Which domain.
        domain: u32,
        /// The average power, in the domain's unit.
        power: u32,
    },
}

impl Event {
    /// Reads a notification of the Powercap protocol; none if it is another one, or too short.
    pub fn parse(header: Header, payload: &[u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION || header.protocol() != ProtocolId::POWERCAP {
            return None;
        }
        let mut reader = Reader::new(payload);
        match header.message().0 {
            0 => {
                let event: CapEvent = reader.take().ok()?;
                Some(Self::CapChanged {
                    agent: event.agent.get(),
                    domain: event.domain.get(),
                    cap: event.cap.get(),
                    pai_us: event.pai.get(),
                })
            }
            1 => {
                let event: MeasurementsEvent = reader.take().ok()?;
                let (domain, power) = (event.domain.get(), event.power.get());
                Some(Self::MeasurementsChanged { domain, power })
            }
            _ => None,
        }
    }
}
