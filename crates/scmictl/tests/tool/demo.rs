//! The demonstration.

use std::process::Command;

use serde_json::Value;

use crate::common::{scmictl, stderr, stdout};

#[test]
fn the_demo_shows_every_way_that_a_message_can_come() {
    let text = stdout(&scmictl(&["--json", "demo", "--seconds", "4"]));
    let records: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    let found = records.first().expect("what was found");
    assert_eq!(found["platform"]["vendor"], "acme");
    assert_eq!(found["sensors"].as_array().map(Vec::len), Some(17));
    let end = records.last().expect("the end");
    assert_eq!(end["event"], "end");
    assert_eq!(end["answered"], end["commands"]);
    assert_eq!(end["refused"], 0);
    assert_eq!(end["delayed"], 2, "a reading and a clock's rate");
    for wanted in ["asynchronously from 1.2 GHz to 1.3 GHz", "raised from 1000", "draws"] {
        let told =
            |record: &Value| record["text"].as_str().is_some_and(|text| text.contains(wanted));
        assert!(records.iter().any(told), "nothing of {wanted:?} in:\n{text}");
    }
    assert_eq!(end["socket_gone"], true);
    let count = |name: &str| end[name].as_u64().expect("a number");
    assert!(count("updates") > 0, "{end}");
    assert!(count("crossings") > 0, "{end}");
    assert!(count("notifications") >= count("updates") + count("crossings"), "{end}");
}

#[test]
fn on_a_pipe_it_is_plain_lines() {
    let text = stdout(&scmictl(&["demo", "--seconds", "2"]));
    assert!(!text.contains('\u{1b}'), "no terminal, no escapes: {text}");
    for wanted in ["acme demo", "accelerometer", "0 refused", "the socket is gone"] {
        assert!(text.contains(wanted), "no {wanted:?} in:\n{text}");
    }
}

/// Whoever watches may go at any moment.
#[test]
fn a_closed_pipe_ends_it_well() {
    let script = format!(
        "{{ {} demo --seconds 60; echo \"ended with $?\" >&2; }} | head -n 1",
        env!("CARGO_BIN_EXE_scmictl")
    );
    let output = Command::new("sh").args(["-c", &script]).output().expect("sh runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim(), "ended with 0");
}

#[test]
fn a_board_of_one_s_own_is_shown_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("board.toml");
    let board = "[platform]\nvendor = \"mine\"\n[[agent]]\nname = \"me\"\n";
    std::fs::write(&path, board).expect("written");
    let shown =
        stdout(&scmictl(&["demo", "--seconds", "0.2", "--board", path.to_str().expect("text")]));
    assert!(shown.contains("mine"), "{shown}");
    assert!(shown.contains("we are me"), "{shown}");
    std::fs::write(&path, "[platform]\n").expect("written");
    stderr(&scmictl(&["demo", "--board", path.to_str().expect("text")]), 4);
    stderr(&scmictl(&["demo", "--seconds", "no"]), 2);
}
