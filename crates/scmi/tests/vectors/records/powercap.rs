//! Power caps.

use scmi::protocol::powercap::wire::*;
use scmi::wire::ProtocolId;

use crate::check::one;
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;

record! {
    ProtocolAttributes {}
    DomainAttributesGet { domain: "domain_id" }
    Steps { min: "min_*", max: "max_*", step: "*_step" }
    DomainAttributes {
        attributes: "attributes",
        name: "name",
        pai: "pai",
        cap: "cap",
        sustainable_power: "sustainable_power",
        accuracy: "accuracy",
        parent: "parent_id"
    }
    CapGet { domain: "domain_id" }
    CapSet { domain: "domain_id", flags: "flags", cap: "power_cap" }
    CapSetComplete { domain: "domain_id", cap: "power_cap" }
    PaiGet { domain: "domain_id" }
    PaiSet { domain: "domain_id", flags: "flags", pai: "pai" }
    NameGet { domain: "domain_id" }
    MeasurementsGet { domain: "domain_id" }
    Measurements { power: "power", pai: "pai" }
    CapNotify { domain: "domain_id", enable: "notify_enable" }
    MeasurementsNotify { domain: "domain_id", enable: "notify_enable", low: "low", high: "high" }
    DescribeFastChannel { domain: "domain_id", message: "message_id" }
    CapEvent { agent: "agent_id", domain: "domain_id", cap: "power_cap", pai: "pai" }
    MeasurementsEvent { agent: "agent_id", domain: "domain_id", power: "power" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<DomainAttributesGet>(),
        command::<CapGet>(),
        command::<CapSet>().delayed(&[one::<CapSetComplete>]),
        command::<PaiGet>(),
        command::<PaiSet>(),
        command::<NameGet>(),
        command::<MeasurementsGet>(),
        command::<CapNotify>(),
        command::<MeasurementsNotify>(),
        command::<DescribeFastChannel>(),
        notification::<CapEvent>(ProtocolId::POWERCAP, 0),
        notification::<MeasurementsEvent>(ProtocolId::POWERCAP, 1),
    ];
    list.into_iter().flatten().collect()
}
