//! Decoding from the command line and from standard input.

use crate::common::{scmictl, scmictl_with_input, stderr, stdout};

#[test]
fn bytes_and_words_say_the_same() {
    let bytes = stdout(&scmictl(&["decode", "06 54 14 00", "03000000", "00000000"]));
    let words = stdout(&scmictl(&["decode", "--words", "0x00145406", "3", "0"]));
    assert_eq!(bytes, words);
    assert_eq!(
        bytes,
        "command sensor SENSOR_READING_GET (0x15:0x6), token 5\n  \
           sensor_id: 3\n  \
           flags: 0x00000000\n"
    );
}

#[test]
fn direction_and_version_can_be_given() {
    let message = ["decode", "--words", "0x4007", "0", "0x316d76", "0", "0", "0"];
    let old = [&message[..], &["--response", "--protocol-version", "1.0"]].concat();
    assert!(stdout(&scmictl(&old)).ends_with("  status: SUCCESS (0)\n  name: \"vm1\"\n"));
    let new = [&message[..], &["--response"]].concat();
    assert!(stdout(&scmictl(&new)).contains("! ends within name: 16 bytes wanted, 12 there"));
}

#[test]
fn every_line_of_the_input_is_a_message() {
    let input = "00400000\n\n0x00, 0x54, 0x0, 0x0\n";
    let text = stdout(&scmictl_with_input(&["decode"], input));
    assert_eq!(
        text,
        "command base PROTOCOL_VERSION (0x10:0x0), token 0\n\n\
         command sensor PROTOCOL_VERSION (0x15:0x0), token 0\n"
    );
    let json = stdout(&scmictl_with_input(&["decode", "--json"], input));
    let documents: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    let protocols: Vec<_> =
        documents.iter().map(|document| document["protocol"]["name"].as_str()).collect();
    assert_eq!(protocols, [Some("base"), Some("sensor")]);
}

#[test]
fn what_is_no_message_is_refused() {
    let text = stderr(&scmictl_with_input(&["decode"], "00400000\nzz\n"), 4);
    assert_eq!(text, "scmictl: line 2: \"zz\" is not hex\n");
    let text = stderr(&scmictl(&["decode", "0x00145406"]), 4);
    assert!(text.contains("--words"), "{text}");
    stderr(&scmictl(&["decode", "--protocol-version", "new", "00"]), 2);
}

/// Whoever closes our output has seen enough.
#[test]
fn a_closed_pipe_is_success() {
    let script = format!(
        "yes 00400000 | head -n 20000 | {{ {} decode; echo \"ended with $?\" >&2; }} | head -n 1",
        env!("CARGO_BIN_EXE_scmictl")
    );
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("sh runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors.trim(), "ended with 0");
}
