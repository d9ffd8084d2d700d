//! The dissector for Wireshark, from the protocols' own tables.

use core::fmt::Write;

use scmi::protocol::sensor::SensorType;
use scmi::protocol::{ALL, BitKind, Bits, Field, Layout, MessageInfo, ProtocolInfo, Shape, When};
use scmi::wire::{MessageId, Status};

/// What is the same for all protocols.
const RUNTIME: &str = include_str!("runtime.lua");

const HEAD: &str = "\
-- Dissects the traces that scmid --trace writes (docs/trace.md): Wireshark and tshark 4.0 and newer.
-- Written by `scmictl dissector` from the tables of messages; changes belong there.

";

/// The dissector, in Lua: `scmictl dissector`, and `extra/wireshark/scmi.lua`.
pub fn dissector() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(&names("STATUS", (-128..=0).map(|code| (code, Status(code).name()))));
    let types = (0..=u8::MAX).map(|code| (i32::from(code), SensorType(code).word()));
    text.push_str(&names("SENSOR_TYPES", types));
    text.push_str("\nlocal PROTOCOLS = {\n");
    ALL.iter().for_each(|protocol| text.push_str(&table(protocol)));
    text.push_str("}\n\n");
    text.push_str(RUNTIME);
    text
}

/// Numbers with names.
fn names<'a>(table: &str, all: impl Iterator<Item = (i32, Option<&'a str>)>) -> String {
    let named = all.filter_map(|(number, name)| Some(format!("[{number}] = {:?}", name?)));
    format!("local {table} = {{ {} }}\n", named.collect::<Vec<_>>().join(", "))
}

fn table(protocol: &ProtocolInfo) -> String {
    let (number, name, newest) = (protocol.id.0, protocol.name, protocol.newest().0);
    let commands = (0..=u8::MAX).filter_map(|id| protocol.command(MessageId(id)));
    let commands: String = commands.map(message).collect();
    let notifications: String = protocol.notifications.iter().map(message).collect();
    format!(
        "  [{number:#x}] = {{\n    name = {name:?}, newest = {newest:#x},\n    commands = {{\n{commands}    }},\n    \
         notifications = {{\n{notifications}    }},\n  }},\n"
    )
}

fn message(info: &MessageInfo) -> String {
    let MessageInfo { id, name, since, .. } = info;
    let mut text = format!("      [{:#x}] = {{ name = {name:?}, since = {:#x}", id.0, since.0);
    let layouts = [
        ("payload", Some(info.payload).filter(|layout| !layout.is_empty())),
        ("reply", Some(info.reply).filter(|layout| !layout.is_empty())),
        ("delayed", info.delayed),
    ];
    for (part, fields) in layouts {
        if let Some(fields) = fields {
            text.push_str(&format!(",\n        {part} = {}", layout(fields, 8)));
        }
    }
    text.push_str(" },\n");
    text
}

fn layout(fields: Layout, depth: usize) -> String {
    if fields.is_empty() {
        return "{}".to_owned();
    }
    let mut text = "{\n".to_owned();
    for one in fields {
        text.push_str(&format!("{:width$}{},\n", "", field(one, depth + 2), width = depth + 2));
    }
    text.push_str(&format!("{:depth$}}}", ""));
    text
}

fn field(field: &Field, depth: usize) -> String {
    let mut text = format!("{{ {:?}, {:?}", field.name, shape(&field.shape));
    match &field.shape {
        Shape::Name(bytes) => text.push_str(&format!(", bytes = {bytes}")),
        Shape::Bits(all) => text.push_str(&format!(", bits = {{ {} }}", bits(all))),
        Shape::Group(inner) | Shape::Repeat(inner) => {
            text.push_str(&format!(", of = {}", layout(inner, depth)));
        }
        _ => {}
    }
    if let Some(when) = when(&field.when) {
        text.push_str(&format!(", when = {when}"));
    }
    text.push_str(" }");
    text
}

const fn shape(shape: &Shape) -> &'static str {
    match shape {
        Shape::Word => "word",
        Shape::Hex => "hex",
        Shape::Signed => "signed",
        Shape::Wide => "wide",
        Shape::WideSigned => "wide_signed",
        Shape::Version => "version",
        Shape::Status => "status",
        Shape::Header => "header",
        Shape::Name(_) => "name",
        Shape::Bits(_) => "bits",
        Shape::ProtocolIds => "protocols",
        Shape::ShortIds => "shorts",
        Shape::Group(_) => "group",
        Shape::Repeat(_) => "repeat",
    }
}

fn bits(all: &[Bits]) -> String {
    let one = |bits: &Bits| {
        let kind = match bits.kind {
            BitKind::Flag => "flag",
            BitKind::Signed => "signed",
            BitKind::SensorType => "sensor_type",
            BitKind::Protocol => "protocol",
            BitKind::Unsigned | BitKind::Names(_) => "unsigned",
        };
        let mut text = format!("{{ {:?}, {}, {}, {kind:?}", bits.name, bits.high, bits.low);
        if let BitKind::Names(names) = bits.kind {
            text.push_str(", names = {");
            for (number, name) in names {
                // Writing to a string does not fail.
                let _ = write!(text, " [{number}] = {name:?},");
            }
            text.push_str(" }");
        }
        text + " }"
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn when(when: &When) -> Option<String> {
    let part = |one: &When| self::when(one).unwrap_or_else(|| "nil".to_owned());
    Some(match when {
        When::Always => return None,
        When::Bits { field, mask, value } => {
            format!("{{ \"bits\", {field:?}, {mask:#x}, {value:#x} }}")
        }
        When::Both(one, other) => format!("{{ \"both\", {}, {} }}", part(one), part(other)),
        When::Since(version) => format!("{{ \"since\", {:#x} }}", version.0),
        When::Before(version) => format!("{{ \"before\", {:#x} }}", version.0),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_dissector_that_is_shipped_is_the_one_that_is_made() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../extra/wireshark/scmi.lua");
        let shipped = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            shipped == dissector(),
            "{} is not what the tables make: cargo run -- dissector > extra/wireshark/scmi.lua",
            path.display()
        );
    }

    #[test]
    fn every_message_of_every_protocol_is_in_it() {
        let text = dissector();
        for protocol in ALL {
            for message in protocol.commands.iter().chain(protocol.notifications) {
                assert!(text.contains(&format!("name = {:?}", message.name)), "{}", message.name);
            }
        }
    }
}
