//! `platform`: the daemon's control interface, by the tool.

use std::process::Output;
use std::sync::Arc;
use std::thread::JoinHandle;

use scmi::agent::Client;
use scmi::protocol::sensor::agent::Sensors;
use scmi_board::BoardFile;
use scmi_vhost::frontend::{Frontend, Options};
use scmid::control::{Address, Control};
use scmid::{Daemon, RunError};
use serde_json::{Value, json};

use crate::common::{demo_board, scmictl, stderr, stdout};

/// A daemon of the demo board with a control interface; it ends when this is dropped.
struct Controlled {
    folder: tempfile::TempDir,
    daemon: Arc<Daemon>,
    control: Option<Control>,
    thread: Option<JoinHandle<Result<(), RunError>>>,
}

impl Controlled {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board.toml");
        std::fs::copy(demo_board(), &path).expect("copied");
        let file = BoardFile::load(path).expect("a board");
        let daemon = Arc::new(Daemon::bind_file(&file, folder.path()).expect("sockets"));
        let address = Address::Unix(folder.path().join("control.sock"));
        let control = Control::start(&daemon, &address).expect("a socket");
        let serving = Arc::clone(&daemon);
        let thread = std::thread::spawn(move || serving.run());
        Self { folder, daemon, control: Some(control), thread: Some(thread) }
    }

    fn scmictl(&self, arguments: &[&str]) -> Output {
        let socket = self.folder.path().join("control.sock").display().to_string();
        scmictl(&[&["platform", "--control", &socket], arguments].concat())
    }

    fn text(&self, arguments: &[&str]) -> String {
        stdout(&self.scmictl(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.text(&[&["--json"], arguments].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn refused(&self, arguments: &[&str], code: i32) -> String {
        stderr(&self.scmictl(arguments), code)
    }

    fn vm1(&self) -> Frontend {
        Frontend::connect(self.folder.path().join("vm1.sock"), Options::default())
            .expect("a connection")
    }
}

impl Drop for Controlled {
    fn drop(&mut self) {
        drop(self.control.take());
        self.daemon.stop_handle().stop();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(matches!(ended, Some(Ok(Ok(())))) || std::thread::panicking());
    }
}

#[test]
fn the_board_is_shown_as_tables_and_as_json() {
    let controlled = Controlled::start();
    let text = controlled.text(&["board"]);
    for part in ["acme demo", "Clocks\nNAME", "pll       1.2 GHz  runs", "Power caps", "Sensors"] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert_eq!(text.lines().count(), controlled.text(&["status"]).lines().count());
    assert_eq!(controlled.json(&["board"])["clocks"][1]["rate"]["raw"], 1_200_000_000);
    let health = controlled.text(&["health"]);
    assert!(health.starts_with("ok: scmid ") && health.contains("3 agents"), "{health}");
    assert!(controlled.text(&["metrics"]).contains("scmid_agent_connected{agent=\"vm1\"} 0"));
    assert_eq!(controlled.text(&["openapi"]), scmid::control::document());
}

#[test]
fn a_sensor_is_held_and_released() {
    let controlled = Controlled::start();
    let held = controlled.text(&["sensor", "set", "cpu", "85.5 °C"]);
    assert!(held.contains("cpu   85.5 °C  held"), "{held}");
    let mut frontend = controlled.vm1();
    let mut client: Client<'_> = Client::new(&mut frontend);
    let read = Sensors::open(&mut client).and_then(|mut sensors| sensors.value(0));
    assert_eq!(read, Ok(85_500));
    let agents = controlled.json(&["agents", "vm1"]);
    assert_eq!((&agents["connected"], &agents["lives"]), (&json!(true), &json!(1)));
    assert!(controlled.text(&["agents"]).contains("there"), "one is");
    let name = "Exhaust air behind the power supply";
    assert_eq!(controlled.json(&["sensor", "set", name, "-5"])["source"], "held");
    assert_eq!(controlled.json(&["sensor", "release", name])["was_held"], true);
    assert!(controlled.text(&["sensor", "release", name]).starts_with("it was not held\n"));
    assert!(controlled.text(&["sensor", "get", "cpu"]).contains("held"));
}

#[test]
fn what_is_refused_is_said_with_what_was_expected() {
    let controlled = Controlled::start();
    let said = controlled.refused(&["sensor", "set", "cpu", "85 V"], 1);
    assert!(said.starts_with("scmictl: sensor cpu cannot read this: value: found 85 V"), "{said}");
    let said = controlled.refused(&["agents", "vm9"], 1);
    assert!(said.contains("found vm9, expected one of vm1, vm2, manager"), "{said}");
    let said = controlled.refused(&["order", "reboot", "--within", "5 s"], 1);
    assert!(said.contains("expected no timeout"), "{said}");
    let nowhere = ["platform", "--control", "/nonexistent/c.sock", "health"];
    let said = stderr(&scmictl(&nowhere), 3);
    assert!(said.starts_with("scmictl: no connection to /nonexistent/c.sock: "), "{said}");
    let said = stderr(&scmictl(&["platform", "health"]), 2);
    assert!(said.starts_with("scmictl: --control is missing"), "{said}");
}

#[test]
fn orders_are_given_and_events_are_followed() {
    let controlled = Controlled::start();
    std::thread::scope(|scope| {
        let events =
            scope.spawn(|| controlled.text(&["events", "--count", "1", "--seconds", "60"]));
        let wanted = |page: &str| page.contains("scmid_event_listeners 1");
        while !events.is_finished() && !wanted(&controlled.text(&["metrics"])) {}
        let given = controlled.text(&["order", "suspend", "--agent", "vm2"]);
        assert_eq!(given, "given; no agent listens\n");
        let events = events.join().expect("no panic");
        assert_eq!(events, "ordered: a graceful suspend of agent vm2; told: 0\n");
    });
    let none = controlled.json(&["order", "shutdown", "--forced"]);
    assert_eq!(none, json!({ "order": "shutdown", "forced": true, "told": [] }));
    assert_eq!(controlled.text(&["events", "--seconds", "0.1"]), "");
}

#[test]
fn a_fault_is_added_does_its_part_and_goes() {
    let controlled = Controlled::start();
    assert_eq!(controlled.text(&["faults", "list"]), "no faults\n");
    let fault =
        ["faults", "add", "busy", "--protocol", "sensor", "--message", "0x6", "--of", "vm1"];
    let added = controlled.text(&[&fault[..], &["--at-most", "1", "--do", "status=BUSY"]].concat());
    assert!(added.contains("busy  status"), "{added}");
    let mut frontend = controlled.vm1();
    let mut client: Client<'_> = Client::new(&mut frontend);
    let mut sensors = Sensors::open(&mut client).expect("sensors");
    let refused = sensors.value(0).expect_err("refused on purpose");
    assert_eq!(refused.to_string(), "the platform answered BUSY");
    sensors.value(0).expect("at most once");
    let faults = controlled.json(&["faults", "list"]);
    assert_eq!(faults["faults"][0]["done"]["status"], 1, "{faults}");
    let shown = controlled.text(&["faults", "show", "busy"]);
    let wanted = "# seen 2, chosen 1, done: status 1, could not be done: 0\n[[fault]]\nname = \"busy\"\n\
        agent = \"vm1\"\nprotocol = \"sensor\"\nmessage = \"SENSOR_READING_GET\"\ncount = 1\n\
        do = { \"status\" = \"BUSY\" }\n";
    assert_eq!(shown, wanted);
    assert!(controlled.refused(&["faults", "remove", "bsy"], 1).contains("busy"));
    controlled.text(&["faults", "remove", "busy"]);
    assert_eq!(controlled.text(&["faults", "clear"]), "0 ended\n");
    let wrong = controlled.refused(&["faults", "add", "x", "--do", "delay=2"], 1);
    assert!(wrong.contains("delay") && wrong.contains("expected"), "{wrong}");
}

#[test]
fn a_reload_says_what_changed_or_everything_that_is_in_the_way() {
    let controlled = Controlled::start();
    let path = controlled.folder.path().join("board.toml");
    let text = std::fs::read_to_string(&path).expect("the board");
    let write = |text: &str| std::fs::write(&path, text).expect("written");
    let file = path.display();
    assert_eq!(controlled.text(&["reload"]), format!("{file}: nothing is different\n"));
    write(&text.replacen("min = 42.0", "min = 43.0", 1));
    let said = controlled.text(&["reload"]);
    assert!(said.contains("source.min of sensor \"cpu\": was 42.0, is 43.0\n"), "{said}");
    assert_eq!(controlled.json(&["reload"])["changes"], 0);
    write(&text.replacen("vendor = \"acme\"", "vendor = \"other\"", 1));
    let refused = controlled.refused(&["reload"], 1);
    let line = "vendor of platform: was \"acme\", is \"other\": agents know it by now";
    assert!(
        refused.contains("cannot be made while agents are there") && refused.contains(line),
        "{refused}"
    );
    write("[platform]\n");
    let wrong = controlled.refused(&["reload"], 1);
    assert!(wrong.starts_with(&format!("{file}:1:1: platform: missing key vendor")), "{wrong}");
}
