//! The asking side of the Performance protocol.

use super::V4;
use super::wire::{
    Count, DescribeFastChannel, DescribeLevels, DomainAttributesGet, DomainFlags, FastChannel,
    Level, LevelEvent, LevelGet, LevelSet, LevelV4, LimitsEvent, LimitsGet, LimitsSet, NameGet,
    NotifyLevel, NotifyLimits, PowerUnit, ProtocolAttributes,
};
use crate::agent::{CallError, Caller, CallerExt, take};
use crate::protocol::asking::counted;
use crate::protocol::page::{VALUES, next_index, page_of, word};
use crate::wire::{
    Header, LongName, MessageId, MessageType, ProtocolId, Reader, ShortName, U32, Version,
};

/// The performance domains of a platform, as an agent sees them.
pub struct PerfDomains<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    count: u16,
    power_unit: PowerUnit,
}

/// What a performance domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: u32,
    /// Its name, or the beginning of it: see [`PerfDomains::name`].
    pub name: ShortName,
    /// What it can, and what this agent may.
    pub flags: DomainFlags,
    /// Microseconds to leave between requests; 0 none.
    pub rate_limit_us: u32,
    /// The frequency of the sustained level, in kHz; 0 where it is not given.
    pub sustained_khz: u32,
    /// The level that can be held for ever; 0 where it is not given.
    pub sustained_level: u32,
}

impl Info {
    /// Whether commands and notifications name levels by their index.
    pub const fn indexed(&self) -> bool {
        self.flags.has(DomainFlags::LEVEL_INDEXING)
    }
}

/// A level of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelInfo {
    /// The level.
    pub level: u32,
    /// What it costs, in [`PerfDomains::power_unit`]; none where it is not given.
    pub power_cost: Option<u32>,
    /// Microseconds that it takes at worst to get there.
    pub latency_us: u16,
    /// Its frequency in kHz and its index, from version 4.0.
    pub indexed: Option<(u32, u32)>,
}

/// The highest and the lowest level allowed, or their indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The highest.
    pub max: u32,
    /// The lowest.
    pub min: u32,
}

counted! { PerfDomains, "domains" }

impl<'c> PerfDomains<'c> {
    /// Asks for the version and the number of domains.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no Performance protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::PERF)?;
        let attributes = caller.call(&ProtocolAttributes)?.attributes.get();
        let [low, high, ..] = attributes.to_le_bytes();
        let power_unit = PowerUnit::from_attributes(attributes);
        Ok(Self { caller, version, count: u16::from_le_bytes([low, high]), power_unit })
    }

    /// What power costs are in.
    pub const fn power_unit(&self) -> PowerUnit {
        self.power_unit
    }

    /// What a domain is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Result<Info, CallError> {
        let attributes = self.caller.call(&DomainAttributesGet { domain: U32::new(domain) })?;
        Ok(Info {
            id: domain,
            name: attributes.name,
            flags: DomainFlags(attributes.attributes.get()),
            rate_limit_us: attributes.rate_limit.get() & 0xF_FFFF,
            sustained_khz: attributes.sustained_khz.get(),
            sustained_level: attributes.sustained_level.get(),
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

    /// Lists a domain's levels, lowest first.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`crate::agent::Malformed`] for a list that contradicts itself.
    pub fn levels(
        &mut self,
        domain: u32,
        each: &mut dyn FnMut(&LevelInfo),
    ) -> Result<(), CallError> {
        let mut index: usize = 0;
        let mut total = None;
        loop {
            let command = DescribeLevels { domain: U32::new(domain), index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = Count::from_word(take::<U32>(&mut values)?.get());
            let (returned, remaining) = (usize::from(count.returned), usize::from(count.remaining));
            // What the first page says of the whole list binds the others, so there is an end.
            let total = *total.get_or_insert_with(|| returned.saturating_add(remaining));
            if total == 0 {
                return Ok(());
            }
            let next = next_index(index, returned, total)?;
            for _ in index..next {
                each(&self.level_info(&mut values)?);
            }
            index = next;
            if index >= total {
                return Ok(());
            }
        }
    }

    fn level_info(&self, values: &mut &[u8]) -> Result<LevelInfo, CallError> {
        let (level, indexed) = if self.version < V4 {
            (take::<Level>(values)?, None)
        } else {
            let entry: LevelV4 = take(values)?;
            (entry.level, Some((entry.frequency_khz.get(), entry.index.get())))
        };
        let [low, high, ..] = level.latency.get().to_le_bytes();
        Ok(LevelInfo {
            level: level.level.get(),
            power_cost: Some(level.power_cost.get()).filter(|cost| *cost != 0),
            latency_us: u16::from_le_bytes([low, high]),
            indexed,
        })
    }

    /// The limits of a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn limits(&mut self, domain: u32) -> Result<Limits, CallError> {
        let limits = self.caller.call(&LimitsGet { domain: U32::new(domain) })?;
        Ok(Limits { max: limits.max.get(), min: limits.min.get() })
    }

    /// Sets the limits of a domain; from version 3.0, 0 leaves one of them as it is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_limits(&mut self, domain: u32, limits: Limits) -> Result<(), CallError> {
        self.caller.call(&LimitsSet {
            domain: U32::new(domain),
            max: U32::new(limits.max),
            min: U32::new(limits.min),
        })?;
        Ok(())
    }

    /// The level of a domain, or its index.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn level(&mut self, domain: u32) -> Result<u32, CallError> {
        Ok(self.caller.call(&LevelGet { domain: U32::new(domain) })?.get())
    }

    /// Sets the level of a domain, by its index in level-indexing mode. It may be answered before the change is done.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_level(&mut self, domain: u32, level: u32) -> Result<(), CallError> {
        self.caller.call(&LevelSet { domain: U32::new(domain), level: U32::new(level) })?;
        Ok(())
    }

    /// Subscribes to changes of a domain's limits, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_limits(&mut self, domain: u32, enable: bool) -> Result<(), CallError> {
        let command = NotifyLimits { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
        Ok(())
    }

    /// Subscribes to changes of a domain's level, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_level(&mut self, domain: u32, enable: bool) -> Result<(), CallError> {
        let command = NotifyLevel { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
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

/// A notification of the Performance protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The limits of a domain have changed.
    LimitsChanged {
        /// Who caused it; 0 is the platform.
        agent: u32,
        /// Which domain.
        domain: u32,
        /// The limits now.
        limits: Limits,
    },
    /// The level of a domain has changed.
    LevelChanged {
        /// Who caused it; 0 is the platform.
        agent: u32,
        /// Which domain.
        domain: u32,
        /// The level now, or its index.
        level: u32,
    },
}

impl Event {
    /// Reads a notification of the Performance protocol; none if it is another one, or too short.
    pub fn parse(header: Header, payload: &[u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION || header.protocol() != ProtocolId::PERF {
            return None;
        }
        let mut reader = Reader::new(payload);
        match header.message().0 {
            0 => {
                let event: LimitsEvent = reader.take().ok()?;
                let limits = Limits { max: event.limits.max.get(), min: event.limits.min.get() };
                let (agent, domain) = (event.agent.get(), event.domain.get());
                Some(Self::LimitsChanged { agent, domain, limits })
            }
            1 => {
                let event: LevelEvent = reader.take().ok()?;
                let (agent, domain) = (event.agent.get(), event.domain.get());
                Some(Self::LevelChanged { agent, domain, level: event.level.get() })
            }
            _ => None,
        }
    }
}
