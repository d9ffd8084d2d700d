//! `--check`, and boards that are refused.

use std::fs;

use crate::process::{demo_board, refused, run};

#[test]
fn a_good_board_is_summed_up() {
    let board = demo_board();
    let output = run(&["--board".as_ref(), board.as_os_str(), "--check".as_ref()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(refused(&output, 0), "", "nothing to complain about");
    assert!(text.contains("demo.toml: good"), "{text}");
    assert!(text.contains("acme demo"), "{text}");
    assert!(text.contains("vm1, vm2"), "{text}");
    assert!(text.contains("4 temperature"), "{text}");
}

#[test]
fn a_bad_board_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bad.toml");
    let text = "[platform]\nvendor = \"acme\"\n[[agent]]\nname = \"vm1\"\n\
                [[sensor]]\nname = \"t\"\ntype = \"temprature\"\nsource = 3\n";
    fs::write(&path, text).expect("written");
    for arguments in [&["--check"][..], &["--socket-dir", "/nonexistent"]] {
        let mut all = vec!["--board", path.to_str().expect("text")];
        all.extend(arguments);
        let text = refused(&run(&all), 3);
        assert!(text.contains("bad.toml:7:8: "), "{text}");
        assert!(text.contains("temprature"), "{text}");
    }
}

#[test]
fn a_board_that_is_not_there_is_refused() {
    let text = refused(&run(&["--board", "/nonexistent.toml", "--check"]), 3);
    assert_eq!(
        text,
        "scmid: /nonexistent.toml: cannot be read: No such file or directory (os error 2)\n"
    );
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused() {
    refused(&run(&["--board", "x.toml"]), 2);
    refused(&run(&["--socket-dir", "/tmp"]), 2);
    let text = refused(&run(&["--board", "x.toml", "--check", "--log", "scmid=loud"]), 2);
    assert!(text.contains("scmid=loud"), "{text}");
}

#[test]
fn help_says_the_exit_codes_and_how_to_attach_a_guest() {
    let output = run(&["--help"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    for wanted in ["Exit codes:", "SIGUSR1", "vhost-user-scmi-pci", "SCMID_LOG"] {
        assert!(text.contains(wanted), "no {wanted} in:\n{text}");
    }
}
