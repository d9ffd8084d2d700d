//! The description as a JSON Schema.

use serde_json::{Map, Value, json};

use super::items::SETTING;
use super::{Key, Kind, ROOT, Reload, Table, Why};
use crate::check;

/// A number as the file may write it in a text.
const NUMBER: &str = r"[+-]?[0-9.][0-9._]*([eE][+-]?[0-9]+)?";

/// A JSON Schema (draft 7) of board files, as text.
///
/// It has every key, its type and what can be said of its values without looking at other keys; whether names are
/// there, whether quantities fit and what goes together only [`Board::load`](crate::Board::load) tells. Editors that
/// know TOML complete and check board files by it.
#[must_use]
pub fn schema() -> String {
    let mut whole = Map::new();
    whole.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
    whole.insert("title".into(), "Board file of scmid".into());
    let known = Reload::Fixed(Why::Known);
    if let Value::Object(root) = table(&ROOT, known) {
        whole.extend(root);
    }
    whole.insert(
        "definitions".into(),
        json!({ "setting": kind(&SETTING, known), "settings": settings() }),
    );
    format!("{:#}\n", Value::Object(whole))
}

/// A table in a place of which `place` holds.
fn table(table: &Table, place: Reload) -> Value {
    let properties: Map<String, Value> =
        table.keys.iter().map(|key| (key.name.to_owned(), property(key, place.of(key)))).collect();
    let required: Vec<&str> =
        table.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn property(key: &Key, reload: Reload) -> Value {
    let mut schema = kind(&key.kind, reload);
    // Whatever stands beside a reference is ignored.
    if schema.get("$ref").is_some() {
        schema = json!({ "allOf": [schema] });
    }
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".into(), key.about.into());
        // Editors pass over what they do not know.
        schema.insert("x-reload".into(), reload.words().into());
    }
    schema
}

fn kind(of: &Kind, place: Reload) -> Value {
    match of {
        Kind::Text => json!({ "type": "string" }),
        Kind::Name(most) => json!({ "type": "string", "minLength": 1, "maxLength": most }),
        Kind::FileName(most) => json!({
            "type": "string", "maxLength": most, "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]*$",
        }),
        Kind::Words(words) => json!({ "enum": words() }),
        Kind::Time => text(&format!(r"^\s*{NUMBER}\s*(ns|us|µs|μs|ms|s|min|h|d)\s*$")),
        Kind::Quantity => {
            json!({ "anyOf": [{ "type": "number" }, kind(&Kind::QuantityText, place)] })
        }
        Kind::QuantityText => text(&format!(r"^\s*{NUMBER}.*$")),
        Kind::Integer(least, most) => {
            json!({ "type": "integer", "minimum": number(*least), "maximum": number(*most) })
        }
        Kind::Number => json!({ "type": "number" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::True => json!({ "const": true }),
        Kind::Array(item, least, most) => array(kind(item, place), *least, *most),
        Kind::Table(of) => table(of, place),
        Kind::Settings(_) => reference("settings"),
        Kind::Any(kinds) => {
            let kinds: Vec<_> = kinds.iter().map(|one| kind(one, place)).collect();
            json!({ "anyOf": kinds })
        }
    }
}

/// A table of settings of pins.
fn settings() -> Value {
    let words = check::setting_words().into_iter().map(|word| (word, reference("setting")));
    json!({
        "type": "object",
        "properties": words.collect::<Map<String, Value>>(),
        "patternProperties": { "^vendor-(19[2-9]|2[0-4][0-9]|25[0-5])$": reference("setting") },
        "additionalProperties": false,
    })
}

/// What is described once, because there are many of it.
fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn array(items: Value, least: usize, most: usize) -> Value {
    let mut schema = json!({ "type": "array", "items": items });
    if least > 0 {
        schema["minItems"] = least.into();
    }
    if most < usize::MAX {
        schema["maxItems"] = most.into();
    }
    schema
}

/// JSON has no whole numbers beyond 64 bits, and the tables have none.
fn number(number: i128) -> Value {
    i64::try_from(number)
        .map(Value::from)
        .or_else(|_| u64::try_from(number).map(Value::from))
        .unwrap_or_default()
}
