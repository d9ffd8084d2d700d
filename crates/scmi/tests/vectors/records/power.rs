//! Power domains.

use scmi::protocol::power::wire::*;
use scmi::wire::ProtocolId;

use crate::entry::{Entries, command, notification};
use crate::piece::record;
use crate::words::{Says, flag, flags, number};

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

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str) -> Option<Says> {
    Some(match (message, field) {
        ("POWER_DOMAIN_ATTRIBUTES", "attributes") => |word| {
            let names = [
                ("change_notifications", DomainFlags::CHANGE_NOTIFICATIONS),
                ("async", DomainFlags::ASYNC),
                ("sync", DomainFlags::SYNC),
                ("request_notifications", DomainFlags::REQUEST_NOTIFICATIONS),
                ("extended_name", DomainFlags::EXTENDED_NAME),
            ];
            flags(word, &names)
        },
        ("POWER_STATE_SET", "flags") => |word| flags(word, &[("async", StateSet::ASYNC)]),
        (_, "power_state") => |word| {
            let state = PowerState(word);
            assert_eq!(PowerState::new(state.context_lost(), state.number()), state);
            assert_eq!(word & PowerState::RESERVED, 0);
            flag("context_lost", state.context_lost()) + &number("state", state.number())
        },
        _ => return None,
    })
}
