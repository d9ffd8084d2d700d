//! Power caps.

use scmi::protocol::powercap::wire::*;
use scmi::wire::ProtocolId;

use crate::check::one;
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;
use crate::words::{Says, flags};

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

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str) -> Option<Says> {
    Some(match (message, field) {
        ("POWERCAP_DOMAIN_ATTRIBUTES", "attributes") => |word| {
            let unit = DomainFlags(word).unit();
            assert_eq!(unit.bits(), word & 0x0180_0000);
            let names = [
                ("cap_notifications", DomainFlags::CAP_NOTIFICATIONS),
                ("measurement_notifications", DomainFlags::MEASUREMENT_NOTIFICATIONS),
                ("async", DomainFlags::ASYNC),
                ("extended_name", DomainFlags::EXTENDED_NAME),
                ("set_cap", DomainFlags::SET_CAP),
                ("monitoring", DomainFlags::MONITORING),
                ("set_pai", DomainFlags::SET_PAI),
            ];
            let units = [
                (PowerUnit::ABSTRACT, "abstract"),
                (PowerUnit::MICROWATT, "uW"),
                (PowerUnit::MILLIWATT, "mW"),
            ];
            let name = units.iter().find(|(known, _)| *known == unit).map(|(_, name)| *name);
            flags(word, &names)
                + &format!(", power_unit {} ({})", name.unwrap_or_default(), unit.0)
                + &flags(word, &[("fast_channels", DomainFlags::FAST_CHANNELS)])
        },
        ("POWERCAP_CAP_SET", "flags") => {
            |word| flags(word, &[("async", CapSet::ASYNC), ("no_response", CapSet::NO_RESPONSE)])
        }
        ("POWERCAP_DESCRIBE_FASTCHANNEL", "attributes") => super::perf::doorbell,
        _ => return None,
    })
}
