//! A platform that is right breaks no rule; one that is made to break a rule is found to break that one.

mod faults;
mod wrong;

use core::time::Duration;

use scmi::platform::{AgentId, Platform};
use scmi::protocol;
use scmi::transport::{Limits, Loopback};
use scmi::wire::{MessageId, ProtocolId};
use scmi_board::Board;

use self::faults::{FAULTS, Fault};
use self::wrong::Wrong;
use super::asker::Way;
use super::layout::{Class, class};
use super::report::Report;
use super::{check, rules};

const WAY: Way = Way { whole: true, virtio: true };

/// The demo board, which has something of every protocol, and clocks of which one can have several parents.
fn platform() -> Platform {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/demo.toml");
    Board::load(path).expect("a board").platform().expect("a platform")
}

fn loopback() -> Loopback {
    let limits = Limits { in_flight: 32, max_message: 136, p2a: true };
    Loopback::with_limits(platform(), AgentId::from_index(0).expect("the first"), limits)
}

/// What is found of a platform with this fault. Everything is looked at.
fn found(fault: Fault) -> Report {
    let mut channel = Wrong::new(loopback(), fault);
    check(&mut channel, WAY, Duration::from_secs(5), 0, true)
}

#[test]
fn a_platform_that_is_right_breaks_no_rule_and_is_held_against_all() {
    for write in [false, true] {
        let report = check(&mut loopback(), WAY, Duration::from_secs(5), 1000, write);
        let mut text = Vec::new();
        report.write(&mut text).expect("a buffer takes all");
        let text = String::from_utf8(text).expect("text");
        assert_eq!(report.broken(), [""; 0], "{text}");
        let without: &[&str] = match write {
            false => &["negotiated", "notify-offered", "set-same", "set-read-back"],
            true => &[],
        };
        assert_eq!(report.unchecked(), without);
        assert_eq!(report.document()["conforms"], true);
    }
}

#[test]
fn each_fault_is_found_by_its_rule() {
    for (rule, fault) in FAULTS {
        let report = found(*fault);
        assert!(report.broken().contains(&rule.id), "{}: only {:?}", rule.id, report.broken());
        let finding = report.findings.iter().find(|finding| finding.rule == *rule);
        let finding = finding.expect("what was counted is told");
        assert!(!finding.expected.is_empty(), "{}", rule.id);
    }
}

#[test]
fn every_rule_has_a_fault_that_breaks_it() {
    for rule in rules::ALL {
        assert!(FAULTS.iter().any(|(broken, _)| broken == rule), "{}", rule.id);
    }
}

#[test]
fn a_finding_names_rule_request_answer_and_what_was_expected() {
    let (_, fault) =
        FAULTS.iter().find(|(rule, _)| *rule == rules::STATUS_ALONE).expect("every rule has one");
    let report = found(*fault);
    let mut text = Vec::new();
    report.write(&mut text).expect("a buffer takes all");
    let text = String::from_utf8(text).expect("text");
    for wanted in [
        "status-alone (section virtio R4): on an error the answer is the status alone, 8 bytes",
        "  request   00 ",
        "  answer    00 ",
        "status: NOT_SUPPORTED (-1)",
        "  expected  NOT_SUPPORTED in 8 bytes",
        "broken  status-alone",
    ] {
        assert!(text.contains(wanted), "no {wanted:?} in:\n{text}");
    }
    let document = report.document();
    assert_eq!(document["conforms"], false);
    let finding = &document["findings"][0];
    assert_eq!(finding["rule"], "status-alone");
    assert_eq!(finding["answer"]["message"]["fields"]["status"]["name"], "NOT_SUPPORTED");
    assert!(finding["request"]["hex"].is_string() && finding["expected"].is_string());
}

#[test]
fn who_stops_answering_is_left_alone() {
    let report = found(|asked, answer| {
        // At the first command that is too long.
        if (asked.protocol, asked.message) == (0x10, 0x6) && asked.params.len() == 2 {
            asked.stays.set(true);
        }
        if asked.stays.get() {
            *answer = None;
        }
    });
    assert_eq!(report.broken(), ["answered"]);
    let stopped = report.document()["stopped_after"].clone();
    assert!(stopped.as_str().is_some_and(|hex| hex.starts_with("06 40")), "{stopped}");
    assert!(report.stopped.is_some());
}

#[test]
fn a_long_name_of_sixteen_bytes_is_a_name() {
    let board = "platform.vendor = \"acme\"\nagent = [{ name = \"vm1\" }]\n\
                 sensor = [{ name = \"sixteen letters!\", type = \"temperature\", source = 1 }]\n";
    let platform = Board::parse(board, "board").expect("a board").platform().expect("a platform");
    let limits = Limits { in_flight: 32, max_message: 136, p2a: true };
    let mut channel =
        Loopback::with_limits(platform, AgentId::from_index(0).expect("the first"), limits);
    let report = check(&mut channel, WAY, Duration::from_secs(5), 0, true);
    assert_eq!(report.broken(), [""; 0]);
    assert!(!report.unchecked().contains(&"name-extended"));
}

#[test]
fn what_raw_mode_loses_is_no_fault_of_the_platform() {
    let way = Way { whole: false, virtio: false };
    let mut channel = Wrong::new(loopback(), |asked, answer| {
        // A page of 31 voltages would be 128 bytes.
        let long = answer.as_ref().is_some_and(|bytes| bytes.len() > 8);
        if (asked.protocol, asked.message) == (0x17, 0x4) && long {
            *answer = None;
        }
    });
    let report = check(&mut channel, way, Duration::from_secs(5), 0, false);
    assert_eq!(report.broken(), [""; 0]);
    assert!(report.unseen > 0 && report.stopped.is_none());
    let mut text = Vec::new();
    report.write(&mut text).expect("a buffer takes all");
    let text = String::from_utf8(text).expect("text");
    assert!(text.contains("lists not seen"), "{text}");
}

#[test]
fn nothing_is_set_and_no_notification_turned_on_unless_it_is_asked_for() {
    let mut channel = Wrong::new(loopback(), |asked, answer| {
        let protocol = protocol::find(ProtocolId(asked.protocol));
        let Some(info) = protocol.and_then(|known| known.command(MessageId(asked.message))) else {
            return;
        };
        let accepted = answer.as_ref().is_some_and(|bytes| bytes.get(4..8) == Some(&[0; 4]));
        let command = asked.word >> 8 & 3 == 0;
        assert!(
            class(info) == Class::Read || !command || !accepted,
            "{} {:x?} was done",
            info.name,
            asked.params
        );
    });
    let report = check(&mut channel, WAY, Duration::from_secs(5), 0, false);
    assert_eq!(report.broken(), [""; 0]);
}
