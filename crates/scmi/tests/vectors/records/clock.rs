//! Clocks.

use scmi::protocol::clock::wire::*;
use scmi::protocol::clock::{V2, V3};
use scmi::wire::{ProtocolId, U32, U64};

use crate::check::{many, one};
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;

record! {
    ProtocolAttributes {}
    AttributesGet { clock: "clock_id" }
    AttributesGetV1 { clock: "clock_id" }
    AttributesV1 { attributes: "attributes", name: "name" }
    Attributes { head: "", enable_delay: "enable_delay" }
    DescribeRates { clock: "clock_id", index: "index" }
    RateSet { flags: "flags", clock: "clock_id", rate: "rate" }
    RateSetComplete { clock: "clock_id", rate: "rate" }
    RateGet { clock: "clock_id" }
    ConfigSetV1 { clock: "clock_id", attributes: "attributes" }
    ConfigSet { clock: "clock_id", attributes: "attributes", extended: "extended_value" }
    NameGet { clock: "clock_id" }
    RateNotify { clock: "clock_id", enable: "notify_enable" }
    RateChangeRequestedNotify { clock: "clock_id", enable: "notify_enable" }
    ConfigGet { clock: "clock_id", flags: "flags" }
    Config { attributes: "attributes", config: "config", extended: "extended_value" }
    PossibleParentsGet { clock: "clock_id", skip: "skip" }
    ParentSet { clock: "clock_id", parent: "parent_id" }
    ParentGet { clock: "clock_id" }
    GetPermissions { clock: "clock_id" }
    RateEvent { agent: "agent_id", clock: "clock_id", rate: "rate" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<AttributesGetV1>().before(V2),
        command::<AttributesGet>().since(V2),
        command::<DescribeRates>().then(many::<U64>),
        command::<RateSet>().delayed(&[one::<RateSetComplete>]),
        command::<RateGet>(),
        command::<ConfigSetV1>().before(V3),
        command::<ConfigSet>().since(V3),
        command::<NameGet>(),
        command::<RateNotify>(),
        command::<RateChangeRequestedNotify>(),
        command::<ConfigGet>(),
        command::<PossibleParentsGet>().then(many::<U32>),
        command::<ParentSet>(),
        command::<ParentGet>(),
        command::<GetPermissions>(),
        notification::<RateEvent>(ProtocolId::CLOCK, 0),
        notification::<RateEvent>(ProtocolId::CLOCK, 1),
    ];
    list.into_iter().flatten().collect()
}
