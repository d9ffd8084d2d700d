//! The asking side of the Powercap protocol.

use super::wire::{
    CapEvent, CapGet, CapNotify, CapSet, CapSetComplete, DescribeFastChannel, DomainAttributes,
    DomainAttributesGet, DomainFlags, MeasurementsEvent, MeasurementsGet, MeasurementsNotify,
    NameGet, PaiGet, PaiSet, ProtocolAttributes, Steps,
};
use crate::agent::{Ask, Asked, Front, Whole, record};
#[cfg(doc)]
use crate::agent::{CallerExt, Malformed};
use crate::protocol::asking::{Naming, name_of, same};
use crate::protocol::opening::{client, low_half};
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Reader, ShortName, U32};

client! {
    /// The powercap domains of a platform, as an agent sees them.
    PowercapDomains: "Powercap", ProtocolAttributes, |[low, _]| {
        /// How many domains there are.
        count: u16 = low_half(low),
    }
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

impl<F: Front> PowercapDomains<'_, F> {
    /// What a domain is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Asked<'_, F, Info> {
        let read = |id, values: &[u8]| {
            let attributes: DomainAttributes = record(values)?;
            let parent = attributes.parent.get();
            Ok(Info {
                id,
                name: attributes.name,
                flags: DomainFlags(attributes.attributes.get()),
                pai: attributes.pai,
                cap: attributes.cap,
                sustainable_power: attributes.sustainable_power.get(),
                accuracy: attributes.accuracy.get(),
                parent: (parent != DomainAttributes::ROOT).then_some(parent),
            })
        };
        let command = DomainAttributesGet { domain: U32::new(domain) };
        self.front.run(Ask::new(&command, domain, read))
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

    /// The cap that a domain is kept below; from version 2.0, 0 where there is none.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn cap(&mut self, domain: u32) -> Asked<'_, F, u32> {
        self.front.run(Ask::word(&CapGet { domain: U32::new(domain) }))
    }

    /// Sets this agent's cap of a domain, and waits until it is in force; from version 2.0, 0 withdraws it.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_cap(&mut self, domain: u32, cap: u32) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&cap_set(domain, 0, cap)))
    }

    /// The same asynchronously: waits for the delayed response, and returns the cap that it says was set.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another domain.
    pub fn set_cap_async(&mut self, domain: u32, cap: u32) -> Asked<'_, F, u32> {
        let read = |asked, values: &[u8]| {
            let complete: CapSetComplete = record(values)?;
            same(asked, complete.domain)?;
            Ok(complete.cap.get())
        };
        self.front.run(Ask::new(&cap_set(domain, CapSet::ASYNC, cap), domain, read).delayed())
    }

    /// The same asynchronously, and nothing says when it is done.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot.
    pub fn set_cap_quietly(&mut self, domain: u32, cap: u32) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&cap_set(domain, CapSet::ASYNC | CapSet::NO_RESPONSE, cap)))
    }

    /// The power averaging interval of a domain, in microseconds.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn pai(&mut self, domain: u32) -> Asked<'_, F, u32> {
        self.front.run(Ask::word(&PaiGet { domain: U32::new(domain) }))
    }

    /// Sets the power averaging interval of a domain, in microseconds.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_pai(&mut self, domain: u32, pai_us: u32) -> Asked<'_, F, ()> {
        let (domain, flags) = (U32::new(domain), U32::new(0));
        self.front.run(Ask::done(&PaiSet { domain, flags, pai: U32::new(pai_us) }))
    }

    /// What a domain consumes on average, and over which interval.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where it is not measured.
    pub fn measurements(&mut self, domain: u32) -> F::Out<'_, Whole<MeasurementsGet>> {
        self.front.run(Whole::new(MeasurementsGet { domain: U32::new(domain) }))
    }

    /// Subscribes to changes of a domain's cap and averaging interval, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_cap(&mut self, domain: u32, enable: bool) -> Asked<'_, F, ()> {
        let command = CapNotify { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.front.run(Ask::done(&command))
    }

    /// Asks to be told when a domain's average power leaves the thresholds, the lowest and the highest, or no longer.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_measurements(
        &mut self,
        domain: u32,
        thresholds: Option<(u32, u32)>,
    ) -> Asked<'_, F, ()> {
        let (low, high) = thresholds.unwrap_or_default();
        self.front.run(Ask::done(&MeasurementsNotify {
            domain: U32::new(domain),
            enable: U32::new(thresholds.is_some().into()),
            low: U32::new(low),
            high: U32::new(high),
        }))
    }

    /// The fast channel of a message.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is none.
    pub fn fast_channel(
        &mut self,
        domain: u32,
        message: MessageId,
    ) -> F::Out<'_, Whole<DescribeFastChannel>> {
        let message = U32::new(message.0.into());
        self.front.run(Whole::new(DescribeFastChannel { domain: U32::new(domain), message }))
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
