//! The verbs of each protocol, against a platform in memory.

use core::time::Duration;
use std::time::Instant;

use serde_json::json;

use crate::models::World;

/// Whether a line has these words.
fn has_row(text: &str, words: &str) -> bool {
    text.lines().any(|line| line.split_whitespace().eq(words.split_whitespace()))
}

#[test]
fn the_top_list_counts_what_each_protocol_has() {
    let text = World::start().text(&["list"]);
    let rows = [
        "power 0x11 3.1 2",
        "system 0x12 2.1",
        "perf 0x13 4.0 2",
        "clock 0x14 3.0 3",
        "reset 0x16 3.1 2",
        "voltage 0x17 2.1 2",
        "powercap 0x18 2.0 2",
        "pinctrl 0x19 1.0 4",
    ];
    for row in rows {
        assert!(has_row(&text, row), "no {row:?} in\n{text}");
    }
}

#[test]
fn what_is_held_is_held_until_the_connection_ends() {
    let world = World::start();
    let mut child = world.begin(&["pinctrl", "request", "group:uart0", "--hold", "60s"]);
    // It says how the group is set up when it has it.
    let mut lines = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    std::io::BufRead::read_line(&mut lines, &mut String::new()).expect("a line");
    let other = |arguments: &[&str]| world.run_as("vm2", arguments);
    let refused = crate::common::stderr(&other(&["pinctrl", "request", "pin:rx"]), 1);
    assert_eq!(refused, "scmictl: holding pin 1 (rx): the platform answered IN_USE\n");
    child.kill().expect("our own child");
    child.wait().expect("it ends");
    // The platform sees the end of the connection a little later.
    let patience = Instant::now() + Duration::from_secs(30);
    while !other(&["pinctrl", "request", "pin:rx"]).status.success() {
        assert!(Instant::now() < patience, "the pin is still held");
    }
}

#[test]
fn clocks_are_listed_read_and_set() {
    let world = World::start();
    let list = world.text(&["clock", "list"]);
    assert!(list.contains("1 MHz to 100 MHz by 1 MHz"), "{list}");
    assert!(list.contains("600 MHz, 1.2 GHz"), "{list}");
    assert!(list.contains("a clock with a long name"), "{list}");
    let get = world.text(&["clock", "get", "uart"]);
    assert!(has_row(&get, "1 uart 24 MHz off pll0 50 % 0°"), "{get}");
    let set = world.text(&["clock", "set", "uart", "48 MHz"]);
    assert!(set.contains("48 MHz"), "{set}");
    let rounded = world.json(&["clock", "set", "uart", "24.6MHz", "--async", "--round", "down"]);
    assert_eq!(rounded[0]["rate_hz"], 24_000_000);
    let queued = world.json(&["clock", "set", "pll0", "1.2 GHz", "--queue"]);
    assert_eq!(queued[0]["name"], "pll0");
    assert_eq!(world.json(&["clock", "enable", "1"])[0]["on"], true);
    let after = world.json(&["clock", "get", "uart"]);
    assert_eq!(after[0]["on"], false, "it ended with the connection");
    let held = world.text(&["clock", "enable", "uart", "--hold", "20ms"]);
    assert!(held.contains("on"), "{held}");
    assert_eq!(world.json(&["clock", "disable", "uart"])[0]["on"], false);
    let long = world.json(&["clock", "parent", "uart", "a clock with a long name"]);
    assert_eq!(long[0]["parent"], "a clock with a long name");
    assert_eq!(world.json(&["clock", "duty", "uart", "25%"])[0]["duty_percent"], 25);
    assert_eq!(world.json(&["clock", "phase", "uart", "90"])[0]["phase_degrees"], 90);
    assert_eq!(world.text(&["clock", "rates", "pll0"]), "600 MHz\n1.2 GHz\n");
}

#[test]
fn what_a_clock_refuses_is_said() {
    let world = World::start();
    let range = world.fails(&["clock", "set", "uart", "200 MHz"], 1);
    assert_eq!(
        range,
        "scmictl: clock 1 (uart): setting the rate to 200 MHz: the platform answered INVALID_PARAMETERS\n"
    );
    assert!(world.fails(&["clock", "get", "urat"], 1).contains("did you mean \"uart\"?"));
    assert!(world.fails(&["clock", "set", "uart", "5 V"], 2).contains("Hz, kHz, MHz or GHz"));
    world.fails(&["clock", "duty", "uart", "101"], 2);
    world.fails(&["clock", "duty", "pll0", "50"], 1);
}

#[test]
fn clocks_are_watched() {
    let event = World::start().watched(
        &["clock", "watch", "uart"],
        &[&["clock", "set", "uart", "50MHz"], &["clock", "set", "uart", "60MHz"]],
    );
    assert_eq!((&event["event"], &event["name"]), (&json!("rate"), &json!("uart")));
    assert_eq!(event["agent"], 2);
}

#[test]
fn power_domains_are_switched_and_watched() {
    let world = World::start();
    assert!(has_row(&world.text(&["power", "get", "gpu"]), "0 gpu on kept"));
    assert_eq!(world.json(&["power", "off", "gpu"])[0]["state"], "off");
    assert_eq!(world.json(&["power", "set", "npu", "off", "--async"])[0]["state"], "off");
    assert_eq!(world.json(&["power", "on", "gpu", "--hold", "1ms"])[0]["state"], "on");
    let list = world.json(&["power", "list"]);
    assert_eq!(list[1]["set"], json!(["sync", "async"]));
    let refused = world.fails(&["power", "set", "gpu", "7"], 1);
    assert!(refused.contains("setting power domain 0 (gpu) to 7"), "{refused}");
    let event = world
        .watched(&["power", "watch", "npu"], &[&["power", "off", "npu"], &["power", "on", "npu"]]);
    assert_eq!(event["name"], "npu");
}

#[test]
fn performance_levels_are_named_by_number_and_frequency() {
    let world = World::start();
    for domain in ["cpu0", "cpu1"] {
        let set = world.json(&["perf", "set", domain, "1.2 GHz"]);
        assert_eq!(set[0]["level"], 1200, "{domain}");
        assert_eq!(set[0]["khz"], 1_200_000);
        assert_eq!(set[0]["power"], 1.2);
        assert_eq!(world.json(&["perf", "set", domain, "600"])[0]["level"], 600);
        let limits = world.json(&["perf", "limits", domain, "--max", "900MHz"]);
        assert_eq!((&limits[0]["min"], &limits[0]["max"]), (&json!(600), &json!(900)));
    }
    let levels = world.text(&["perf", "levels", "cpu0"]);
    assert!(has_row(&levels, "1200 5 1.2 GHz 1.2 W 100 µs"), "{levels}");
    let list = world.text(&["perf", "list"]);
    assert!(list.contains("600 (600 MHz), 900 (900 MHz), 1200 (1.2 GHz)"), "{list}");
    let none = world.fails(&["perf", "set", "cpu0", "1 GHz"], 1);
    assert!(
        none.contains("performance domain 0 (cpu0) has no level of 1 GHz; it has 600"),
        "{none}"
    );
    world.fails(&["perf", "limits", "cpu0"], 2);
    let event = world.watched(
        &["perf", "watch", "cpu1"],
        &[&["perf", "set", "cpu1", "600"], &["perf", "set", "cpu1", "1200"]],
    );
    assert_eq!((&event["event"], &event["name"]), (&json!("level"), &json!("cpu1")));
    // They are withdrawn when the connection ends.
    let limits = ["perf", "limits", "cpu1", "--min", "900"];
    let event = world.watched(&["perf", "watch", "cpu1"], &[&limits]);
    assert_eq!((&event["event"], &event["max"]), (&json!("limits"), &json!(1200)));
}

#[test]
fn voltages_are_set_in_volts() {
    let world = World::start();
    let list = world.text(&["voltage", "list"]);
    assert!(list.contains("1.8 V to 3.3 V by 50 mV"), "{list}");
    assert!(list.contains("-5 V, -3.3 V"), "{list}");
    assert_eq!(world.json(&["voltage", "set", "vdd-io", "2.5 V"])[0]["level_v"], 2.5);
    let negative = world.json(&["voltage", "set", "vee", "-3.3V", "--async"]);
    assert_eq!(negative[0]["level_v"], -3.3);
    assert_eq!(world.json(&["voltage", "enable", "vdd-io"])[0]["mode"], "on");
    assert_eq!(world.json(&["voltage", "disable", "vdd-io"])[0]["mode"], "off");
    assert_eq!(world.text(&["voltage", "levels", "vee"]), "-5 V\n-3.3 V\n");
    let refused = world.fails(&["voltage", "set", "vdd-io", "1.81 V"], 1);
    assert!(refused.contains("setting voltage domain 0 (vdd-io) to 1.81 V"), "{refused}");
    let refused = world.fails(&["voltage", "mode", "vdd-io", "own1"], 1);
    assert!(refused.contains("into mode own1"), "{refused}");
}

#[test]
fn domains_are_reset() {
    let world = World::start();
    assert!(has_row(&world.text(&["reset", "list"]), "0 gpu 5 ms async resets"));
    assert!(world.text(&["reset", "reset", "gpu"]).starts_with("gpu reset (cold) after"));
    let own = world.json(&["reset", "cycle", "gpu", "--state", "own3", "--async"]);
    assert_eq!((&own[0]["done"], &own[0]["state"]), (&json!("reset"), &json!("own3")));
    assert!(world.text(&["reset", "assert", "usb"]).starts_with("usb asserted"));
    assert!(world.text(&["reset", "deassert", "usb"]).starts_with("usb deasserted"));
    let refused = world.fails(&["reset", "cycle", "usb", "--async"], 1);
    assert!(refused.contains("NOT_SUPPORTED"), "{refused}");
    assert!(world.fails(&["reset", "watch", "usb"], 1).contains("no reset domain tells"));
    let event = world.watched(&["reset", "watch"], &[&["reset", "cycle", "gpu"]]);
    assert_eq!((&event["name"], &event["state"]), (&json!("gpu"), &json!("cold")));
}

#[test]
fn power_is_capped_and_measured_in_watts() {
    let world = World::start();
    let list = world.text(&["powercap", "list"]);
    assert!(list.contains("5 W to 20 W by 500 mW"), "{list}");
    assert!(list.contains("10 ms to 100 ms by 10 ms"), "{list}");
    assert_eq!(world.json(&["powercap", "list"])[1]["parent"], "soc");
    assert_eq!(world.json(&["powercap", "set", "soc", "15 W"])[0]["cap"], 15.0);
    assert_eq!(world.json(&["powercap", "set", "cpu", "7500 mW", "--async"])[0]["cap"], 7.5);
    assert!(world.json(&["powercap", "set", "soc", "none"])[0]["cap"].is_null());
    world.json(&["powercap", "set", "soc", "15 W", "--queue"]);
    let interval = world.json(&["powercap", "interval", "soc", "50 ms"]);
    assert_eq!(interval[0]["interval_s"], 0.05);
    let measured = world.text(&["powercap", "measure", "cpu"]);
    assert!(has_row(&measured, "1 cpu 7.25 W 10 ms"), "{measured}");
    assert!(world.fails(&["powercap", "set", "soc", "15 V"], 2).contains("W, mW or µW"));
    let event = world.watched(
        &["powercap", "watch", "soc"],
        &[&["powercap", "set", "soc", "10 W"], &["powercap", "set", "soc", "9 W"]],
    );
    assert_eq!((&event["event"], &event["name"]), (&json!("cap"), &json!("soc")));
    let event = world.watched(&["powercap", "watch", "cpu", "--below", "8W", "--above", "9W"], &[]);
    assert_eq!((&event["event"], &event["power"]), (&json!("power"), &json!(7.25)));
}

#[test]
fn pins_are_set_up_and_held() {
    let world = World::start();
    assert!(has_row(&world.text(&["pinctrl", "list"]), "1 rx uart0, both"));
    assert_eq!(world.json(&["pinctrl", "groups"])[0]["pins"], json!(["tx", "rx"]));
    let functions = world.json(&["pinctrl", "functions"]);
    assert_eq!(functions[0]["groups"], json!(["uart0"]));
    assert_eq!(
        (&functions[1]["pins"], &functions[1]["gpio"]),
        (&json!(["led", "both"]), &json!(true))
    );
    world.text(&["pinctrl", "request", "uart0"]);
    let set = world.text(&[
        "pinctrl",
        "set",
        "uart0",
        "--function",
        "uart",
        "pull-up=1",
        "drive-strength=8 mA",
    ]);
    assert!(has_row(&set, "0 uart0 uart pull-up=1, drive-strength=8 mA"), "{set}");
    assert!(has_row(
        &world.text(&["pinctrl", "get", "tx"]),
        "0 tx none pull-up=0, drive-strength=0 A"
    ));
    let get = world.json(&["pinctrl", "get", "pin:2", "group:uart0"]);
    assert_eq!(get[1]["settings"]["drive-strength"], 8);
    let released = world.fails(&["pinctrl", "release", "uart0"], 1);
    assert!(released.contains("letting group 0 (uart0) go"), "{released}");
    assert!(world.fails(&["pinctrl", "get", "both"], 2).contains("say pin:both or group:both"));
    assert!(world.fails(&["pinctrl", "get", "2"], 2).contains("pin:2"));
    world.fails(&["pinctrl", "set", "led"], 2);
}

#[test]
fn the_system_is_asked_for_a_state() {
    let world = World::start();
    assert_eq!(world.text(&["system", "list"]), "shutdown\ncold-reset\npower-up\nsuspend\n");
    assert_eq!(world.text(&["system", "get"]), "power-up\n");
    let refused = world.fails(&["system", "set", "warm-reset"], 1);
    assert!(
        refused.starts_with("scmictl: asking for warm-reset: the platform answered"),
        "{refused}"
    );
    let event =
        world.watched(&["system", "watch"], &[&["system", "set", "shutdown", "--graceful"]]);
    assert_eq!(event["state"], "shutdown");
    assert_eq!((&event["graceful"], &event["timeout_ms"]), (&json!(true), &json!(10_000)));
}
