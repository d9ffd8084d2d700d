//! The board file, read again: what agents, clients and the log see of it.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::sensor::agent::Sensors;
use serde_json::{Value, json};

use super::{Controlled, Feed};
use crate::process::{demo_board, run};

const BOARD: &str = "\
[platform]
vendor = 'acme'

[[agent]]
name = 'vm1'

[[sensor]]
name = 'cpu'
type = 'temperature'
source = 20

[[sensor]]
name = 'held'
type = 'temperature'
source = 20

[[clock]]
name = 'uart'
rates = ['24 MHz', '48 MHz']

[[fault]]
name = 'rare'
after = 1000000
do = { status = 'BUSY' }
";

/// A daemon whose board file can be written anew.
struct Edited {
    controlled: Controlled,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Edited {
    fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("board.toml");
        fs::write(&file, text).expect("written");
        Self { controlled: Controlled::start_on(&file), file, _folder: folder }
    }

    /// The first board with these words instead of those.
    fn write(&self, changes: &[(&str, &str)]) {
        let text = changes.iter().fold(BOARD.to_owned(), |text, (was, is)| {
            assert!(text.contains(was), "{was}");
            text.replacen(was, is, 1)
        });
        fs::write(&self.file, text).expect("written");
    }

    fn reload(&self) -> super::Answer {
        self.controlled.send("POST /v1/reload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    }

    fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.file.display())
    }

    fn temperatures(&self) -> [i64; 2] {
        self.controlled.daemon.with("vm1", |client| {
            let mut sensors = Sensors::open(client).expect("sensors");
            [0, 1].map(|id| sensors.value(id).expect("a value"))
        })
    }
}

#[test]
fn a_signal_has_sensors_read_something_else_under_a_guest_that_is_there() {
    let edited = Edited::start(BOARD);
    edited.controlled.daemon.with("vm1", |client| {
        let mut sensors = Sensors::open(client).expect("sensors");
        assert_eq!(sensors.value(0), Ok(20_000));
        edited.write(&[("source = 20", "source = { value = 30 }")]);
        edited.controlled.daemon.signal(Signal::HUP);
        let line = edited.controlled.daemon.wait_for("reload: ");
        let told =
            format!("{}: source of sensor \"cpu\": was 20, is {{ value = 30 }}", edited.at(10));
        assert!(line.ends_with(&told), "{line}");
        assert_eq!(sensors.value(0), Ok(30_000), "on the same connection");
    });
    edited.controlled.daemon.signal(Signal::HUP);
    edited.controlled.daemon.wait_for("nothing is different");
}

#[test]
fn a_request_says_what_changed_to_the_client_and_to_who_listens() {
    let edited = Edited::start(BOARD);
    let mut feed = Feed::open(&edited.controlled);
    edited
        .write(&[("source = 20", "source = 30"), ("'48 MHz']", "'48 MHz']\nrate-change = '1 ms'")]);
    let done = edited.reload();
    assert_eq!(done.status, 200, "{done:?}");
    let done = done.json();
    assert_eq!(done["changes"], 2);
    let cpu = json!({
        "at": edited.at(10), "item": "sensor \"cpu\"", "key": "source", "was": "20", "is": "30",
        "text": "source of sensor \"cpu\": was 20, is 30",
    });
    assert_eq!(done["changed"][0], cpu);
    let clock = &done["changed"][1];
    assert_eq!(
        (&clock["item"], &clock["key"], clock.get("was")),
        (&json!("clock \"uart\""), &json!("rate-change"), None)
    );
    assert_eq!(feed.next("reload", |_| true), done);
    assert_eq!(edited.temperatures(), [30_000, 20_000]);
    let again = edited.reload().json();
    assert_eq!((&again["changes"], &again["changed"]), (&json!(0), &json!([])));
    edited.write(&[("'acme'", "'other'")]);
    assert_eq!(edited.reload().status, 409);
    let refused = feed.next("reload", |it| it["status"] == 409);
    assert_eq!(refused["reasons"][0]["key"], "vendor");
    let metrics = edited.controlled.get("/metrics").body;
    for result in ["changed", "unchanged", "refused"] {
        assert!(
            metrics.contains(&format!("scmid_reloads_total{{result=\"{result}\"}} 1\n")),
            "{metrics}"
        );
    }
    edited.controlled.ask("POST", "/v1/reload", "{}").refusal(422);
}

#[test]
fn what_cannot_change_is_named_and_nothing_changes() {
    let edited = Edited::start(BOARD);
    edited.controlled.daemon.with("vm1", |client| {
        let mut clocks = Clocks::open(client).expect("clocks");
        let before = edited.controlled.get("/v1/board").body;
        edited.write(&[
            ("source = 20", "source = 30"),
            ("'48 MHz'", "'96 MHz'"),
            ("name = 'held'", "name = 'other'"),
        ]);
        let refused = edited.reload();
        refused.refusal(409);
        let reasons = refused.json()["reasons"].clone();
        let said: Vec<_> = reasons
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| (it["text"].as_str(), it["why"].as_str()))
            .collect();
        let know = Some("agents know it by now");
        assert_eq!(
            said,
            [
                (Some("sensor \"other\" is new"), know),
                (Some("sensor \"held\" is gone"), know),
                (
                    Some(
                        "rates of clock \"uart\": was ['24 MHz', '48 MHz'], is ['24 MHz', '96 MHz']"
                    ),
                    know
                ),
            ]
        );
        assert_eq!(reasons[2]["at"], edited.at(19).as_str());
        assert_eq!(edited.controlled.get("/v1/board").body, before, "byte by byte");
        edited.controlled.daemon.signal(Signal::HUP);
        edited.controlled.daemon.wait_for(&format!("{}: rates of clock", edited.at(19)));
        assert_eq!(edited.controlled.get("/v1/board").body, before);
        clocks
            .set_rate(0, 48_000_000, scmi::protocol::clock::wire::Rounding::Nearest)
            .expect("as it was told");
    });
    assert_eq!(edited.temperatures(), [20_000; 2]);
}

#[test]
fn a_file_that_is_wrong_is_refused_with_what_the_check_says() {
    let edited = Edited::start(BOARD);
    edited.write(&[("source = 20", "sauce = 30"), ("'24 MHz'", "'24 V'")]);
    let refused = edited.reload();
    refused.refusal(422);
    let output = run(&["--check".as_ref(), "--board".as_ref(), edited.file.as_os_str()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(refused.json()["report"].as_str().map(|it| it.to_owned() + "\n"), Some(said));
    fs::remove_file(&edited.file).expect("it was there");
    let report = edited.reload().json()["report"].clone();
    assert!(
        report.as_str().is_some_and(|it| it.contains("cannot be read: No such file")),
        "{report}"
    );
    edited.controlled.daemon.signal(Signal::HUP);
    edited.controlled.daemon.wait_for("cannot be read: No such file");
    assert_eq!(edited.temperatures(), [20_000; 2]);
    edited.write(&[("source = 20", "source = 30")]);
    assert_eq!(edited.reload().status, 200, "it is read anew each time");
    assert_eq!(edited.temperatures(), [30_000, 20_000]);
}

#[test]
fn what_the_operator_holds_and_adds_outlives_a_reload() {
    let edited = Edited::start(BOARD);
    let controlled = &edited.controlled;
    controlled.ask("PUT", "/v1/sensors/held/source", r#"{ "value": 85 }"#);
    let mine = r#"{ "name": "mine", "after": 1000000, "do": { "twice": true } }"#;
    assert_eq!(controlled.ask("POST", "/v1/faults", mine).status, 201);
    let both = |is: &str| {
        [
            ("source = 20\n\n[[clock", format!("source = {is}\n\n[[clock")),
            ("'rare'", "'new'".to_owned()),
        ]
    };
    let changes = both("30");
    edited.write(&changes.each_ref().map(|(was, is)| (*was, is.as_str())));
    let done = edited.reload();
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(edited.temperatures(), [20_000, 85_000], "held");
    let faults = controlled.get("/v1/faults").json();
    let names: Vec<&Value> =
        faults["faults"].as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    assert_eq!(names, ["new", "mine"]);
    let released = controlled.ask("DELETE", "/v1/sensors/held/source", "").json();
    assert_eq!(released["sensor"]["values"][0]["value"]["text"], "30 °C");
    // One of the operator's name in the file cannot stand, and nothing else changes then.
    edited.write(&[("source = 20", "source = 40"), ("'rare'", "'mine'")]);
    let refused = edited.reload();
    refused.refusal(409);
    assert_eq!(refused.json()["reasons"][0]["item"], "fault \"mine\"");
    assert_eq!(edited.temperatures(), [20_000, 30_000]);
}

/// Lines of the demo board are edited at random: whatever the daemon refuses leaves everything as it was.
#[test]
fn any_edit_of_a_board_is_served_as_a_whole_or_not_at_all() {
    let text = fs::read_to_string(demo_board()).expect("the demo");
    let edited = Edited::start(&text);
    for sensor in
        edited.controlled.get("/v1/board").json()["sensors"].as_array().into_iter().flatten()
    {
        let (name, values) = (sensor["name"].as_str().unwrap_or_default(), &sensor["values"]);
        let name = name.replace(' ', "%20");
        let now = values.as_array().into_iter().flatten().map(|it| it["value"]["text"].clone());
        let now: Vec<Value> = now.collect();
        let body =
            if now.len() == 1 { json!({ "value": now[0] }) } else { json!({ "values": now }) };
        let held =
            edited.controlled.ask("PUT", &format!("/v1/sensors/{name}/source"), &body.to_string());
        assert_eq!(held.status, 200, "{held:?}");
    }
    let first = edited.controlled.get("/v1/board").body;
    let (mut seed, mut done) = (7_u64, [0; 3]);
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    for _ in 0..60 {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = random(lines.len());
        match random(4) {
            0 => drop(lines.remove(at)),
            1 => lines[at] = lines[at].replace("ms\"", "us\"").replace('1', "2"),
            2 => {
                lines[at] =
                    lines[at].replace("true", "no").replace("false", "true").replace("no", "false")
            }
            _ => lines[at] = lines[at].replace('2', "3").replace('5', "6"),
        }
        fs::write(&edited.file, lines.join("\n")).expect("written");
        let before = edited.controlled.get("/v1/board").body;
        match edited.reload().status {
            200 => done[0] += 1,
            status @ (409 | 422) => {
                done[usize::from(status == 422) + 1] += 1;
                assert_eq!(edited.controlled.get("/v1/board").body, before, "{at}: {}", lines[at]);
            }
            status => panic!("{status}"),
        }
    }
    assert!(done.iter().all(|count| *count > 3), "accepted, refused and wrong: {done:?}");
    fs::write(&edited.file, text).expect("written");
    assert_eq!(edited.reload().status, 200);
    assert_eq!(edited.controlled.get("/v1/board").body, first, "as it was at first");
}
