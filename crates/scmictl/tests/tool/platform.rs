//! The verbs that ask a platform, against a daemon of the demo board.

use std::path::PathBuf;
use std::process::Output;
use std::thread::JoinHandle;

use scmi::agent::Client;
use scmi::protocol::sensor::agent::Sensors;
use scmi_board::Board;
use scmi_vhost::frontend::{Frontend, Options};
use scmid::{Daemon, RunError};
use serde_json::Value;

use crate::common::{demo_board, scmictl, stderr, stdout};

/// The daemon's serve loop in a thread of ours; it ends when this is dropped.
struct Serving {
    folder: tempfile::TempDir,
    stop: scmi_vhost::backend::Stop,
    thread: Option<JoinHandle<Result<(), RunError>>>,
}

impl Serving {
    /// Serves the demo board.
    fn start() -> Self {
        Self::of(&Board::load(demo_board()).expect("a board"))
    }

    fn of(board: &Board) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = Daemon::bind(board, folder.path()).expect("sockets");
        let stop = daemon.stop_handle();
        let thread = std::thread::spawn(move || daemon.run());
        Self { folder, stop, thread: Some(thread) }
    }

    /// How a sensor is set up, as its update interval in nanoseconds.
    fn interval(&self, sensor: u32) -> u64 {
        let mut frontend =
            Frontend::connect(self.socket(), Options::default()).expect("a connection");
        let mut client: Client<'_> = Client::new(&mut frontend);
        let config = Sensors::open(&mut client).and_then(|mut sensors| sensors.config(sensor));
        config.expect("an answer").interval().as_nanos()
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("vm1.sock")
    }

    /// The tool, connected.
    fn scmictl(&self, arguments: &[&str]) -> Output {
        let target = format!("vhost-user:{}", self.socket().display());
        let mut all = vec!["--connect", &target];
        all.extend(arguments);
        scmictl(&all)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let text = stdout(&self.scmictl(&[&["--json"], arguments].concat()));
        serde_json::from_str(&text).expect("a document")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop.stop();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(matches!(ended, Some(Ok(Ok(())))), "{ended:?}");
    }
}

#[test]
fn list_says_what_the_platform_is() {
    let serving = Serving::start();
    let text = stdout(&serving.scmictl(&["list"]));
    for wanted in ["acme demo, version 0x00010000", "vm1 (agent 1)", "1 vm1, 2 vm2"] {
        assert!(text.contains(wanted), "no {wanted:?} in:\n{text}");
    }
    assert!(text.lines().any(|line| line.split_whitespace().eq(["sensor", "0x15", "3.1", "17"])));
    let document = serving.json(&["list"]);
    assert_eq!(document["vendor"], "acme");
    assert_eq!(document["agent"]["name"], "vm1");
    let protocols = document["protocols"].as_array().expect("a list");
    let known = |name: &str| {
        let protocol = protocols.iter().find(|protocol| protocol["name"] == name);
        protocol.map(|protocol| protocol["resources"].clone())
    };
    assert_eq!((protocols.len(), known("sensor")), (10, Some(17.into())), "{document}");
    assert_eq!((known("power"), known("clock")), (Some(3.into()), Some(5.into())));
}

#[test]
fn sensor_list_describes_every_sensor() {
    let serving = Serving::start();
    let document = serving.json(&["sensor", "list"]);
    let sensors = document.as_array().expect("a list");
    assert_eq!(sensors.len(), 17);
    let cpu = &sensors[0];
    assert_eq!(cpu["name"], "cpu");
    assert_eq!(cpu["unit"], "°C");
    assert_eq!(cpu["max"], 125.0);
    assert_eq!(cpu["trip_points"], 2);
    assert_eq!(cpu["intervals_s"], serde_json::json!([0.1, 1, 10]));
    assert_eq!(sensors[3]["name"], "Exhaust air behind the power supply", "a long name, whole");
    assert_eq!(sensors[3]["can"], serde_json::json!(["async"]));
    assert_eq!(sensors[10]["intervals_s"][0]["step"], 0.05);
    assert_eq!(sensors[15]["axes"][2]["name"], "accel_Z");
    let text = stdout(&serving.scmictl(&["sensor", "list"]));
    assert_eq!(text.lines().count(), 1 + 17 + 2 * 3, "{text}");
}

#[test]
fn sensor_get_reads_in_units() {
    let serving = Serving::start();
    let document = serving.json(&["sensor", "get", "vdd-ddr", "15", "cpu"]);
    assert_eq!(document[0]["readings"][0]["value"], 1.1);
    assert_eq!(document[0]["readings"][0]["unit"], "V");
    let axes: Vec<_> = document[1]["readings"]
        .as_array()
        .expect("axes")
        .iter()
        .map(|axis| &axis["axis"])
        .collect();
    assert_eq!(axes, ["accel_X", "accel_Y", "accel_Z"]);
    let cpu = document[2]["readings"][0]["value"].as_f64().expect("a number");
    assert!((42.0..=78.0).contains(&cpu), "{cpu}");
    let text = stdout(&serving.scmictl(&["sensor", "get", "vdd-ddr"]));
    assert_eq!(text, "NAME     VALUE  UNIT\nvdd-ddr  1.100  V\n");
}

#[test]
fn sensor_get_can_wait_for_delayed_responses() {
    let serving = Serving::start();
    let document = serving.json(&["sensor", "get", "--async"]);
    assert_eq!(document.as_array().map(Vec::len), Some(1), "the one that can");
    assert!(document[0]["readings"][0]["value"].is_number(), "{document}");
}

#[test]
fn what_the_platform_refuses_is_said_in_one_line() {
    let serving = Serving::start();
    let output = serving.scmictl(&["sensor", "get", "--async", "vdd-ddr", "3"]);
    let text = stderr(&output, 1);
    assert_eq!(text, "scmictl: reading sensor 6 (vdd-ddr): the platform answered NOT_SUPPORTED\n");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("Exhaust air"), "the other one was read: {shown}");
    let text = stderr(&serving.scmictl(&["sensor", "get", "vdd-drr"]), 1);
    assert!(text.contains("did you mean \"vdd-ddr\"?"), "{text}");
    let text = stderr(&serving.scmictl(&["sensor", "watch", "cpu", "--interval", "1us"]), 1);
    assert_eq!(
        text,
        "scmictl: setting sensor 0 (cpu) to every 1 µs: the platform answered INVALID_PARAMETERS\n"
    );
}

#[test]
fn watch_shows_updates_and_puts_the_interval_back() {
    let serving = Serving::start();
    let text = stdout(&serving.scmictl(&[
        "--json",
        "sensor",
        "watch",
        "accelerometer",
        "--interval",
        "20ms",
        "--count",
        "5",
    ]));
    let events: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    assert_eq!(events.len(), 5);
    for event in &events {
        assert_eq!(event["event"], "update");
        assert_eq!(event["name"], "accelerometer");
        assert_eq!(event["readings"].as_array().map(Vec::len), Some(3));
    }
    assert_eq!(serving.interval(15), 100_000_000, "as the board sets it up");
}

/// Up and down five times a second.
const SAW: &str = r#"
[platform]
vendor = "acme"
[[agent]]
name = "vm1"
[[sensor]]
name = "saw"
type = "temperature"
source = { wave = "triangle", min = 0, max = 100, period = "200 ms" }
trip-points = 2
update-intervals = ["10 ms"]
update-interval = "10 ms"
updates = false
"#;

#[test]
fn watch_tells_of_trip_points() {
    let serving = Serving::of(&Board::parse(SAW, "saw.toml").expect("a board"));
    let watch = |trips: &[&str], count: &str| {
        let arguments = [&["sensor", "watch", "saw", "--count", count], trips].concat();
        stdout(&serving.scmictl(&arguments))
    };
    let rising = watch(&["--trip", "1=rising:50.5"], "2");
    assert!(
        rising.lines().all(|line| line.ends_with("saw              trip point 1 crossed, rising")),
        "{rising}"
    );
    let both = watch(&["--trip", "0=falling:-1", "--trip", "1=both:50"], "2");
    let ways: Vec<&str> = both.lines().filter_map(|line| line.split("crossed, ").nth(1)).collect();
    assert!(ways == ["rising", "falling"] || ways == ["falling", "rising"], "{both}");
}

#[test]
fn a_watch_that_makes_no_sense_is_refused() {
    let serving = Serving::start();
    let usage = |arguments: &[&str]| {
        stderr(&serving.scmictl(&[&["sensor", "watch"], arguments].concat()), 2)
    };
    assert!(usage(&["--trip", "0=both:60"]).contains("--trip is for one sensor"));
    assert!(usage(&["fan", "--trip", "0=both:60.5"]).contains("steps of 1 rpm"));
    assert!(usage(&["fan", "--trip", "0=both"]).contains("0=rising:65.5"));
    assert!(usage(&["cpu", "--seconds", "0"]).contains("more than 0"));
    let text = stderr(&serving.scmictl(&["sensor", "watch", "fan"]), 1);
    assert!(text.contains("sensor 12 (fan) does not send updates"), "{text}");
}

#[test]
fn no_connection_has_an_exit_code_of_its_own() {
    stderr(&scmictl(&["list"]), 2);
    stderr(&scmictl(&["--connect", "/run/scmi/vm1.sock", "list"]), 2);
    let text = stderr(&scmictl(&["--connect", "vhost-user:/nonexistent.sock", "list"]), 3);
    assert_eq!(
        text,
        "scmictl: cannot connect to /nonexistent.sock: No such file or directory (os error 2)\n"
    );
    // Somebody listens and says nothing.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mute.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    let target = format!("vhost-user:{}", path.display());
    let text = stderr(&scmictl(&["--connect", &target, "--timeout", "50ms", "list"]), 3);
    assert!(text.contains("mute.sock"), "{text}");
}

#[test]
fn a_connection_that_is_lost_while_watching_ends_with_its_exit_code() {
    let serving = Serving::start();
    let target = format!("vhost-user:{}", serving.socket().display());
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_scmictl"))
        .args(["--connect", &target, "sensor", "watch"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("scmictl starts");
    // Its first line says that it watches.
    let mut lines =
        std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("a pipe")));
    lines.next().expect("an event").expect("text");
    drop(serving);
    lines.for_each(drop);
    let text = stderr(&child.wait_with_output().expect("it ends"), 3);
    assert!(text.starts_with("scmictl: lost vhost-user:"), "{text}");
}

/// Both ways: what the operator's agent asks for, and what it hears of the operator.
#[test]
fn the_system_s_power_is_asked_for_and_heard_of() {
    let steps: String = (1..300)
        .map(|n| format!("[[system.step]]\nat = \"{n} s\"\norder = \"suspend\"\n"))
        .collect();
    let board = format!(
        "platform.vendor = \"acme\"\nagent = [{{ name = \"vm1\" }}]\n[system]\nagents = [\"vm1\"]\n\
         warm-reset = false\n{steps}"
    );
    let serving = Serving::of(&Board::parse(&board, "board").expect("a board"));
    let said = |arguments: &[&str]| stdout(&serving.scmictl(arguments));
    assert_eq!(said(&["system", "list"]), "shutdown\ncold-reset\npower-up\nsuspend\n");
    assert_eq!(said(&["system", "get"]), "power-up\n");
    said(&["system", "set", "shutdown", "--graceful"]);
    assert_eq!(said(&["system", "get"]), "shutdown\n");
    let refused = serving.scmictl(&["system", "set", "warm-reset"]);
    assert!(stderr(&refused, 1).contains("INVALID_PARAMETERS"), "{refused:?}");
    let heard = serving.json(&["system", "watch", "--count", "1"]);
    assert_eq!(heard["state"], "suspend");
    assert_eq!(heard["graceful"], true);
    assert_eq!(heard["agent"], 0, "the platform itself");
}

#[test]
fn raw_mode_that_is_not_there_is_said_to_be_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let ask = |path: &std::path::Path| {
        stderr(&scmictl(&["--connect", &format!("raw:{}", path.display()), "list"]), 3)
    };
    let nothing = ask(&folder.path().join("0"));
    assert!(nothing.contains("no SCMI platform with that number"), "{nothing}");
    let without = ask(folder.path());
    assert!(without.contains("CONFIG_ARM_SCMI_RAW_MODE_SUPPORT"), "{without}");
}
