//! The asking side of the Performance protocol.

use super::V4;
use super::wire::{
    Count, DescribeFastChannel, DescribeLevels, DomainAttributes, DomainAttributesGet, DomainFlags,
    Level, LevelEvent, LevelGet, LevelSet, LevelV4, LimitsEvent, LimitsGet, LimitsSet, NameGet,
    NotifyLevel, NotifyLimits, PowerUnit, ProtocolAttributes,
};
#[cfg(doc)]
use crate::agent::CallerExt;
use crate::agent::{Ask, Asked, CallError, Front, Whole, record, take};
use crate::protocol::asking::{Naming, name_of};
use crate::protocol::opening::{client, low_half};
use crate::protocol::page::{Paged, Pages, next_index, word};
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Reader, ShortName, U32, Version};

client! {
    /// The performance domains of a platform, as an agent sees them.
    PerfDomains: "Performance", ProtocolAttributes, |[low, _]| {
        /// How many domains there are.
        count: u16 = low_half(low),
        /// What power costs are in.
        power_unit: PowerUnit = PowerUnit::from_attributes(low),
    }
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

impl<F: Front> PerfDomains<'_, F> {
    /// What a domain is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Asked<'_, F, Info> {
        let read = |id, values: &[u8]| {
            let attributes: DomainAttributes = record(values)?;
            Ok(Info {
                id,
                name: attributes.name,
                flags: DomainFlags(attributes.attributes.get()),
                rate_limit_us: attributes.rate_limit.get() & 0xF_FFFF,
                sustained_khz: attributes.sustained_khz.get(),
                sustained_level: attributes.sustained_level.get(),
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

    /// Lists a domain's levels, lowest first.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`crate::agent::Malformed`] for a list that contradicts itself.
    pub fn levels<'f>(
        &'f mut self,
        domain: u32,
        each: &'f mut dyn FnMut(&LevelInfo),
    ) -> F::Out<'f, Pages<Levels<'f>>> {
        let levels = Levels { domain, version: self.opened.version, each, total: None };
        self.front.run(Pages::new(levels))
    }

    /// The limits of a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn limits(&mut self, domain: u32) -> Asked<'_, F, Limits> {
        let read = |_, values: &[u8]| {
            let limits: super::wire::Limits = record(values)?;
            Ok(Limits { max: limits.max.get(), min: limits.min.get() })
        };
        self.front.run(Ask::new(&LimitsGet { domain: U32::new(domain) }, domain, read))
    }

    /// Sets the limits of a domain; from version 3.0, 0 leaves one of them as it is.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_limits(&mut self, domain: u32, limits: Limits) -> Asked<'_, F, ()> {
        let (max, min) = (U32::new(limits.max), U32::new(limits.min));
        self.front.run(Ask::done(&LimitsSet { domain: U32::new(domain), max, min }))
    }

    /// The level of a domain, or its index.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn level(&mut self, domain: u32) -> Asked<'_, F, u32> {
        self.front.run(Ask::word(&LevelGet { domain: U32::new(domain) }))
    }

    /// Sets the level of a domain, by its index in level-indexing mode. It may be answered before the change is done.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_level(&mut self, domain: u32, level: u32) -> Asked<'_, F, ()> {
        let command = LevelSet { domain: U32::new(domain), level: U32::new(level) };
        self.front.run(Ask::done(&command))
    }

    /// Subscribes to changes of a domain's limits, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_limits(&mut self, domain: u32, enable: bool) -> Asked<'_, F, ()> {
        let command = NotifyLimits { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.front.run(Ask::done(&command))
    }

    /// Subscribes to changes of a domain's level, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_level(&mut self, domain: u32, enable: bool) -> Asked<'_, F, ()> {
        let command = NotifyLevel { domain: U32::new(domain), enable: U32::new(enable.into()) };
        self.front.run(Ask::done(&command))
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

/// The pages of PERFORMANCE_DESCRIBE_LEVELS.
pub struct Levels<'e> {
    domain: u32,
    version: Version,
    each: &'e mut dyn FnMut(&LevelInfo),
    /// What the first page says of the whole list binds the others, so there is an end.
    total: Option<usize>,
}

impl Paged for Levels<'_> {
    type Command = DescribeLevels;

    fn command(&self, index: usize) -> DescribeLevels {
        DescribeLevels { domain: U32::new(self.domain), index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = Count::from_word(take::<U32>(&mut values)?.get());
        let (returned, remaining) = (usize::from(count.returned), usize::from(count.remaining));
        let total = *self.total.get_or_insert_with(|| returned.saturating_add(remaining));
        if total == 0 {
            return Ok(None);
        }
        let next = next_index(index, returned, total)?;
        for _ in index..next {
            (self.each)(&level_info(self.version, &mut values)?);
        }
        Ok((next < total).then_some(next))
    }
}

fn level_info(version: Version, values: &mut &[u8]) -> Result<LevelInfo, CallError> {
    let (level, indexed) = if version < V4 {
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
