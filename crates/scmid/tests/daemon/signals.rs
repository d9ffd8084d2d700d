//! Counters, by signal and at the end.

use rustix::process::Signal;
use scmi::agent::{CallError, CallerExt};
use scmi::protocol::sensor::wire::ConfigGet;
use scmi::wire::{ProtocolId, Status};

use crate::process::Daemon;

/// Sixteen good commands and two that are refused.
fn talk(daemon: &Daemon) {
    daemon.with("vm1", |client| {
        for _ in 0..16 {
            client.protocol_version(ProtocolId::BASE).expect("a version");
        }
        for _ in 0..2 {
            let answer = client.call(&ConfigGet { sensor: 99.into() });
            assert_eq!(answer, Err(CallError::Refused(Status::NOT_FOUND)));
        }
    });
}

const COUNTERS: &str =
    "counters agent=vm1 commands=18 answered=18 dropped=0 refused=2 notifications=0 delayed=0";
const MESSAGES: [&str; 2] = [
    "message agent=vm1 protocol=0x10 message=0x0 kind=command answered=16 refused=0",
    "message agent=vm1 protocol=0x15 message=0x9 kind=command answered=0 refused=2",
];
const REFUSED: &str = "refused agent=vm1 protocol=0x15 message=0x9 status=NOT_FOUND count=2";

#[test]
fn counters_are_logged_by_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    talk(&daemon);
    assert!(!daemon.log().contains("counters agent="));
    daemon.signal(Signal::USR1);
    daemon.wait_for("counters agent=vm2 commands=0");
    let log = daemon.log();
    let refused = log.find(REFUSED).unwrap_or_else(|| panic!("{log}"));
    let counters = log.find(COUNTERS).unwrap_or_else(|| panic!("{log}"));
    assert!(refused < counters, "whoever waits for the counters has seen the refusals");
    let all = MESSAGES.map(|line| log.find(line).unwrap_or_else(|| panic!("no {line} in {log}")));
    assert!(all.iter().all(|line| *line < counters), "and the messages");
    assert_eq!(log.matches("message agent=").count(), MESSAGES.len(), "only what went by: {log}");
    // It serves on.
    talk(&daemon);
}

#[test]
fn counters_are_logged_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    talk(&daemon);
    daemon.signal(Signal::TERM);
    let (status, log) = daemon.wait();
    assert_eq!(status.code(), Some(0));
    assert!(log.contains(COUNTERS) && log.contains(REFUSED), "{log}");
    assert!(MESSAGES.iter().all(|line| log.contains(line)), "{log}");
}

/// Whoever reads the log may go: the guests are served on.
#[test]
fn a_log_that_nobody_reads_ends_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut daemon = Daemon::start(folder.path());
    daemon.close_log();
    for _ in 0..5 {
        talk(&daemon);
        daemon.signal(Signal::USR1);
    }
    talk(&daemon);
    daemon.signal(Signal::TERM);
    let (status, _) = daemon.wait();
    assert_eq!(status.code(), Some(0));
}
