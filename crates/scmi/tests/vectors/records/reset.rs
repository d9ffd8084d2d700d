//! Resets.

use scmi::protocol::reset::wire::*;
use scmi::wire::{ProtocolId, U32};

use crate::check::one;
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;

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
