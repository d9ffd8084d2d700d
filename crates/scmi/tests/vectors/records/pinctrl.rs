//! Pins, groups and functions.

use scmi::protocol::pinctrl::wire::*;

use crate::check::{bytes, many};
use crate::entry::{Entries, Refine, command};
use crate::piece::record;

record! {
    ProtocolAttributes {}
    Attributes { low: "attributes_low", high: "attributes_high" }
    ItemAttributesGet { id: "id", flags: "flags" }
    ItemAttributes { attributes: "attributes", name: "name" }
    ListAssociations { id: "id", flags: "flags", index: "index" }
    SettingsGet { id: "id", attributes: "attributes" }
    SettingsHead { function: "function", count: "count" }
    Setting { kind: "type", value: "value" }
    SettingsConfigure { id: "id", function: "function", attributes: "attributes" }
    Request { id: "id", flags: "flags" }
    Release { id: "id", flags: "flags" }
    NameGet { id: "id", flags: "flags" }
    SetPermissions { agent: "agent_id", id: "id", flags: "flags" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<ItemAttributesGet>(),
        command::<ListAssociations>().then(bytes),
        command::<SettingsGet>().then(many::<Setting>),
        command::<SettingsConfigure>().takes(many::<Setting>),
        command::<Request>(),
        command::<Release>(),
        command::<NameGet>(),
        command::<SetPermissions>(),
    ];
    list.into_iter().flatten().collect()
}
