//! Each key of the schema is changed, and behaves as the schema says of it.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::{Served, file};
use crate::reload::{Change, Revision};
use crate::schema::{self, Kind, ROOT, Reload, Why};

const BOARD: &str = include_str!("../../../tests/reload/every-key.toml");
const CHANGES: &str = include_str!("../../../tests/reload/every-key.changes");

static FILE: Kind = Kind::Table(&ROOT);

/// Tables that must be there and have no more to say than their keys.
const ONLY_KEYS: [&str; 2] = ["platform", "fault.do"];

/// Every key of the file by its path, and what is said of it. Of several tables that may stand somewhere, the first key tells which.
fn keys(
    kind: &'static Kind,
    path: &str,
    reload: Reload,
    all: &mut BTreeMap<String, (Reload, &'static Kind)>,
) {
    match kind {
        Kind::Table(table) => {
            for key in table.keys {
                let path = if path.is_empty() {
                    key.name.to_owned()
                } else {
                    format!("{path}.{}", key.name)
                };
                let reload = reload.of(key);
                keys(&key.kind, &path, reload, all);
                all.insert(path, (reload, &key.kind));
            }
        }
        Kind::Array(item, ..) => keys(item, path, reload, all),
        Kind::Settings(value) => keys(value, path, reload, all),
        Kind::Any(kinds) => {
            let tables = kinds.iter().filter(|kind| matches!(kind, Kind::Table(_))).count();
            for kind in *kinds {
                match kind {
                    Kind::Table(table) if tables > 1 => {
                        keys(kind, &format!("{path}<{}>", table.keys[0].name), reload, all);
                    }
                    kind => keys(kind, path, reload, all),
                }
            }
        }
        _ => {}
    }
}

/// The path of the schema for a path of the file.
fn schema_path(board: &Table, path: &str) -> String {
    let (mut kind, mut at, mut here) = (&FILE, String::new(), Some(Value::Table(board.clone())));
    let steps: Vec<&str> = path.split('.').collect();
    for (index, step) in steps.iter().enumerate() {
        if step.parse::<usize>().is_ok() {
            kind = kind.item();
            here = here.and_then(|here| here.get(step.parse::<usize>().unwrap()).cloned());
            continue;
        }
        if matches!(kind, Kind::Settings(_)) {
            // What they are called is not the schema's.
            kind = kind.entry();
            here = here.and_then(|here| here.get(step).cloned());
            continue;
        }
        let has = |key: &str| here.as_ref().is_some_and(|here| here.get(key).is_some());
        let table = kind.table(&has).unwrap_or_else(|| panic!("{path}: no table at {step}"));
        if let Kind::Any(kinds) = kind
            && kinds.iter().filter(|kind| matches!(kind, Kind::Table(_))).count() > 1
        {
            at = format!("{at}<{}>", table.keys[0].name);
        }
        let key = table.key(step).unwrap_or_else(|| panic!("{path}: no key {step}"));
        at = if at.is_empty() { key.name.to_owned() } else { format!("{at}.{}", key.name) };
        kind = &key.kind;
        here = here.and_then(|here| here.get(step).cloned());
        if index + 1 == steps.len() {
            break;
        }
    }
    at
}

/// Puts a value to its place in a board; takes away what is there where there is none.
fn put(board: &mut Table, path: &str, value: Option<Value>) {
    let mut steps: Vec<&str> = path.split('.').collect();
    let last = steps.pop().unwrap();
    let mut all = Value::Table(core::mem::take(board));
    let place = steps.iter().fold(&mut all, |place, step| match place {
        Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
        place => place.get_mut(step).unwrap_or_else(|| panic!("{path}: nothing at {step}")),
    });
    match (place, value) {
        (Value::Array(items), Some(value)) => items.insert(last.parse().unwrap(), value),
        (Value::Table(table), Some(value)) => drop(table.insert(last.to_owned(), value)),
        (Value::Table(table), None) => assert!(table.remove(last).is_some(), "{path}"),
        (place, value) => panic!("{path}: {value:?} in {place:?}"),
    }
    let Value::Table(table) = all else { unreachable!() };
    *board = table;
}

/// One line of the list.
struct Try {
    path: &'static str,
    changed: Table,
}

fn tries() -> Vec<Try> {
    let lines = CHANGES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let one = |line: &'static str| {
        let mut changed: Table = BOARD.parse().unwrap();
        let mut first = None;
        for part in line.split(" & ") {
            let (path, value) = part.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
            let value = (value != "none").then(|| format!("x = {value}").parse::<Table>().unwrap());
            put(&mut changed, path, value.map(|mut value| value.remove("x").unwrap()));
            first = first.or(Some(path));
        }
        Try { path: first.unwrap(), changed }
    };
    lines.map(one).collect()
}

/// How reasons call what is at a path: the table, and the key in it.
fn named(board: &Table, changed: &Table, path: &str) -> (String, String) {
    let steps: Vec<&str> = path.split('.').collect();
    let brackets = |steps: &[&str]| {
        let mut key = String::new();
        for step in steps {
            match step.parse::<usize>() {
                Ok(index) => key.push_str(&format!("[{index}]")),
                Err(_) if key.is_empty() => key.push_str(step),
                Err(_) => key.push_str(&format!(".{step}")),
            }
        }
        key
    };
    let [header, rest @ ..] = steps.as_slice() else { panic!("{path}") };
    let name = |board: &Table, index: usize| {
        board.get(*header)?.get(index)?.get("name")?.as_str().map(str::to_owned)
    };
    match rest {
        [] if board.get(*header).is_some_and(Value::is_table) => {
            ((*header).to_owned(), String::new())
        }
        [] => (String::new(), (*header).to_owned()),
        [index, rest @ ..] if index.parse::<usize>().is_ok() => {
            let index = index.parse().unwrap();
            let name = name(changed, index).or_else(|| name(board, index));
            let name = name.unwrap_or_else(|| format!("{header} {}", index + 1));
            (format!("{} {name:?}", header.replace('-', " ")), brackets(rest))
        }
        rest => ((*header).to_owned(), brackets(rest)),
    }
}

fn has_one_value(kind: &Kind) -> bool {
    match kind {
        Kind::Words(words) => words().len() == 1,
        Kind::Integer(least, most) => least == most,
        _ => false,
    }
}

#[test]
fn every_key_changes_or_is_refused_as_the_schema_says() {
    let mut all = BTreeMap::new();
    keys(&FILE, "", Reload::Fixed(Why::Known), &mut all);
    assert!(all.len() > 250, "{}", all.len());
    let mut tried: BTreeSet<String> = ONLY_KEYS.map(str::to_owned).into();
    let base: Table = BOARD.parse().unwrap();
    let was = file(&base.to_string()).unwrap_or_else(|error| panic!("{error}"));
    for Try { path, changed } in tries() {
        let key = schema_path(if lacks(&changed, path) { &base } else { &changed }, path);
        let (reload, kind) = all.get(&key).unwrap_or_else(|| panic!("{path}: no {key}"));
        let is = file(&changed.to_string()).unwrap_or_else(|error| panic!("{path}\n{error}"));
        let Revision { changes, refusals, .. } = was.revision(&is);
        let (item, name) = named(&base, &changed, path);
        let told = |change: &Change| change.item == item && name.starts_with(&change.key);
        let refused = refusals.iter().any(|refusal| told(&refusal.change));
        match reload {
            _ if has_one_value(kind) => {
                assert!(was.board.is_same_as(&is.board), "{path}");
                assert_eq!((changes, refusals), (vec![], vec![]), "{path}");
            }
            Reload::Live => {
                assert_eq!(refusals, [], "{path} is live");
                assert!(changes.iter().any(told), "{path}: not {name} of {item} in {changes:#?}");
                let mut served = Served::new(&was);
                let identity = served.identity();
                served.reload(&was, &is);
                assert_eq!(
                    served.identity(),
                    identity,
                    "{path}: its state would be of another board"
                );
                let new = Served::new(&is).dump();
                assert_eq!(served.differs(&new), None, "{path} did not arrive");
            }
            Reload::Fixed(why) => {
                assert!(refused, "{path}: not {name} of {item} in {refusals:#?}");
                let said = refusals.iter().any(|refusal| refusal.why == why.words());
                assert!(said, "{path}: {refusals:#?}");
                assert_eq!(changes, [], "{path}");
            }
        }
        tried.insert(key);
    }
    let missing: Vec<&String> = all.keys().filter(|key| !tried.contains(*key)).collect();
    assert!(missing.is_empty(), "no change is tried of {missing:#?}");
}

/// Whether nothing is at a path.
fn lacks(board: &Table, path: &str) -> bool {
    let mut here = Some(&Value::Table(board.clone())).cloned();
    for step in path.split('.') {
        here = here.and_then(|here| match step.parse::<usize>() {
            Ok(index) => here.get(index).cloned(),
            Err(_) => here.get(step).cloned(),
        });
    }
    here.is_none()
}

/// What the page says that a reload can change: the keys below which, and with which, all can.
#[test]
fn the_page_names_every_key_that_a_reload_can_change() {
    let mut all = BTreeMap::new();
    keys(&FILE, "", Reload::Fixed(Why::Known), &mut all);
    let live = |path: &str| all.get(path).is_some_and(|(reload, _)| *reload == Reload::Live);
    let page = include_str!("../../../../../docs/board-file.md");
    let (_, page) = page.split_once("\n## What a reload can change\n").expect("the section");
    let page = page.split("\n## ").next().unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut named = BTreeSet::new();
    for row in rows {
        let (table, keys) = row.split_once("` | ").expect(row);
        for key in keys.split('`').skip(1).step_by(2) {
            named.insert(match (table, key) {
                ("file", key) | (key, "all") => key.to_owned(),
                (table, key) => format!("{table}.{key}"),
            });
        }
    }
    let below = |path: &str, above: &str| {
        path.strip_prefix(above).is_some_and(|rest| rest.starts_with(['.', '<']))
    };
    let tops = all.keys().filter(|path| live(path));
    let tops = tops.filter(|path| !all.keys().any(|above| live(above) && below(path, above)));
    assert_eq!(named, tops.cloned().collect());
}

#[test]
fn the_schema_for_editors_says_of_each_key_whether_it_can_change() {
    let schema: serde_json::Value = serde_json::from_str(&schema::schema()).unwrap();
    let said = |path: &[&str]| {
        let mut here = &schema;
        for step in path {
            let next = here.pointer(&format!("/properties/{step}"));
            here = next.or_else(|| here.pointer(&format!("/items/properties/{step}"))).unwrap();
        }
        here["x-reload"].as_str().unwrap().to_owned()
    };
    assert_eq!(said(&["sensor", "source"]), "live");
    assert_eq!(said(&["power-domain", "states", "latency"]), "live");
    assert_eq!(said(&["fault", "do", "delay"]), "live", "what is below what is live is live");
    assert_eq!(said(&["clock", "name"]), "fixed: agents know it by now");
    assert_eq!(said(&["clock", "rate"]), "fixed: it says how things are at start, which is over");
}
