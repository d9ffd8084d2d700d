//! Clocks.

use scmi::protocol::clock::wire::*;
use scmi::protocol::clock::{V2, V3};
use scmi::wire::{ProtocolId, U32, U64, Version};

use crate::check::{many, one};
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;
use crate::words::{Says, choice, count, flag, flags, number};

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

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str, version: Version) -> Option<Says> {
    Some(match (message, field) {
        ("PROTOCOL_ATTRIBUTES", "attributes") => |word| {
            let attributes = AttributesWord(word);
            let (clocks, max_async) = (attributes.clocks(), attributes.max_async());
            assert_eq!(AttributesWord::new(clocks, max_async), attributes);
            number("max_async_rate_changes", max_async) + &number("clocks", clocks)
        },
        ("CLOCK_ATTRIBUTES", "attributes") => |word| {
            let names = [
                ("rate_changed", ClockWord::RATE_CHANGED),
                ("rate_change_requested", ClockWord::RATE_CHANGE_REQUESTED),
                ("extended_name", ClockWord::EXTENDED_NAME),
                ("parents", ClockWord::PARENTS),
                ("extended_config", ClockWord::EXTENDED_CONFIG),
                ("restricted", ClockWord::RESTRICTED),
                ("enabled", ClockWord::ENABLED),
            ];
            flags(word, &names)
        },
        ("CLOCK_DESCRIBE_RATES", "count") => count,
        ("CLOCK_RATE_SET", "flags") => |word| {
            let names = [
                ("round_nearest", RateFlags::ROUND_NEAREST),
                ("round_up", RateFlags::ROUND_UP),
                ("no_delayed_response", RateFlags::NO_DELAYED_RESPONSE),
                ("async", RateFlags::ASYNC),
            ];
            let rounding = RateFlags(word).rounding();
            assert_eq!(RateFlags(word).with_rounding(rounding), RateFlags(word));
            assert_eq!(word & RateFlags::RESERVED, 0);
            flags(word, &names)
        },
        ("CLOCK_CONFIG_SET", "attributes") if version < V3 => |word| flag("enable", word == 1),
        ("CLOCK_CONFIG_SET", "attributes") => |word| {
            let config = ConfigWord(word);
            assert_eq!(word & ConfigWord::RESERVED, 0);
            assert_eq!(ConfigWord::new(config.state(), config.extended()), config);
            let state = config.state();
            let known = state.name().map(|name| name.replace("UNCHANGED", "leave as it is"));
            extended(config.extended()) + &choice("state", state.0.into(), known.as_deref())
        },
        ("CLOCK_CONFIG_GET", "flags") => |word| extended(ExtendedType(word.to_le_bytes()[0])),
        ("CLOCK_CONFIG_GET", "config") => |word| flag("enabled", word == 1),
        ("CLOCK_POSSIBLE_PARENTS_GET", "count") => |word| {
            let count = ParentCount::from_word(word);
            assert_eq!(count.to_word(), word);
            number("remaining", count.remaining) + &number("returned", count.returned)
        },
        ("CLOCK_GET_PERMISSIONS", "permissions") => |word| {
            let names = [
                ("state", Permissions::STATE),
                ("parent", Permissions::PARENT),
                ("rate", Permissions::RATE),
            ];
            flags(word, &names)
        },
        _ => return None,
    })
}

fn extended(kind: ExtendedType) -> String {
    let names = [
        (ExtendedType::NONE, "none"),
        (ExtendedType::DUTY_CYCLE, "duty cycle, percent"),
        (ExtendedType::PHASE, "phase, degrees"),
    ];
    let name = names.iter().find(|(known, _)| *known == kind).map(|(_, name)| *name);
    choice("extended_type", kind.0.into(), name)
}
