//! Resets.

use scmi::protocol::reset::wire::*;
use scmi::wire::{ProtocolId, U32};

use crate::check::one;
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;
use crate::words::{Says, flag, flags, number};

record! {
    ProtocolAttributes {}
    DomainAttributesGet { domain: "domain_id" }
    DomainAttributes { attributes: "attributes", latency: "latency", name: "name" }
    Reset { domain: "domain_id", flags: "flags", state: "reset_state" }
    Notify { domain: "domain_id", enable: "notify_enable" }
    NameGet { domain: "domain_id" }
    ResetIssued { agent: "agent_id", domain: "domain_id", state: "reset_state" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<DomainAttributesGet>(),
        command::<Reset>().delayed(&[one::<U32>]),
        command::<Notify>(),
        command::<NameGet>(),
        notification::<ResetIssued>(ProtocolId::RESET, 0),
    ];
    list.into_iter().flatten().collect()
}

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str) -> Option<Says> {
    Some(match (message, field) {
        ("RESET_DOMAIN_ATTRIBUTES", "attributes") => |word| {
            let names = [
                ("async", DomainWord::ASYNC),
                ("notifications", DomainWord::NOTIFICATIONS),
                ("extended_name", DomainWord::EXTENDED_NAME),
            ];
            flags(word, &names)
        },
        ("RESET", "flags") => |word| {
            assert_eq!(word & ResetFlags::RESERVED, 0);
            let names = [
                ("async", ResetFlags::ASYNC),
                ("assert", ResetFlags::ASSERT),
                ("autonomous", ResetFlags::AUTONOMOUS),
            ];
            flags(word, &names)
        },
        (_, "reset_state") => |word| {
            let state = ResetState(word);
            let id = word & !(1 << 31);
            if state.is_own() {
                assert_eq!(ResetState::own(id), state);
            } else {
                assert_eq!(ResetState::COLD == state, id == 0);
            }
            flag("implementation_defined", state.is_own()) + &number("id", id)
        },
        _ => return None,
    })
}
