//! Decoding of traces.

use std::path::Path;

use scmi_trace::{Channel, Entry, Kind, Tracer};
use serde_json::{Value, json};

use crate::common::{scmictl, stderr, stdout};

/// The bytes of words.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Writes a trace of what two agents say.
fn write(path: &Path) {
    let file = std::fs::File::create(path).expect("file");
    let (tracer, mut ports) = Tracer::start(file, &["vm1", "vm2"], None).expect("start");
    let mut record = |agent: usize, kind, message: &[u32], reason, mark| {
        let p2a = matches!(kind, Kind::Event | Kind::Returned);
        let channel = if p2a { Channel::P2a } else { Channel::A2p };
        let message = words(message);
        let (len, used) = (message.len(), message.len());
        let room = if kind == Kind::Command { 128 } else { 0 };
        let message = message.as_slice();
        let entry = Entry { kind, channel, room, used, message, len, reason, mark };
        ports[agent].record(&entry);
    };
    let version = 0x15 << 10 | 1 << 18;
    let reading = 0x15 << 10 | 2 << 18 | 6;
    record(0, Kind::Note, &[], Some("the guest's driver has started, p2a = true"), None);
    record(0, Kind::Command, &[version], None, None);
    record(0, Kind::Answer, &[version, 0, 0x10000], None, None);
    record(0, Kind::Command, &[reading, 3, 1], None, None);
    record(1, Kind::Command, &[version], None, None);
    record(0, Kind::Answer, &[reading, 0], None, None);
    // In version 1.0 a delayed reading has no timestamp.
    record(0, Kind::Event, &[reading | 2 << 8, 0, 3, 21_000, 0], None, Some("fault 1: delay"));
    record(1, Kind::Dropped, &[version], Some("no answer"), None);
    tracer.finish();
}

#[test]
fn a_trace_is_told_packet_by_packet_with_what_belongs_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace.pcapng");
    write(&path);
    let path = path.to_str().expect("text");
    let text = stdout(&scmictl(&["decode", path]));
    let expected = [
        "times in seconds since 20",
        "1 0.000000000 vm1 <- note",
        "    * the guest's driver has started, p2a = true",
        " vm1 -> command sensor PROTOCOL_VERSION (0x15:0x0), token 1, room 128",
        " vm1 <- response sensor PROTOCOL_VERSION (0x15:0x0), token 1, to 2 after ",
        "      version: 1.0",
        " vm1 -> command sensor SENSOR_READING_GET (0x15:0x6), token 2, room 128",
        " vm1 <- delayed response sensor SENSOR_READING_GET (0x15:0x6), token 2, to 4 after ",
        "    * altered: fault 1: delay",
        "      value: 21000",
        " vm2 <- no answer to command sensor PROTOCOL_VERSION (0x15:0x0), token 1, to 5 after ",
        "    * no answer",
        "vm1: 6 recorded, 0 of them lost",
        "vm2: 2 recorded, 0 of them lost",
    ];
    let mut rest = text.as_str();
    for part in expected {
        let (_, behind) = rest.split_once(part).unwrap_or_else(|| panic!("no {part:?} in\n{text}"));
        rest = behind;
    }
    assert!(!text.contains('!'), "nothing is wrong with these messages:\n{text}");
    let one = stdout(&scmictl(&["decode", "--agent", "vm2", path]));
    assert!(one.contains("vm2 <- no answer") && !one.contains("vm1"), "{one}");
}

#[test]
fn a_trace_is_told_in_json_a_document_a_packet() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace.pcapng");
    write(&path);
    let text = stdout(&scmictl(&["--json", "decode", path.to_str().expect("text")]));
    let documents: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    assert_eq!(documents.len(), 10);
    let delayed = &documents[6];
    assert_eq!(delayed["command"], 4);
    assert_eq!(delayed["message"]["fields"]["readings"][0]["value"], 21_000, "{delayed}");
    assert_eq!((&delayed["altered"], &delayed["agent"]), (&json!(true), &json!("vm1")));
    assert!(delayed["latency_ns"].is_u64() && delayed["time_ns"].is_u64(), "{delayed}");
    let dropped = &documents[7];
    assert_eq!((&dropped["kind"], &dropped["message"]), (&json!("dropped"), &Value::Null));
    assert_eq!(documents[9]["statistics"], json!({ "agent": "vm2", "recorded": 2, "lost": 0 }));
}

#[test]
fn a_damaged_trace_is_told_as_far_as_it_goes_and_then_where_it_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace.pcapng");
    write(&path);
    let bytes = std::fs::read(&path).expect("the trace");
    std::fs::write(&path, &bytes[..bytes.len() - 150]).expect("written");
    let name = path.to_str().expect("text");
    let output = scmictl(&["decode", name]);
    let error = stderr(&output, 4);
    assert!(error.contains(": byte ") && error.contains("the file ends after"), "{error}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("vm1 -> command sensor"));
    std::fs::write(&path, "no trace").expect("written");
    let error = stderr(&scmictl(&["decode", name]), 4);
    assert!(error.contains("this is no pcapng file"), "{error}");
    let error = stderr(&scmictl(&["decode", "/nonexistent/trace.pcapng"]), 4);
    assert!(error.contains("/nonexistent/trace.pcapng"), "{error}");
    stderr(&scmictl(&["decode", "--agent", "vm1", "00400000"]), 2);
}
