//! What is promised of the control interface under /v1: it grows, and takes nothing back.
//!
//! `tests/frozen` has the OpenAPI document as it was when that was promised. It is never edited.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const FROZEN: &str = include_str!("frozen/openapi-v1.json");

/// FNV-1a, of 64 bits.
fn sum(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Who writes values of a schema.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    /// Clients: what they may say today they may say for ever, and they need say no more.
    Request,
    /// The daemon: what it says today it says for ever.
    Answer,
}

#[derive(Default)]
struct Compare {
    broken: Vec<String>,
}

fn object(value: &Value) -> &Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NOTHING)
}

fn words(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

impl Compare {
    fn broken(&mut self, at: &str, what: &str) {
        self.broken.push(format!("{at}: {what}"));
    }

    /// Whether a document only has more than one of before.
    fn documents(&mut self, was: &Value, is: &Value) {
        let schemas = |document: &Value| document["components"]["schemas"].clone();
        let (old, new) = (schemas(was), schemas(is));
        let asked = requests(was);
        for (name, schema) in object(&old) {
            let side = if asked.contains(name) { Side::Request } else { Side::Answer };
            match new.get(name) {
                Some(now) => self.schema(name, schema, now, side),
                None => self.broken(name, "is gone"),
            }
        }
        for (path, methods) in object(&was["paths"]) {
            for (method, operation) in object(methods) {
                let at = format!("{method} {path}");
                match is["paths"][path].get(method) {
                    Some(now) => self.operation(&at, operation, now),
                    None => self.broken(&at, "is gone"),
                }
            }
        }
    }

    fn operation(&mut self, at: &str, was: &Value, is: &Value) {
        if was["parameters"] != is["parameters"] {
            self.broken(at, "has other parameters");
        }
        self.content(at, &was["requestBody"], &is["requestBody"], Side::Request);
        if was.get("requestBody").is_none() && is["requestBody"]["required"] == json!(true) {
            self.broken(at, "needs a body now");
        }
        for (status, answer) in object(&was["responses"]) {
            match is["responses"].get(status) {
                Some(now) => self.content(&format!("{at} {status}"), answer, now, Side::Answer),
                None => self.broken(at, &format!("does not answer {status} any more")),
            }
        }
    }

    fn content(&mut self, at: &str, was: &Value, is: &Value, side: Side) {
        for (kind, content) in object(&was["content"]) {
            match is["content"].get(kind) {
                Some(now) => self.schema(at, &content["schema"], &now["schema"], side),
                None => self.broken(at, &format!("has no {kind} any more")),
            }
        }
    }

    fn schema(&mut self, at: &str, was: &Value, is: &Value, side: Side) {
        for key in ["type", "format", "$ref", "minimum", "maximum", "minItems", "maxItems"] {
            if was.get(key) != is.get(key) {
                self.broken(at, &format!("has another {key}"));
            }
        }
        let (old, new) = (words(&was["required"]), words(&is["required"]));
        match side {
            Side::Request if !new.is_subset(&old) => self.broken(at, "asks for more"),
            Side::Answer if !old.is_subset(&new) => self.broken(at, "need not say all any more"),
            _ => {}
        }
        if !words(&was["enum"]).is_subset(&words(&is["enum"])) {
            self.broken(at, "lacks a word");
        }
        for (name, schema) in object(&was["properties"]) {
            let at = format!("{at}.{name}");
            match is["properties"].get(name) {
                Some(now) => self.schema(&at, schema, now, side),
                None => self.broken(&at, "is gone"),
            }
        }
        for key in ["items", "additionalProperties"] {
            match (was.get(key), is.get(key)) {
                (Some(Value::Object(_)), Some(now)) => {
                    self.schema(&format!("{at}[]"), &was[key], now, side);
                }
                (was, is) if was != is => self.broken(at, &format!("has another {key}")),
                _ => {}
            }
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            let (old, new) = (was[key].as_array(), is[key].as_array());
            let (old, new) = (old.into_iter().flatten(), new.into_iter().flatten());
            if old.clone().count() > new.clone().count() {
                self.broken(at, &format!("has fewer of {key}"));
            }
            for (index, (old, new)) in old.zip(new).enumerate() {
                self.schema(&format!("{at}/{key}[{index}]"), old, new, side);
            }
        }
    }
}

/// The schemas that clients write, and those that these refer to.
fn requests(document: &Value) -> BTreeSet<String> {
    fn refer(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                let name = fields.get("$ref").and_then(Value::as_str);
                found.extend(name.and_then(|name| Some(name.rsplit_once('/')?.1.to_owned())));
                fields.values().for_each(|value| refer(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| refer(value, found)),
            _ => {}
        }
    }
    let operations = object(&document["paths"]).values().flat_map(|path| object(path).values());
    let mut open = Vec::new();
    operations.for_each(|operation| refer(&operation["requestBody"], &mut open));
    let mut all = BTreeSet::new();
    while let Some(name) = open.pop() {
        refer(&document["components"]["schemas"][&name], &mut open);
        if !all.insert(name) {
            continue;
        }
        open.retain(|name| !all.contains(name));
    }
    all
}

fn broken(was: &Value, is: &Value) -> Vec<String> {
    let mut compare = Compare::default();
    compare.documents(was, is);
    compare.broken
}

#[test]
fn the_control_interface_only_grows() {
    assert_eq!(sum(FROZEN), 0x9843_9ED0_61EF_F900, "the document of the promise was edited");
    let was: Value = serde_json::from_str(FROZEN).expect("JSON");
    let is: Value = serde_json::from_str(&scmid::control::document()).expect("JSON");
    assert!(object(&was["paths"]).len() > 10, "{was}");
    assert_eq!(broken(&was, &is), [] as [&str; 0]);
}

#[test]
fn what_is_taken_back_is_seen() {
    let was: Value = serde_json::from_str(FROZEN).expect("JSON");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut is = was.clone();
        change(&mut is);
        broken(&was, &is)
    };
    let schemas = "/components/schemas";
    let at = |is: &mut Value, path: &str, value: Value| *is.pointer_mut(path).expect(path) = value;
    let remove = |is: &mut Value, path: &str, key: &str| {
        is.pointer_mut(path)
            .and_then(Value::as_object_mut)
            .and_then(|it| it.remove(key))
            .expect(key);
    };
    let gone = with(&|is| remove(is, "/paths", "/v1/reload"));
    assert_eq!(gone, ["post /v1/reload: is gone"]);
    let gone = with(&|is| remove(is, &format!("{schemas}/ClockState/properties"), "rate"));
    assert_eq!(gone, ["ClockState.rate: is gone"]);
    let kind = format!("{schemas}/ClockState/properties/name/type");
    assert_eq!(with(&|is| at(is, &kind, json!("integer"))), ["ClockState.name: has another type"]);
    let required = |name: &str| format!("{schemas}/{name}/required");
    let fewer = with(&|is| at(is, &required("ClockState"), json!(["id"])));
    assert_eq!(fewer, ["ClockState: need not say all any more"]);
    let more = with(&|is| at(is, &required("NewOrder"), json!(["order", "agent"])));
    assert_eq!(more, ["NewOrder: asks for more"]);
    let words = with(&|is| at(is, &format!("{schemas}/OrderKind/enum"), json!(["shutdown"])));
    assert_eq!(words, ["OrderKind: lacks a word"]);
    // What is added breaks nothing.
    let added = with(&|is| {
        at(is, "/paths/~1health/get/responses/200/description", json!("As it is."));
        let fields = is.pointer_mut(&format!("{schemas}/ClockState/properties"));
        fields.expect("there")["more"] = json!({ "type": "string" });
        let paths = is.pointer_mut("/paths").expect("there");
        paths["/v1/more"] = json!({ "get": { "responses": {} } });
    });
    assert_eq!(added, [] as [&str; 0]);
}
