//! Pins, groups and functions.

use scmi::protocol::pinctrl::wire::*;

use crate::check::{bytes, many};
use crate::entry::{Entries, Refine, command};
use crate::piece::record;
use crate::text::Kind;
use crate::words::{Says, choice, count, flag, flags, number};

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

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str, kind: Kind) -> Option<Says> {
    Some(match (message, field) {
        ("PROTOCOL_ATTRIBUTES", "attributes_low") => |word| {
            let attributes = Attributes { low: word.into(), high: 0.into() };
            let (pins, groups) = (attributes.pins(), attributes.groups());
            assert_eq!(Attributes::new(pins, groups, 0), attributes);
            number("groups", groups) + &number("pins", pins)
        },
        ("PROTOCOL_ATTRIBUTES", "attributes_high") => |word| {
            let attributes = Attributes { low: 0.into(), high: word.into() };
            assert_eq!(Attributes::new(0, 0, attributes.functions()), attributes);
            number("functions", attributes.functions())
        },
        ("PINCTRL_ATTRIBUTES", "attributes") => |word| {
            let names = [
                ("extended_name", ItemWord::EXTENDED_NAME),
                ("gpio", ItemWord::GPIO),
                ("selects_pins", ItemWord::SELECTS_PINS),
            ];
            flags(word, &names) + &number("elements", ItemWord(word).elements())
        },
        ("PINCTRL_LIST_ASSOCIATIONS", "count") => count,
        ("PINCTRL_SETTINGS_GET", "count") => |word| {
            let count = SettingCount::from_word(word);
            assert_eq!(count.to_word(), word);
            number("remaining", count.remaining) + &number("returned", count.returned)
        },
        ("PINCTRL_SETTINGS_GET", "attributes") => asked,
        ("PINCTRL_SETTINGS_CONFIGURE", "attributes") => |word| {
            let configure = ConfigureWord(word);
            assert_eq!(word & ConfigureWord::RESERVED, 0);
            let (selector, settings) = (configure.selector(), configure.settings());
            let made = ConfigureWord::new(selector, settings, configure.sets_function());
            assert_eq!(made, configure);
            flag("set_function", configure.sets_function())
                + &number("settings", settings)
                + &selected(selector)
        },
        ("PINCTRL_SET_PERMISSIONS", _) => return None,
        (_, "flags") if kind == Kind::Command => |word| {
            let selector = Selector::from_word(word);
            assert_eq!(word & Selector::RESERVED, 0);
            assert_eq!(selector.to_word(), word);
            selected(selector)
        },
        (_, "type") => |word| setting(SettingType(word.to_le_bytes()[0])),
        _ => return None,
    })
}

fn selected(selector: Selector) -> String {
    choice("selector", selector.0.into(), selector.name())
}

fn setting(kind: SettingType) -> String {
    let name = kind.name().map(|name| match name {
        "PUSH_PULL" => "push-pull",
        "SCHMITT" => "schmitt trigger",
        name => name,
    });
    choice("type", kind.0.into(), name)
}

fn asked(word: u32) -> String {
    let asked = GetWord(word);
    assert_eq!(word & GetWord::RESERVED, 0);
    let (selector, which) = (asked.selector(), asked.which());
    // Each way of asking makes use of some of the bits.
    let (made, used, name) = match which {
        Which::ONE => (GetWord::one(selector, asked.kind()), 0xF_00FF, "one type"),
        Which::ALL => (GetWord::all(selector, asked.skip()), 0xF_FF00, "all types"),
        _ => (GetWord::function(selector), 0xF_0000, "function only"),
    };
    assert_eq!(made.0, word & used);
    format!(", which {name} ({})", which.0)
        + &selected(selector)
        + &number("skip", asked.skip())
        + &setting(asked.kind())
}
