//! Power domains.

use scmi::protocol::power::wire::*;
use scmi::wire::ProtocolId;

use crate::entry::{Entries, command, notification};
use crate::piece::record;

record! {
    ProtocolAttributes {}
    Attributes {
        attributes: "attributes",
        statistics_address: "statistics_address",
        statistics_length: "statistics_length"
    }
    DomainAttributesGet { domain: "domain_id" }
    DomainAttributes { attributes: "attributes", name: "name" }
    StateSet { flags: "flags", domain: "domain_id", state: "power_state" }
    StateGet { domain: "domain_id" }
    StateNotify { domain: "domain_id", enable: "notify_enable" }
    StateChangeRequestedNotify { domain: "domain_id", enable: "notify_enable" }
    NameGet { domain: "domain_id" }
    StateEvent { agent: "agent_id", domain: "domain_id", state: "power_state" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<DomainAttributesGet>(),
        command::<StateSet>(),
        command::<StateGet>(),
        command::<StateNotify>(),
        command::<StateChangeRequestedNotify>(),
        command::<NameGet>(),
        notification::<StateEvent>(ProtocolId::POWER, 0),
        notification::<StateEvent>(ProtocolId::POWER, 1),
    ];
    list.into_iter().flatten().collect()
}
