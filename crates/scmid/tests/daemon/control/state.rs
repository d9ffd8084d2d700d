//! What is told of the board and of the agents.

use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::Rounding;
use scmi::protocol::power::agent::PowerDomains;
use scmi::protocol::power::wire::PowerState;
use scmi::protocol::voltage::agent::Voltages;
use scmi::protocol::voltage::wire::Mode;
use serde_json::json;

use super::Controlled;

#[test]
fn the_daemon_says_that_it_is_well() {
    let controlled = Controlled::start();
    let health = controlled.get("/health").json();
    assert_eq!((&health["status"], &health["agents"]), (&json!("ok"), &json!(3)));
    assert_eq!(health["connected"], 0);
    assert!(health["uptime_seconds"].as_f64().is_some_and(|uptime| uptime > 0.0), "{health}");
}

#[test]
fn what_an_agent_sets_is_seen_with_its_unit_and_who_wants_it() {
    let controlled = Controlled::start();
    let before = controlled.get("/v1/board").json();
    assert_eq!(before["clocks"][1]["rate"]["text"], "1.2 GHz");
    assert_eq!(before["sensors"].as_array().map(Vec::len), Some(17), "all that the board has");
    controlled.daemon.with("vm1", |client| {
        let mut clocks = Clocks::open(client).expect("clocks");
        clocks.set_rate(1, 800_000_000, Rounding::Nearest).expect("set");
        clocks.set_enabled(1, true).expect("on");
        PowerDomains::open(client).and_then(|mut it| it.set_state(2, PowerState::ON)).expect("on");
        let mut volts = Voltages::open(client).expect("voltages");
        volts.set_level(0, 862_500).expect("set");
        volts.set_mode(1, Mode::ON).expect("on");
        let board = controlled.get("/v1/board").json();
        let pll = &board["clocks"][1];
        assert_eq!((&pll["name"], &pll["id"]), (&json!("pll"), &json!(1)));
        let rate = json!({ "text": "800 MHz", "raw": 800_000_000, "exponent": 0, "unit": "Hz" });
        assert_eq!((&pll["rate"], &pll["enabled_by"]), (&rate, &json!(["vm1"])));
        assert_eq!(board["clocks"][2]["rate"]["text"], "200 MHz", "it divides the other");
        let usb = &board["power_domains"][2];
        let votes = json!([{ "agent": "vm1", "wants": "on" }]);
        assert_eq!((&usb["state"], &usb["votes"]), (&json!("on"), &votes));
        assert_eq!(board["voltage_domains"][0]["level"]["text"], "862.5 mV");
        assert_eq!(board["voltage_domains"][1]["wanted_by"], votes);
    });
}

#[test]
fn agents_are_counted_by_message_and_refusal() {
    let controlled = Controlled::start();
    controlled.daemon.with("vm1", |client| {
        let mut clocks = Clocks::open(client).expect("clocks");
        assert!(clocks.set_rate(0, 24_000_000, Rounding::Nearest).is_err(), "a fixed one");
        let agent = controlled.get("/v1/agents/vm1").json();
        assert_eq!((&agent["connected"], &agent["lives"]), (&json!(true), &json!(1)));
        assert_eq!(agent["id"], 1);
        let refusals = json!([{
            "protocol": "clock", "message": "CLOCK_RATE_SET", "status": "DENIED", "count": 1,
        }]);
        assert_eq!(agent["refusals"], refusals);
        let set = |tally: &&serde_json::Value| tally["message"] == "CLOCK_RATE_SET";
        let tally = agent["messages"].as_array().and_then(|all| all.iter().find(set)).cloned();
        let wanted = json!({
            "protocol": "clock", "kind": "response", "message": "CLOCK_RATE_SET",
            "succeeded": 0, "refused": 1,
        });
        assert_eq!(tally, Some(wanted));
        assert_eq!(agent["device"]["commands"], agent["platform"]["commands"]);
    });
    let all = controlled.get("/v1/agents").json();
    let names: Vec<_> = all.as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    assert_eq!(names, ["vm1", "vm2", "manager"]);
    let (field, expected) = controlled.get("/v1/agents/vm9").refusal(404);
    assert_eq!((field.as_str(), expected.as_str()), ("agent", "one of vm1, vm2, manager"));
}

#[test]
fn a_board_with_nothing_is_a_board() {
    let controlled =
        Controlled::start_board("platform.vendor = \"acme\"\nagent = [{ name = \"a\" }]\n");
    let board = controlled.get("/v1/board").json();
    assert_eq!(board["platform"]["protocols"], json!([]));
    assert_eq!((&board["clocks"], &board["system"]), (&json!([]), &json!(null)));
    let order = controlled.ask("POST", "/v1/orders", r#"{ "order": "shutdown" }"#);
    assert_eq!(order.refusal(409).1, "a board with [system]");
    let (_, expected) = controlled.get("/v1/sensors/any").refusal(404);
    assert_eq!(expected, "none: the board has none");
}
