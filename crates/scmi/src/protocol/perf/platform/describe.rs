//! How domains and levels look to an agent, by its version.

use super::super::wire::{Attributes, DomainAttributes, DomainFlags, LevelV4, PowerUnit};
use super::super::{V3, V4, wire};
use super::model::{Limits, PerfDomain, PerfLevel};
use crate::platform::Call;
use crate::protocol::page::{count_word, from_index, page};
use crate::wire::{ShortName, Status, U32, U64, Version, Writer};

/// Whether an agent of this version names the domain's levels by index.
pub(super) fn by_index(version: Version, domain: &PerfDomain) -> bool {
    domain.indexed && version >= V4
}

/// The unit that an agent of this version is told, and what costs are divided by for it.
fn power_unit(version: Version, unit: PowerUnit) -> (PowerUnit, u32) {
    if unit == PowerUnit::MICROWATT && version < V3 {
        (PowerUnit::MILLIWATT, 1000)
    } else {
        (unit, 1)
    }
}

pub(super) fn attributes(version: Version, domains: usize, unit: PowerUnit) -> Attributes {
    let domains = u32::try_from(domains).unwrap_or(0xFFFF);
    Attributes {
        attributes: U32::new(domains | power_unit(version, unit).0.bits()),
        statistics_address: U64::new(0),
        statistics_length: U32::new(0),
    }
}

/// What an agent may do with a domain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settable {
    pub(super) limits: bool,
    pub(super) level: bool,
}

/// Without a way back to the agent, nothing that needs one is shown.
pub(super) fn domain_attributes(
    call: &Call<'_>,
    domain: &PerfDomain,
    rights: Settable,
) -> DomainAttributes {
    let flag = |set: bool, bit: u32| if set { bit } else { 0 };
    let long = call.version >= V3 && !ShortName::fits(&domain.name);
    let attributes = flag(rights.limits, DomainFlags::SET_LIMITS)
        | flag(rights.level, DomainFlags::SET_LEVEL)
        | flag(domain.limit_notifications && call.p2a, DomainFlags::LIMIT_NOTIFICATIONS)
        | flag(domain.level_notifications && call.p2a, DomainFlags::LEVEL_NOTIFICATIONS)
        | flag(long, DomainFlags::EXTENDED_NAME)
        | flag(by_index(call.version, domain), DomainFlags::LEVEL_INDEXING);
    DomainAttributes {
        attributes: U32::new(attributes),
        rate_limit: U32::new(domain.rate_limit_us),
        sustained_khz: U32::new(domain.sustained_khz),
        sustained_level: U32::new(domain.sustained_level),
        name: ShortName::new(&domain.name),
    }
}

/// DESCRIBE_LEVELS. An index beyond the list is refused by version (section 15, number 4).
pub(super) fn levels(
    call: &Call<'_>,
    domain: &PerfDomain,
    unit: PowerUnit,
    index: u32,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let beyond = if call.version < V4 { Status::INVALID_PARAMETERS } else { Status::OUT_OF_RANGE };
    let rest = from_index(&domain.levels, index, beyond)?;
    let divisor = power_unit(call.version, unit).1;
    page(
        reply,
        rest,
        |_, level, w| {
            let entry = entry(level, divisor);
            if call.version < V4 { w.put(&entry.level) } else { w.put(&entry) }
        },
        count_word,
    )
}

fn entry(level: &PerfLevel, divisor: u32) -> LevelV4 {
    // What costs something must not look as if its cost were unknown.
    let cost = level.power_cost.checked_div(divisor).unwrap_or(0).max(level.power_cost.min(1));
    let latency = u16::try_from(level.latency.as_micros()).unwrap_or(u16::MAX);
    LevelV4 {
        level: wire::Level {
            level: U32::new(level.level),
            power_cost: U32::new(cost),
            latency: U32::new(latency.into()),
        },
        frequency_khz: U32::new(level.frequency_khz),
        index: U32::new(level.index),
    }
}

/// A level as an agent of this version names it.
pub(super) fn level(version: Version, domain: &PerfDomain, position: usize) -> U32 {
    let level = domain.levels.get(position);
    let name = |level: &PerfLevel| {
        if by_index(version, domain) { level.index } else { level.level }
    };
    U32::new(level.map_or(0, name))
}

/// Limits as an agent of this version names them.
pub(super) fn limits(version: Version, domain: &PerfDomain, limits: Limits) -> wire::Limits {
    if !by_index(version, domain) {
        return wire::Limits { max: U32::new(limits.max), min: U32::new(limits.min) };
    }
    // Limits can lie between levels; what is allowed in fact is what lies inside.
    let last = domain.levels.len().saturating_sub(1);
    let max = domain.nearest(limits, last);
    let min = domain.nearest(limits, 0);
    wire::Limits { max: level(version, domain, max), min: level(version, domain, min) }
}
