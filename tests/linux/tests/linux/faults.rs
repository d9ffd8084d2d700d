//! The boards in `examples/faults`: what Linux makes of a platform that misbehaves on purpose. docs/faults.md has it as a table.

use core::time::Duration;
use std::collections::BTreeMap;
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};
use scmi_board::Board as Checked;
use scmi_test_kit::{Board, Carrier, Guest, PATIENCE, workspace_root};
use scmi_tests_linux::Iio;

/// What is read of one sensor, and what Linux says of it.
struct Case {
    sensor: &'static str,
    /// The value, or the error.
    reads: &'static str,
    /// By how much which of Linux's counters rise that should not.
    counted: &'static [(&'static str, u64)],
    /// What the log says, in the order of its lines; nothing else about SCMI is in it.
    logged: &'static [&'static str],
}

/// A reading of which Linux notices nothing odd.
const fn unnoticed(sensor: &'static str, reads: &'static str) -> Case {
    Case { sensor, reads, counted: &[], logged: &[] }
}

const LATE: &[(&str, u64)] = &[("err_msg_unexpected", 1), ("xfers_response_timeout", 1)];
const NEVER: &[(&str, u64)] = &[("xfers_response_timeout", 1)];
const UNEXPECTED: &[(&str, u64)] = &[("err_msg_unexpected", 1)];
const REFUSED: &[(&str, u64)] = &[("err_protocol", 1)];

const TIMED_OUT: &str = "timed out in resp(";
const TIMED_OUT_LATER: &str = "timed out in delayed resp(";
const NOT_EXPECTED: &str = "type 0 is not expected!";
const DELAYED_NOT_EXPECTED: &str = "type 2 is not expected!";

/// What our own transport makes of what is no answer: the call ends with EPROTO, which Linux takes for a refusal.
const fn refused_by_ours(sensor: &'static str) -> Case {
    Case { sensor, reads: "Protocol error", counted: REFUSED, logged: &[] }
}

/// Whether the guest has our transport, `cargo xtask module test --all`, and not the kernel's own.
fn is_ours(guest: &Guest) -> bool {
    guest.image().carrier() == Carrier::Ours
}

/// A guest of one of the boards, that waits no longer than a second for an answer instead of a minute.
fn boot(board: &str) -> Result<Guest> {
    let board = Board::File(workspace_root().join(format!("examples/faults/{board}.toml")));
    let tree = "/ { firmware { scmi { arm,max-rx-timeout-ms = <1000>; }; }; };";
    let mut guest = Guest::builder().board(board).device_tree(tree).boot()?;
    guest.ok("dmesg -c > /dev/null")?;
    Ok(guest)
}

/// A command that reads a temperature once. `cat` would try again after an error.
fn reading(sensor: &str) -> String {
    format!(
        "cd $(dirname $(grep -l scmi_sensors /sys/class/hwmon/*/name)) &&\n\
         dd bs=64 count=1 2>/tmp/why if=$(grep -lx {sensor} *_label | sed s/label/input/) || sed 's/.*: //' /tmp/why"
    )
}

fn read(guest: &mut Guest, sensor: &str) -> Result<String> {
    Ok(guest.run(&reading(sensor))?.text.trim().to_owned())
}

/// Linux's counters of what should not happen.
fn bad(guest: &mut Guest) -> Result<BTreeMap<&'static str, u64>> {
    const NAMES: [&str; 6] = [
        "err_msg_invalid",
        "err_msg_nomem",
        "err_msg_unexpected",
        "err_protocol",
        "sent_fail",
        "xfers_response_timeout",
    ];
    let counters = guest.counters()?;
    NAMES.into_iter().map(|name| Ok((name, counters.get(name)?))).collect()
}

/// What was logged about SCMI since this was asked last, without times.
fn logged(guest: &mut Guest) -> Result<Vec<String>> {
    let log = guest.ok("dmesg -c")?;
    let lines = log.lines().filter(|line| line.contains("scmi")).map(str::to_owned);
    Ok(lines.collect())
}

/// Reads each sensor and holds what comes of it against what is known of Linux.
fn go_through(guest: &mut Guest, cases: &[Case]) -> Result<()> {
    for case in cases {
        let sensor = case.sensor;
        let before = bad(guest)?;
        assert_eq!(read(guest, sensor)?, case.reads, "{sensor}");
        let mut expected = before;
        case.counted.iter().for_each(|(name, more)| *expected.entry(name).or_default() += more);
        // What is late comes after the reading.
        let start = Instant::now();
        while bad(guest)? != expected && start.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(bad(guest)?, expected, "{sensor}");
        let lines = logged(guest)?;
        let mut rest = lines.iter();
        for wanted in case.logged {
            assert!(rest.any(|line| line.contains(wanted)), "{sensor}: no {wanted} in {lines:#?}");
        }
        assert!(!case.logged.is_empty() || lines.is_empty(), "{sensor}: {lines:#?}");
    }
    Ok(())
}

/// Ends and starts the driver, as an administrator would when nothing else helps.
fn bind_again(guest: &mut Guest) -> Result<()> {
    guest.ok(
        "cd /sys/bus/virtio/drivers/scmi-virtio && echo virtio0 > unbind && echo virtio0 > bind",
    )?;
    guest.wait_until("grep -q scmi_sensors /sys/class/hwmon/*/name 2>/dev/null")?;
    Ok(())
}

/// Every fault of the guest's board did something.
fn all_were_done(guest: &mut Guest, board: &str) -> Result<()> {
    let path = workspace_root().join(format!("examples/faults/{board}.toml"));
    let scmid = guest.scmid()?;
    scmid.counters("vm1")?;
    let log = scmid.log();
    for rule in Checked::load(path)?.faults {
        let name = format!("fault {:?} ", rule.name);
        let line = log.lines().rev().find(|line| line.contains(&name));
        for kind in rule.acts.kinds() {
            let done = format!(" {kind}=");
            ensure!(
                line.is_some_and(|line| line.contains(&done)),
                "{name}: {kind} not done: {line:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn late_and_lost_answers() -> Result<()> {
    let mut guest = boot("late")?;
    let cases = [
        unnoticed("fine", "30000"),
        unnoticed("slow", "31000"),
        Case {
            sensor: "late",
            reads: "Connection timed out",
            counted: LATE,
            logged: &[TIMED_OUT, NOT_EXPECTED],
        },
        Case {
            sensor: "never",
            reads: "Connection timed out",
            counted: NEVER,
            logged: &[TIMED_OUT],
        },
        Case {
            sensor: "never",
            reads: "Connection timed out",
            counted: NEVER,
            logged: &[TIMED_OUT],
        },
        unnoticed("never", "33000"),
        // No counter knows of delayed responses that do not come.
        Case {
            sensor: "delayed-late",
            reads: "Connection timed out",
            counted: UNEXPECTED,
            logged: &[TIMED_OUT_LATER, DELAYED_NOT_EXPECTED],
        },
        unnoticed("delayed-late", "35000"),
        Case {
            sensor: "delayed-never",
            reads: "Connection timed out",
            counted: &[],
            logged: &[TIMED_OUT_LATER],
        },
        unnoticed("delayed-never", "36000"),
    ];
    go_through(&mut guest, &cases)?;
    // Two readings at once, the answer to the first of which comes last.
    let both = format!(
        "({}) > /tmp/swapped & sleep 0.2; ({}); wait; cat /tmp/swapped",
        reading("swapped"),
        reading("fine").replace("/tmp/why", "/tmp/why2")
    );
    assert_eq!(guest.ok(&both)?, "30000\n34000", "each has its own");
    all_were_done(&mut guest, "late")
}

#[test]
fn wrong_answers() -> Result<()> {
    let mut guest = boot("wrong")?;
    let ours = is_ours(&guest);
    let judged = |case: Case| if ours { refused_by_ours(case.sensor) } else { case };
    let ignored =
        |sensor, logged, counted| Case { sensor, reads: "Connection timed out", counted, logged };
    let cases = [
        Case { sensor: "busy", reads: "Device or resource busy", counted: REFUSED, logged: &[] },
        // Linux takes what is not there out of its own request, which begins with the sensor's id.
        unnoticed("empty-success", "2"),
        unnoticed("cut", "33000"),
        judged(unnoticed("no-status", "4")),
        judged(ignored("nothing", &[NOT_EXPECTED, TIMED_OUT], LATE)),
        unnoticed("long", "36000"),
        unnoticed("garbled", "-1"),
        judged(ignored("token", &[NOT_EXPECTED, TIMED_OUT], LATE)),
        judged(ignored("type-1", &["scmi_rx_callback", TIMED_OUT], NEVER)),
        judged(ignored(
            "type-2",
            &["not expected! Buggy F/W", "Invalid message type:2", TIMED_OUT],
            &[("err_msg_invalid", 1), ("xfers_response_timeout", 1)],
        )),
        judged(unnoticed("protocol", "41000")),
        judged(unnoticed("message", "42000")),
        judged(unnoticed("reserved", "43000")),
        judged(unnoticed("used-none", "14")),
        unnoticed("used-less", "15"),
        judged(unnoticed("used-more", "46000")),
        unnoticed("fine", "30000"),
    ];
    go_through(&mut guest, &cases)?;
    all_were_done(&mut guest, "wrong")
}

#[test]
fn a_buffer_that_is_used_twice_ends_it_until_the_driver_is_bound_again() -> Result<()> {
    let mut guest = boot("twice")?;
    if is_ours(&guest) {
        return a_buffer_that_is_used_twice_costs_a_reset(&mut guest);
    }
    let broken = Case {
        sensor: "fine",
        reads: "Input/output error",
        counted: &[("sent_fail", 1)],
        logged: &["failed to add to TX virtqueue (-5)"],
    };
    let cases = [
        unnoticed("fine", "30000"),
        Case { sensor: "twice", reads: "31000", counted: &[], logged: &["is not a head!"] },
        broken,
    ];
    go_through(&mut guest, &cases)?;
    all_were_done(&mut guest, "twice")?;
    bind_again(&mut guest)?;
    assert_eq!(read(&mut guest, "fine")?, "30000");
    Ok(())
}

/// Ours has the device reset, without being asked.
fn a_buffer_that_is_used_twice_costs_a_reset(guest: &mut Guest) -> Result<()> {
    assert_eq!(read(guest, "twice")?, "31000");
    guest.wait_until("dmesg | grep -q 'the device works again'")?;
    assert_eq!(read(guest, "fine")?, "30000");
    all_were_done(guest, "twice")
}

#[test]
fn what_should_not_come_on_the_event_queue() -> Result<()> {
    let mut guest = boot("events")?;
    let cases = [
        if is_ours(&guest) {
            refused_by_ours("event-queue")
        } else {
            // It comes as good as anywhere; the empty buffer does not.
            Case {
                sensor: "event-queue",
                reads: "31000",
                counted: UNEXPECTED,
                logged: &[NOT_EXPECTED],
            }
        },
        Case {
            sensor: "unrequested",
            reads: "32000",
            counted: UNEXPECTED,
            logged: &[DELAYED_NOT_EXPECTED],
        },
        Case {
            sensor: "delayed-token",
            reads: "Connection timed out",
            counted: UNEXPECTED,
            logged: &[DELAYED_NOT_EXPECTED, TIMED_OUT_LATER],
        },
        unnoticed("delayed-token", "34000"),
    ];
    go_through(&mut guest, &cases)?;
    // Counted as a refusal only if it comes before the immediate answer was looked at.
    assert_eq!(read(&mut guest, "delayed-status")?, "Remote I/O error");
    doubled(&mut guest)?;
    notifications(&mut guest)?;
    all_were_done(&mut guest, "events")
}

/// The second of two delayed responses finds its command or does not, as it happens.
fn doubled(guest: &mut Guest) -> Result<()> {
    let count = |guest: &mut Guest| -> Result<u64> {
        let bad = bad(guest)?;
        Ok(bad["err_msg_invalid"] + bad["err_msg_unexpected"])
    };
    let before = count(guest)?;
    assert_eq!(read(guest, "delayed-twice")?, "33000");
    let start = Instant::now();
    while count(guest)? == before {
        ensure!(start.elapsed() < PATIENCE, "the second one was not noticed");
    }
    assert_eq!(count(guest)?, before + 1);
    let lines = logged(guest)?;
    let noticed = |line: &String| line.contains("type:2") || line.contains(DELAYED_NOT_EXPECTED);
    assert!(lines.iter().any(noticed), "{lines:#?}");
    Ok(())
}

fn notifications(guest: &mut Guest) -> Result<()> {
    let steps = |guest: &mut Guest, name: &str| -> Result<Vec<i64>> {
        let device = Iio::find(guest, name)?;
        device.start(guest, "accel", "100")?;
        let samples = device.samples(guest, 20)?;
        device.stop(guest)?;
        Ok(samples.windows(2).map(|pair| (pair[1].time - pair[0].time) / 1_000_000).collect())
    };
    // The times are the platform's. On a busy machine more may be missing; most are not.
    let lossy = steps(guest, "lossy")?;
    assert!(lossy.iter().filter(|step| (15..=25).contains(*step)).count() > 10, "{lossy:?}");
    let repeated = steps(guest, "repeated")?;
    assert!(repeated.iter().filter(|step| **step == 0).count() >= 9, "{repeated:?}");
    assert_eq!(logged(guest)?, [""; 0], "nothing odd about that");

    for name in ["garbled", "short"] {
        steps(guest, name)?;
        let lines = logged(guest)?;
        let report = lines.iter().any(|line| line.contains("report not available"));
        assert!(report, "{name}: {lines:#?}");
    }
    let received = |guest: &mut Guest| guest.counters()?.get("notification_ok");
    let before = received(guest)?;
    steps(guest, "flood")?;
    let start = Instant::now();
    while received(guest)? < before + 2000 {
        ensure!(start.elapsed() < PATIENCE, "{} of 2000 came", received(guest)? - before);
    }
    steps(guest, "flood")?;
    wedged(guest)
}

/// A notification with nothing in it ends those of its protocol, unless our transport drops it.
fn wedged(guest: &mut Guest) -> Result<()> {
    let device = Iio::find(guest, "empty")?;
    device.start(guest, "accel", "100")?;
    if is_ours(guest) {
        guest.wait_until("[ $(cat /sys/kernel/debug/scmi_virtio/events_bad) -gt 1 ]")?;
        assert_eq!(device.samples(guest, 20)?.len(), 20, "the others come");
        return Ok(());
    }
    guest.wait_until("dmesg | grep -q 'queue full, dropping proto_id:21'")?;
    assert_eq!(read(guest, "fine")?, "30000", "answers come");
    bind_again(guest)?;
    let device = Iio::find(guest, "empty")?;
    device.start(guest, "accel", "100")?;
    assert_eq!(device.samples(guest, 20)?.len(), 20);
    Ok(())
}

#[test]
fn every_board_of_faults_is_here() -> Result<()> {
    let folder = workspace_root().join("examples/faults");
    let mut names = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        names.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        let text = std::fs::read_to_string(&path)?;
        assert!(text.starts_with("#:schema ../../docs/board.schema.json\n"), "{path:?}");
        Checked::load(&path)?;
    }
    names.sort();
    assert_eq!(names, ["events", "late", "twice", "wrong"]);
    Ok(())
}
