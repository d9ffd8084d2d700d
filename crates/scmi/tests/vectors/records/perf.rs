//! Performance domains, and the fast channels that powercap has too.

use scmi::protocol::fastchannel::FastChannel;
use scmi::protocol::perf::V4;
use scmi::protocol::perf::wire::*;
use scmi::wire::ProtocolId;
use zerocopy::FromZeros;

use crate::check::many;
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;
use crate::words::{Says, count, flag, flags, number};

record! {
    ProtocolAttributes {}
    Attributes {
        attributes: "attributes",
        statistics_address: "statistics_address",
        statistics_length: "statistics_length"
    }
    DomainAttributesGet { domain: "domain_id" }
    DomainAttributes {
        attributes: "attributes",
        rate_limit: "rate_limit",
        sustained_khz: "sustained_freq_khz",
        sustained_level: "sustained_level",
        name: "name"
    }
    DescribeLevels { domain: "domain_id", index: "index" }
    Level { level: "level", power_cost: "power_cost", latency: "latency" }
    LevelV4 { level: "", frequency_khz: "frequency_khz", index: "index" }
    LimitsSet { domain: "domain_id", max: "range_max", min: "range_min" }
    LimitsGet { domain: "domain_id" }
    Limits { max: "range_max", min: "range_min" }
    LevelSet { domain: "domain_id", level: "level" }
    LevelGet { domain: "domain_id" }
    NotifyLimits { domain: "domain_id", enable: "notify_enable" }
    NotifyLevel { domain: "domain_id", enable: "notify_enable" }
    DescribeFastChannel { domain: "domain_id", message: "message_id" }
    FastChannel {
        attributes: "attributes",
        rate_limit: "rate_limit",
        address: "address",
        size: "size",
        doorbell_address: "doorbell_address",
        set_mask: "set_mask",
        preserve_mask: "preserve_mask"
    }
    NameGet { domain: "domain_id" }
    LimitsEvent { agent: "agent_id", domain: "domain_id", limits: "" }
    LevelEvent { agent: "agent_id", domain: "domain_id", level: "level" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<DomainAttributesGet>(),
        command::<DescribeLevels>().then(many::<Level>).before(V4),
        command::<DescribeLevels>().then(many::<LevelV4>).since(V4),
        command::<LimitsSet>(),
        command::<LimitsGet>(),
        command::<LevelSet>(),
        command::<LevelGet>(),
        command::<NotifyLimits>(),
        command::<NotifyLevel>(),
        command::<DescribeFastChannel>(),
        command::<NameGet>(),
        notification::<LimitsEvent>(ProtocolId::PERF, 0),
        notification::<LevelEvent>(ProtocolId::PERF, 1),
    ];
    list.into_iter().flatten().collect()
}

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str) -> Option<Says> {
    Some(match (message, field) {
        ("PROTOCOL_ATTRIBUTES", "attributes") => |word| {
            let unit = PowerUnit::from_attributes(word);
            assert_eq!(unit.bits(), word & 0x3_0000);
            let names = [
                (PowerUnit::ABSTRACT, "abstract"),
                (PowerUnit::MILLIWATT, "mW"),
                (PowerUnit::MICROWATT, "uW"),
            ];
            let name = names.iter().find(|(known, _)| *known == unit).map(|(_, name)| *name);
            format!(", power_unit {} ({})", name.unwrap_or_default(), unit.0)
                + &number("domains", word & 0xFFFF)
        },
        ("PERFORMANCE_DOMAIN_ATTRIBUTES", "attributes") => |word| {
            let names = [
                ("set_limits", DomainFlags::SET_LIMITS),
                ("set_level", DomainFlags::SET_LEVEL),
                ("limit_notifications", DomainFlags::LIMIT_NOTIFICATIONS),
                ("level_notifications", DomainFlags::LEVEL_NOTIFICATIONS),
                ("fast_channels", DomainFlags::FAST_CHANNELS),
                ("extended_name", DomainFlags::EXTENDED_NAME),
                ("level_indexing", DomainFlags::LEVEL_INDEXING),
            ];
            flags(word, &names)
        },
        ("PERFORMANCE_DESCRIBE_LEVELS", "count") => count,
        ("PERFORMANCE_DESCRIBE_FASTCHANNEL", "attributes") => doorbell,
        _ => return None,
    })
}

/// The attributes of a fast channel, which powercap has too.
pub(super) fn doorbell(word: u32) -> String {
    let mut channel = FastChannel::new_zeroed();
    channel.attributes.set(word);
    let bits = channel.doorbell_bytes() * 8;
    format!(", doorbell_width {bits} bits ({})", channel.doorbell_bytes().ilog2())
        + &flag("doorbell", channel.has_doorbell())
}
