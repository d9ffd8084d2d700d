//! A message as a JSON document.

use scmi::decode::{Direction, Group, Head, Trouble, Value, Visitor, decode};
use scmi::protocol;
use scmi::wire::{Header, ProtocolId, Status, Version};
use serde_json::{Map, Value as Json, json};

/// What a message holds, as a JSON document: its header, `fields` by name, and `troubles`.
pub(crate) fn document(bytes: &[u8], direction: Direction, version: Option<Version>) -> Json {
    let mut builder = Builder::default();
    decode(bytes, direction, version, &mut builder);
    let mut document = builder.head;
    document.insert("fields".into(), builder.fields.into());
    document.insert("troubles".into(), builder.troubles.into());
    document.into()
}

/// What has been seen, and the groups that are still open.
#[derive(Default)]
struct Builder {
    head: Map<String, Json>,
    fields: Map<String, Json>,
    open: Vec<(&'static str, Json)>,
    troubles: Vec<Json>,
}

impl Builder {
    fn put(&mut self, name: &'static str, value: Json) {
        match self.open.last_mut() {
            Some((_, Json::Array(items))) => items.push(value),
            Some((_, Json::Object(fields))) => {
                fields.insert(name.into(), value);
            }
            _ => {
                self.fields.insert(name.into(), value);
            }
        }
    }
}

impl Visitor for Builder {
    fn head(&mut self, head: &Head) {
        let header = head.header;
        let Json::Object(fields) = json!({
            "subject": head.subject.name(),
            "header": header.word(),
            "protocol": protocol(header.protocol()),
            "message": {
                "id": header.message().0,
                "name": head.message.map(|message| message.name),
            },
            "token": header.token(),
        }) else {
            return;
        };
        self.head = fields;
    }

    fn field(&mut self, name: &'static str, value: Value<'_>) {
        self.put(name, plain(value));
    }

    fn enter(&mut self, name: &'static str, group: Group) {
        let value = match group {
            Group::Bits(word) => json!({ "word": word }),
            Group::List => json!([]),
            _ => json!({}),
        };
        self.open.push((name, value));
    }

    fn leave(&mut self, _group: Group) {
        if let Some((name, value)) = self.open.pop() {
            self.put(name, value);
        }
    }

    fn trouble(&mut self, trouble: Trouble<'_>) {
        self.troubles.push(trouble.to_string().into());
    }
}

fn plain(value: Value<'_>) -> Json {
    match value {
        Value::Unsigned(number) => number.into(),
        Value::Signed(number) => number.into(),
        Value::Hex(word) => word.into(),
        Value::Flag(set) => set.into(),
        Value::Version(version) => version.to_string().into(),
        Value::Status(Status(code)) => json!({ "code": code, "name": Status(code).name() }),
        Value::Header(header) => quoted(header),
        Value::Protocol(id) => protocol(id),
        Value::Protocols(ids) => ids.iter().map(|id| protocol(ProtocolId(*id))).collect(),
        Value::SensorType(kind) => {
            json!({ "id": kind.0, "name": kind.word(), "unit": kind.unit() })
        }
        Value::ShortIds(ids) => {
            let pairs = ids.as_chunks::<2>().0.iter();
            pairs.map(|pair| u16::from_le_bytes(*pair)).collect()
        }
        Value::Named { number, name } => json!({ "number": number, "name": name }),
        Value::Name(bytes) => String::from_utf8_lossy(bytes).into(),
        // A kind of value that came with a later version of the library: better than nothing.
        other => format!("{other:?}").into(),
    }
}

fn protocol(id: ProtocolId) -> Json {
    json!({ "id": id.0, "name": id.name().map(str::to_ascii_lowercase) })
}

/// A command's header within a message.
fn quoted(header: Header) -> Json {
    let command = protocol::find(header.protocol()).and_then(|info| info.command(header.message()));
    json!({
        "word": header.word(),
        "protocol": protocol(header.protocol()),
        "message": { "id": header.message().0, "name": command.map(|info| info.name) },
        "token": header.token(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn a_response_has_its_fields_by_name() {
        let message = words(&[0x0014_5406, 0, 0xFFFF_FB1E, 0xFFFF_FFFF, 7, 0]);
        let expected = json!({
            "subject": "response",
            "header": 0x0014_5406,
            "protocol": { "id": 21, "name": "sensor" },
            "message": { "id": 6, "name": "SENSOR_READING_GET" },
            "token": 5,
            "fields": {
                "status": { "code": 0, "name": "SUCCESS" },
                "readings": [{ "value": -1250, "timestamp": 7 }],
            },
            "troubles": [],
        });
        assert_eq!(document(&message, Direction::Response, None), expected);
    }

    #[test]
    fn bits_stand_with_their_word_and_troubles_are_told() {
        let message = words(&[0x0014_5406, 3, 0x11, 9]);
        let document = document(&message, Direction::Command, None);
        assert_eq!(
            document.get("fields"),
            Some(
                &json!({ "sensor_id": 3, "flags": { "word": 17, "async": true, "reserved": 16 } })
            )
        );
        assert_eq!(document.get("troubles"), Some(&json!(["4 bytes left over: 0x00000009"])));
    }
}
