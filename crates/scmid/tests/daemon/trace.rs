//! `--trace`: what is in the file, and what happens when it cannot be written.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::sensor::wire::Reading;
use scmi_trace::{Channel, Item, Kind, Matcher, Packet, Reader};

use crate::process::{Daemon, demo_board, refused, run};

fn start(folder: &Path, trace: &Path, more: &[&str]) -> Daemon {
    let mut arguments = vec!["--trace".as_ref(), trace.as_os_str()];
    arguments.extend(more.iter().map(std::ffi::OsStr::new));
    Daemon::start_with(&demo_board(), folder, &arguments)
}

/// Reads a sensor as this agent, often enough to say something.
fn talk(daemon: &Daemon, agent: &str) {
    daemon.with(agent, |client| {
        let mut sensors = Sensors::open(client).expect("sensors");
        let mut reading = [Reading { value: 0.into(), timestamp: 0.into() }];
        for _ in 0..40 {
            sensors.read(0, &mut reading).expect("a reading");
        }
    });
}

fn packets(path: &Path) -> Vec<Packet> {
    let items = Reader::new(File::open(path).expect("the trace"));
    let packet = |item| if let Item::Packet(packet) = item { Some(packet) } else { None };
    items.filter_map(|item| packet(item.expect("a good trace"))).collect()
}

/// Ends the daemon; what it said of an agent in the line `what`, by name.
fn end(daemon: Daemon, what: &str, agent: &str) -> Vec<(String, u64)> {
    daemon.signal(Signal::TERM);
    let (status, log) = daemon.wait();
    assert!(status.success(), "{log}");
    let start = format!("{what} agent={agent} ");
    let line = log.lines().rev().find_map(|line| line.split_once(&start)).expect("a line").1;
    let pairs = line.split_whitespace().filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, count)| (name.to_owned(), count.parse().expect("a number"))).collect()
}

#[test]
fn every_message_is_in_the_file_as_the_daemon_counted_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let trace = folder.path().join("trace.pcapng");
    let daemon = start(folder.path(), &trace, &[]);
    talk(&daemon, "vm1");
    talk(&daemon, "vm2");
    let counters = end(daemon, "counters", "vm1");
    let packets = packets(&trace);
    let of = |kind| packets.iter().filter(move |p| &*p.agent == "vm1" && p.kind == kind);
    let counted = |name: &str| counters.iter().find(|(known, _)| known == name).expect(name).1;
    assert_eq!(of(Kind::Command).count() as u64, counted("commands"));
    assert_eq!(of(Kind::Answer).count() as u64, counted("answered"));
    assert!(counted("commands") > 40, "{counters:?}");
    assert!(of(Kind::Command).all(|p| p.channel == Channel::A2p && p.room > 0 && !p.altered));
    assert_eq!(of(Kind::Note).count(), 2, "its driver began and ended");
    assert!(packets.iter().any(|packet| &*packet.agent == "vm2"));
    let mut matcher = Matcher::new();
    let matched = packets.iter().filter(|packet| matcher.see(packet).is_some()).count();
    assert_eq!(matched, packets.iter().filter(|packet| packet.kind == Kind::Answer).count());
}

#[test]
fn a_full_disk_or_a_limit_ends_the_trace_and_not_the_daemon() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path(), Path::new("/dev/full"), &[]);
    daemon.wait_for("the trace has ended: its file cannot be written");
    talk(&daemon, "vm1");
    let counts = end(daemon, "trace", "vm1");
    assert_eq!(counts[0].1, counts[1].1, "all of it is lost: {counts:?}");

    let trace = folder.path().join("trace.pcapng");
    let daemon = start(folder.path(), &trace, &["--trace-limit", "2k"]);
    talk(&daemon, "vm1");
    daemon.wait_for("the trace has ended: its file has the 2048 bytes");
    talk(&daemon, "vm1");
    drop(daemon);
    assert!(std::fs::metadata(&trace).expect("file").len() <= 2048);
    assert!(!packets(&trace).is_empty());
}

#[test]
fn a_fifo_s_reader_sees_messages_while_the_daemon_serves_and_may_leave() {
    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs");
    assert!(made.success());
    let from = fifo.clone();
    // The daemon waits for us, and we for it.
    let opening = std::thread::spawn(move || File::open(from).expect("the fifo"));
    let daemon = start(folder.path(), &fifo, &[]);
    let mut items = Reader::new(opening.join().expect("opened"));
    talk(&daemon, "vm2");
    let Some(Ok(Item::Packet(first))) = items.next() else { panic!("no packet") };
    assert_eq!((&*first.agent, first.kind), ("vm2", Kind::Note));
    drop(items);
    talk(&daemon, "vm1");
    daemon.wait_for("the trace has ended: its file cannot be written: Broken pipe");
    talk(&daemon, "vm1");
}

#[test]
fn a_trace_goes_to_standard_output_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let board = demo_board();
    let script = "\"$0\" --board \"$1\" --socket-dir \"$2\" --trace - > \"$2/out\" & \
                  pid=$!; while [ ! -S \"$2/vm1.sock\" ]; do sleep 0.05; done; kill $pid; wait $pid";
    let status = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_scmid")])
        .args([board.as_path(), folder.path()])
        .status();
    assert!(status.expect("sh runs").success());
    let items = Reader::new(File::open(folder.path().join("out")).expect("the output"));
    let items: Vec<_> = items.map(|item| item.expect("a good trace")).collect();
    assert!(items.iter().all(|item| matches!(item, Item::Statistics(_))), "{items:?}");
    assert_eq!(items.len(), 3, "an agent each");
}

#[test]
fn a_file_that_cannot_be_opened_ends_the_daemon_before_it_serves() {
    let folder = tempfile::tempdir().expect("a folder");
    let board = demo_board();
    let output = run(&[
        "--board".as_ref(),
        board.as_os_str(),
        "--socket-dir".as_ref(),
        folder.path().as_os_str(),
        "--trace".as_ref(),
        "/nonexistent/trace".as_ref(),
    ]);
    let message = refused(&output, 1);
    assert!(message.contains("cannot write the trace to /nonexistent/trace"), "{message}");
}

#[test]
fn what_is_done_on_purpose_is_in_the_trace_as_the_guest_saw_it_and_marked() {
    let folder = tempfile::tempdir().expect("a folder");
    let trace = folder.path().join("trace.pcapng");
    let examples = demo_board().with_file_name("faults");
    let arguments = ["--trace".as_ref(), trace.as_os_str()];
    let daemon = Daemon::start_with(&examples.join("wrong.toml"), folder.path(), &arguments);
    daemon.with("vm1", |client| {
        let mut sensors = Sensors::open(client).expect("sensors");
        let mut reading = [Reading { value: 0.into(), timestamp: 0.into() }];
        sensors.read(0, &mut reading).expect("this one is fine");
        // BUSY, cut to 12 bytes, and nothing at all.
        for sensor in [1, 3, 5] {
            sensors.read(sensor, &mut reading).expect_err("a fault");
        }
    });
    daemon.signal(Signal::TERM);
    daemon.wait();
    let packets = packets(&trace);
    let altered: Vec<_> = packets.iter().filter(|packet| packet.altered).collect();
    let seen: Vec<_> = altered.iter().map(|packet| (packet.kind, packet.used)).collect();
    assert_eq!(seen, [(Kind::Answer, 8), (Kind::Answer, 12), (Kind::Dropped, 0)], "{altered:?}");
    let comments: Vec<_> = altered.iter().map(|packet| packet.comments.concat()).collect();
    assert!(comments[0].contains("status"), "{comments:?}");
    assert!(comments[1..].iter().all(|comment| comment.contains("truncate")), "{comments:?}");
    assert_eq!(altered[0].message[4..8], (-6_i32).to_le_bytes(), "BUSY, as the guest saw it");
}
