//! Whose sockets are whose.

use std::fs;
use std::os::unix::net::UnixListener;

use rustix::process::Signal;

use crate::process::{Daemon, demo_board, refused, run};

fn serve(directory: &str) -> Vec<String> {
    let board = demo_board().display().to_string();
    ["--board", &board, "--socket-dir", directory].map(String::from).to_vec()
}

#[test]
fn the_sockets_are_there_while_it_serves_and_gone_after() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = Daemon::start(folder.path());
        assert!(daemon.socket("vm1").exists() && daemon.socket("vm2").exists());
        daemon.signal(signal);
        let (status, log) = daemon.wait();
        assert_eq!(status.code(), Some(0), "{log}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "all removed");
    }
}

#[test]
fn sockets_of_a_dead_process_are_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    daemon.signal(Signal::KILL);
    let (status, _) = daemon.wait();
    assert_eq!(status.code(), None);
    assert!(folder.path().join("vm1.sock").exists(), "nobody could remove it");
    let daemon = Daemon::start(folder.path());
    drop(daemon.connect("vm1"));
}

#[test]
fn sockets_of_a_living_process_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    let directory = folder.path().display().to_string();
    let text = refused(&run(&serve(&directory)), 4);
    assert!(text.contains("agent vm1 cannot be served"), "{text}");
    assert!(text.contains("vm1.sock is in use by a living process"), "{text}");
    assert!(daemon.socket("vm2").exists());
    drop(daemon.connect("vm1"));
}

/// When the second agent's socket cannot be had, the first one's is given back.
#[test]
fn all_sockets_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("vm2.sock");
    let _listener = UnixListener::bind(&taken).expect("a socket");
    let text = refused(&run(&serve(&folder.path().display().to_string())), 4);
    assert!(text.contains("agent vm2 cannot be served"), "{text}");
    assert!(taken.exists());
    assert!(!folder.path().join("vm1.sock").exists());
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vm1.sock");
    fs::write(&file, "precious").expect("written");
    let text = refused(&run(&serve(&folder.path().display().to_string())), 4);
    assert!(text.contains("is there and no socket"), "{text}");
    assert_eq!(fs::read_to_string(&file).expect("still there"), "precious");
}

#[test]
fn a_directory_that_is_not_there_is_said() {
    let text = refused(&run(&serve("/nonexistent/sockets")), 4);
    assert!(text.contains("/nonexistent/sockets/vm1.sock: No such file or directory"), "{text}");
}
