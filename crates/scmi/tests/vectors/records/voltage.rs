//! Voltages: levels are signed.

use scmi::protocol::voltage::wire::*;
use scmi::wire::I32;

use crate::check::{many, one};
use crate::entry::{Entries, Refine, command};
use crate::piece::record;

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
