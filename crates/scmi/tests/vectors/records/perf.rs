//! Performance domains, and the fast channels that powercap has too.

use scmi::protocol::fastchannel::FastChannel;
use scmi::protocol::perf::V4;
use scmi::protocol::perf::wire::*;
use scmi::wire::ProtocolId;

use crate::check::many;
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;

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
