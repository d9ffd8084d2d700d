//! Whatever is edited in a board, all of it arrives or nothing does.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use toml::{Table, Value};

use super::{Served, file};

/// The boards that are shipped, and the one with every key.
static BOARDS: LazyLock<Vec<Table>> = LazyLock::new(boards);

fn boards() -> Vec<Table> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders =
        ["../../examples", "../../examples/faults", "tests/reload"].map(|folder| root.join(folder));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    // The many sensors of that one take their time and have nothing that others do not have.
    let boards = files.filter(|path| {
        path.extension().is_some_and(|ending| ending == "toml")
            && !path.ends_with("sensors-200.toml")
    });
    boards.map(|path| fs::read_to_string(path).unwrap().parse().unwrap()).collect()
}

/// Something done to a value of a board.
#[derive(Clone, Debug)]
enum Edit {
    Remove,
    Number(i64),
    Text(&'static str),
    Flip,
    /// An array loses, doubles or exchanges items.
    Shorter,
    Longer,
    Swap,
}

fn edit() -> impl Strategy<Value = Edit> {
    let text = prop::sample::select(
        &[
            "1 ms", "3 s", "50 MHz", "1 V", "2 W", "vm1", "vm2", "other", "sine", "ramp", "all",
            "read",
        ][..],
    );
    prop_oneof![
        Just(Edit::Remove),
        prop_oneof![0_i64..4, 0_i64..200].prop_map(Edit::Number),
        text.prop_map(Edit::Text),
        Just(Edit::Flip),
        Just(Edit::Shorter),
        Just(Edit::Longer),
        Just(Edit::Swap),
    ]
}

/// The paths of all values.
fn paths(value: &Value, here: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    if !here.is_empty() {
        all.push(here.clone());
    }
    let mut down = |step: String, value: &Value| {
        here.push(step);
        paths(value, here, all);
        here.pop();
    };
    match value {
        Value::Table(table) => table.iter().for_each(|(key, value)| down(key.clone(), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| down(at.to_string(), value))
        }
        _ => {}
    }
}

fn find<'v>(value: &'v mut Value, path: &[String]) -> &'v mut Value {
    path.iter().fold(value, |value, step| match value {
        Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
        value => &mut value[step.as_str()],
    })
}

fn change(board: &mut Value, at: Index, edit: &Edit) {
    let mut all = Vec::new();
    paths(board, &mut Vec::new(), &mut all);
    let path = at.get(&all).clone();
    let (last, above) = path.split_last().unwrap();
    if let Edit::Remove = edit {
        match find(board, above) {
            Value::Array(items) => drop(items.remove(last.parse().unwrap())),
            Value::Table(table) => drop(table.remove(last)),
            _ => {}
        }
        return;
    }
    let value = find(board, &path);
    match (edit, &mut *value) {
        (Edit::Flip, Value::Boolean(flag)) => *flag = !*flag,
        (Edit::Shorter, Value::Array(items)) => drop(items.pop()),
        (Edit::Longer, Value::Array(items)) => items.extend(items.first().cloned()),
        (Edit::Swap, Value::Array(items)) => items.reverse(),
        (Edit::Number(number), Value::Float(_)) => *value = Value::Float(*number as f64),
        (Edit::Number(number), _) => *value = Value::Integer(*number),
        (Edit::Text(text), _) => *value = Value::String((*text).to_owned()),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_edit_arrives_as_a_whole_or_not_at_all(board in any::<Index>(), edits in prop::collection::vec((any::<Index>(), edit()), 1..4)) {
        let board = board.get(&BOARDS);
        let was = file(&board.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let mut changed = Value::Table(board.clone());
        edits.iter().for_each(|(at, edit)| change(&mut changed, *at, edit));
        // A board that cannot be served is refused before anything else.
        let Ok(is) = file(&changed.to_string()) else { return Ok(()) };
        let mut served = Served::new(&was);
        let before = served.dump();
        let revision = served.reload(&was, &is);
        if revision.refusals.is_empty() {
            prop_assert_eq!(served.differs(&Served::new(&is).dump()), None, "not all of it arrived");
            prop_assert_eq!(revision.changes.is_empty(), was.board.is_same_as(&is.board));
        } else {
            prop_assert_eq!(served.differs(&before), None, "some of it arrived");
            prop_assert_eq!(revision.changes, []);
            let whole = revision.refusals.iter().any(|one| one.change.key.is_empty() && one.change.item.is_empty());
            prop_assert!(!whole, "nobody can say what it is");
        }
    }
}
