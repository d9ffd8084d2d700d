//! SPECIFICATION.md names the test of each promise; each name must be one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of all functions in the Rust files below a folder.
fn functions(folder: &Path, into: &mut BTreeSet<String>) {
    let entries = fs::read_dir(folder).expect("a folder of the tree");
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            functions(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let names = text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
            into.extend(names.map(str::to_owned));
        }
    }
}

#[test]
fn every_promise_names_tests_that_exist() {
    let mut known = BTreeSet::new();
    for folder in ["crates", "tests", "bench", "xtask"] {
        functions(&root().join(folder), &mut known);
    }
    let text = fs::read_to_string(root().join("SPECIFICATION.md")).expect("SPECIFICATION.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.contains("| held by |"));
    let mut promises = 0;
    for row in rows {
        let held_by = row.trim_end_matches('|').rsplit(" | ").next().expect("a last column");
        if held_by.starts_with("the checks ") {
            continue;
        }
        let names: Vec<&str> = held_by.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test holds: {row}");
        for name in names {
            assert!(known.contains(name), "there is no test {name}: {row}");
        }
        promises += 1;
    }
    assert!(promises > 30, "only {promises} promises were found");
}
