//! Voltages: levels are signed.

use scmi::protocol::voltage::V2;
use scmi::protocol::voltage::wire::*;
use scmi::wire::{I32, Version};

use crate::check::{many, one};
use crate::entry::{Entries, Refine, command};
use crate::piece::record;
use crate::words::{Says, choice, count, flags};

record! {
    ProtocolAttributes {}
    DomainAttributesGet { domain: "domain_id" }
    DomainAttributes { attributes: "attributes", name: "name" }
    DescribeLevels { domain: "domain_id", index: "index" }
    ConfigSet { domain: "domain_id", config: "config" }
    ConfigGet { domain: "domain_id" }
    LevelSet { domain: "domain_id", flags: "flags", level: "microvolts" }
    LevelSetComplete { domain: "domain_id", level: "microvolts" }
    LevelGet { domain: "domain_id" }
    NameGet { domain: "domain_id" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<DomainAttributesGet>(),
        command::<DescribeLevels>().then(many::<I32>),
        command::<ConfigSet>(),
        command::<ConfigGet>(),
        command::<LevelSet>().delayed(&[one::<LevelSetComplete>]),
        command::<LevelGet>(),
        command::<NameGet>(),
    ];
    list.into_iter().flatten().collect()
}

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str, version: Version) -> Option<Says> {
    Some(match (message, field) {
        ("VOLTAGE_DOMAIN_ATTRIBUTES", "attributes") if version >= V2 => |word| {
            let names = [
                ("async_level_set", DomainWord::ASYNC),
                ("extended_name", DomainWord::EXTENDED_NAME),
            ];
            flags(word, &names)
        },
        ("VOLTAGE_DESCRIBE_LEVELS", "count") => count,
        ("VOLTAGE_LEVEL_SET", "flags") if version >= V2 => {
            |word| flags(word, &[("async", LEVEL_SET_ASYNC)])
        }
        (_, "config") => |word| {
            let mode = Mode::from_word(word).expect("no reserved bit");
            assert_eq!(mode.is_own(), mode == Mode::own(mode.0));
            choice("mode", mode.0.into(), mode.name())
        },
        _ => return None,
    })
}
