//! The JSON Schema of board files: it is the one that is shipped, it takes what the checker takes, and refuses what can be
//! refused without looking at other keys.
//!
//! With `BLESS=1` in the environment the shipped file is written anew.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use scmi_board::Board;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&scmi_board::schema()).unwrap();
    jsonschema::draft7::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// A file as editors see it. None where it is no TOML.
fn json(text: &str) -> Option<Value> {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(value) => value.into(),
            toml::Value::Datetime(value) => value.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(key, value)| (key, convert(value))).collect()
            }
        }
    }
    text.parse::<toml::Table>().ok().map(|table| convert(table.into()))
}

fn files(folder: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_shipped_schema_is_the_one_that_is_made() {
    let path = root().join("docs/board.schema.json");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, scmi_board::schema()).unwrap();
    }
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shipped == scmi_board::schema(),
        "docs/board.schema.json is not what scmid --schema prints"
    );
}

#[test]
fn every_example_is_right_by_it_and_refers_to_it() {
    let validator = validator();
    let examples = [("examples", "../docs"), ("examples/faults", "../../docs")];
    let examples =
        examples.map(|(folder, docs)| files(folder).into_iter().map(move |file| (file, docs)));
    let examples: Vec<_> = examples.into_iter().flatten().collect();
    assert!(examples.len() >= 5);
    for ((name, text), docs) in examples {
        let errors: Vec<String> = validator
            .iter_errors(&json(&text).unwrap())
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        let first = format!("#:schema {docs}/board.schema.json\n");
        assert!(text.starts_with(&first), "{name} does not begin with {first}");
        assert!(text.contains("\nversion = 1"), "{name}");
    }
}

#[test]
fn every_piece_of_the_page_is_right_by_it() {
    let validator = validator();
    let page = include_str!("../../../docs/board-file.md");
    let pieces: Vec<&str> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(pieces.len() >= 15);
    for piece in pieces.into_iter().filter(|piece| !piece.starts_with("source")) {
        let board = json(piece).unwrap();
        // A piece is no whole file.
        let errors = validator.iter_errors(&board);
        let errors: Vec<String> = errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .filter(|error| !error.ends_with("is a required property") || error.starts_with('/'))
            .collect();
        assert!(errors.is_empty(), "{piece}\n{errors:#?}");
    }
}

/// What is wrong without looking at other keys, in the words of the checker.
const PLAIN: [&str; 6] = [
    "unknown key",
    "missing key vendor",
    "missing key name",
    "a whole number from",
    "expected true or false",
    "an array of",
];

#[test]
fn what_is_wrong_by_itself_is_wrong_by_it() {
    let validator = validator();
    let mut refused = 0;
    for (name, text) in files("crates/scmi-board/tests/bad") {
        let Some(board) = json(&text) else { continue };
        let said = Board::parse(&text, "bad").unwrap_err().to_string();
        if PLAIN.iter().any(|words| said.contains(words)) {
            assert!(!validator.is_valid(&board), "{name} is right by the schema, but\n{said}");
            refused += 1;
        }
    }
    assert!(refused >= 20, "{refused} files");
}

/// Every place of the schema where there is a whole number, as TOML with a hole, with its bounds.
fn integers(schema: &Value, whole: &Value, path: &str, found: &mut Vec<(String, i128, i128)>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.strip_prefix('#').unwrap();
        return integers(whole.pointer(name).unwrap(), whole, path, found);
    }
    let bound = |key: &str| {
        let value = schema.get(key)?;
        value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
    };
    if let (Some(least), Some(most)) = (bound("minimum"), bound("maximum")) {
        found.push((path.to_owned(), least, most));
    }
    let both = ["anyOf", "allOf"].map(|key| schema.get(key));
    for one in both.into_iter().flatten().filter_map(Value::as_array).flatten() {
        integers(one, whole, path, found);
    }
    if let Some(items) = schema.get("items") {
        integers(items, whole, &path.replace('%', "[%]"), found);
    }
    for (key, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        // Without these the number is not looked at.
        let beside = match key.as_str() {
            "divide" => "parent = 'x', ",
            "seed" if schema["properties"].get("walk").is_some() => "walk = true, ",
            _ => "",
        };
        integers(value, whole, &path.replace('%', &format!("{{ {beside}{key} = % }}")), found);
    }
}

#[test]
fn its_bounds_are_those_of_the_checker() {
    let schema: Value = serde_json::from_str(&scmi_board::schema()).unwrap();
    let mut places = Vec::new();
    for (key, value) in schema["properties"].as_object().unwrap() {
        // There is one version only, and words of its own for others.
        if key == "version" {
            continue;
        }
        integers(value, &schema, &format!("{key} = %\n"), &mut places);
    }
    assert!(places.len() > 60, "{places:#?}");
    for (place, least, most) in places {
        // Other keys are missing and are said to be; only what is said of the number counts.
        let complaint = |number: i128| {
            let said = Board::parse(&place.replace('%', &number.to_string()), "x").unwrap_err();
            let found = format!("found {number}, expected a whole number from");
            let report = said.report().unwrap();
            report.problems().iter().any(|problem| problem.message().contains(&found))
        };
        let said = [least - 1, least, most, most + 1].map(complaint);
        assert_eq!(said, [true, false, false, true], "{place} from {least} to {most}");
    }
}
