//! Faults by the control interface.

use scmi::agent::CallError;
use scmi::protocol::clock::agent::Clocks;
use scmi::wire::Status;

use serde_json::{Value, json};

use super::{Controlled, Feed};

const BUSY: &str = r#"{ "name": "no rates", "agent": "vm1", "protocol": "clock",
    "message": "CLOCK_RATE_GET", "resource": 3, "every": 2, "do": { "status": "BUSY" } }"#;

/// Clocks that two agents know by ids of their own.
const BOARD: &str = r#"
[platform]
vendor = "acme"

[[agent]]
name = "all"

[[agent]]
name = "some"
clocks = ["b", "c"]

[[clock]]
name = "a"
rates = ["1 MHz"]

[[clock]]
name = "b"
rates = ["2 MHz"]

[[clock]]
name = "c"
rates = ["3 MHz"]
"#;

/// The rate of clock 3 of an agent, four times.
fn rates(controlled: &Controlled, agent: &str) -> Vec<Result<u64, CallError>> {
    let mut rates = Vec::new();
    controlled.daemon.with(agent, |client| {
        let mut clocks = Clocks::open(client).expect("clocks");
        rates.extend((0..4).map(|_| clocks.rate(3)));
    });
    rates
}

#[test]
fn a_fault_is_added_counted_and_removed() {
    let controlled = Controlled::start();
    let rate = rates(&controlled, "vm1")[0];
    assert!(rate.is_ok(), "{rate:?}");
    let added = controlled.ask("POST", "/v1/faults", BUSY);
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(added.json()["does"], serde_json::json!(["status"]));
    let busy = Err(CallError::Refused(Status::BUSY));
    assert_eq!(rates(&controlled, "vm1"), [rate, busy, rate, busy]);
    assert_eq!(rates(&controlled, "vm2"), [rate; 4], "not his");
    let state = controlled.get("/v1/faults").json();
    assert_eq!(state["faults"][0]["name"], "no rates");
    assert_eq!(
        (&state["faults"][0]["seen"], &state["faults"][0]["chosen"]),
        (&4.into(), &2.into())
    );
    assert_eq!(state["done"], serde_json::json!({ "status": 2 }));
    let (field, _) = controlled.ask("POST", "/v1/faults", BUSY).refusal(409);
    assert_eq!(field, "name");
    let removed = controlled.ask("DELETE", "/v1/faults/no%20rates", "");
    assert_eq!((removed.status, &removed.json()["done"]["status"]), (200, &2.into()));
    assert_eq!(rates(&controlled, "vm1"), [rate; 4]);
    let (field, expected) = controlled.ask("DELETE", "/v1/faults/no%20rates", "").refusal(404);
    assert_eq!((field.as_str(), expected.as_str()), ("fault", "none: the board has none"));
    controlled.ask("POST", "/v1/faults", BUSY);
    assert_eq!(controlled.ask("DELETE", "/v1/faults", "").json()["cleared"], 1);
    let state = controlled.get("/v1/faults").json();
    assert_eq!((&state["faults"], &state["done"]["status"]), (&serde_json::json!([]), &2.into()));
}

#[test]
fn what_a_fault_does_is_counted_for_prometheus_and_told_to_who_listens() {
    let controlled = Controlled::start();
    controlled.ask("POST", "/v1/faults", BUSY);
    let samples = || {
        let page = controlled.get("/metrics").body;
        let lines = page.lines().filter(|line| line.starts_with("scmid_fault"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut feed = Feed::open(&controlled);
    rates(&controlled, "vm1");
    let (mut told, mut events) = (0, 0);
    while told < 2 {
        let event = feed.next("fault", |_| true);
        assert_eq!((&event["more"], event["done"].as_array().map(Vec::len)), (&json!(0), Some(1)));
        let done = &event["done"][0];
        assert_eq!((&done["fault"], &done["agent"]), (&json!("no rates"), &json!("vm1")));
        assert_eq!(done["kind"], "status");
        told += done["count"].as_u64().expect("a count");
        events += 1;
    }
    assert_eq!(told, 2, "by {events} events");
    let rule = [
        "scmid_fault_seen_total{fault=\"no rates\"} 4",
        "scmid_fault_chosen_total{fault=\"no rates\"} 2",
        "scmid_fault_done_total{fault=\"no rates\",agent=\"vm1\",kind=\"status\"} 2",
    ];
    let all = [
        "scmid_faults_total{agent=\"vm1\",kind=\"status\"} 2",
        "scmid_faults_not_done_total 0",
        "scmid_faults_given_back_total 0",
    ];
    assert_eq!(samples(), [all, rule].concat());
    controlled.ask("DELETE", "/v1/faults", "");
    assert_eq!(samples(), all, "what was done stays done");
}

/// Faults with every key that there is, in the words in which they are shown.
fn all_keys() -> Vec<Value> {
    let acts = [
        ("answers", json!({ "delay": "1500 ms", "status": "BUSY", "truncate": 12, "extend": 4 })),
        ("answers", json!({ "garble": true, "token": 7, "twice": true, "swap": true })),
        ("answers", json!({ "event-queue": true, "unrequested": true, "used-length": "+8" })),
        ("answers", json!({ "never": true })),
        ("answers", json!({ "status": -77, "used-length": 0, "header": { "reserved": 15 } })),
        ("delayed-responses", json!({ "header": { "type": 1, "protocol": 3, "message": 0 } })),
        ("notifications", json!({ "flood": { "count": 9, "per-second": 100 } })),
        ("notifications", json!({ "flood": { "count": 9 }, "used-length": "-4" })),
    ];
    let about = [
        json!({}),
        json!({ "agent": "vm1", "protocol": "clock", "message": "CLOCK_RATE_SET", "resource": 3 }),
        json!({ "protocol": 64, "message": 200, "after": 5, "every": 2, "count": 9 }),
        json!({ "after": "30 s", "probability": 0.3, "seed": 18_446_744_073_709_551_615_u64 }),
        json!({ "protocol": "clock", "resource": "pll", "probability": 1e-9, "seed": 0 }),
        json!({ "protocol": "sensor", "resource": 4_294_967_295_u32, "after": "1500 us" }),
        json!({ "protocol": "sensor", "message": "SENSOR_TRIP_POINT_EVENT" }),
        json!({ "protocol": "base", "message": 0, "after": "1 ns", "probability": 0.999999999, "seed": 1 }),
    ];
    let faults = acts.iter().zip(about).enumerate().map(|(number, ((on, acts), about))| {
        let mut fault = about;
        fault["name"] = json!(format!("fault \"{number}\" \\"));
        fault["do"] = acts.clone();
        if *on != "answers" {
            fault["on"] = json!(on);
        }
        fault
    });
    faults.collect()
}

#[test]
fn a_fault_shows_its_whole_rule_which_makes_an_equal_one() {
    let controlled = Controlled::start();
    let rules = || {
        let state = controlled.get("/v1/faults").json();
        let faults = state["faults"].as_array().expect("faults").clone();
        faults.into_iter().map(|fault| fault["rule"].clone()).collect::<Vec<_>>()
    };
    let mut sent = all_keys();
    // What a protocol calls by name is shown by it.
    for fault in &sent {
        let added = controlled.ask("POST", "/v1/faults", &fault.to_string());
        assert_eq!(added.status, 201, "{fault}: {added:?}");
        assert_eq!(added.json()["rule"]["name"], fault["name"]);
    }
    sent[7]["message"] = json!("BASE_ERROR_EVENT");
    assert_eq!(rules(), sent);
    let one = controlled.get("/v1/faults/fault%20%221%22%20%5C").json();
    assert_eq!((&one["rule"], &one["id"], &one["seen"]), (&sent[1], &json!(2), &json!(0)));
    let (field, expected) = controlled.get("/v1/faults/other").refusal(404);
    assert_eq!(field, "fault");
    assert!(expected.starts_with("one of fault "), "{expected}");
    // The same again, from what was shown.
    controlled.ask("DELETE", "/v1/faults", "");
    for rule in &sent {
        assert_eq!(controlled.ask("POST", "/v1/faults", &rule.to_string()).status, 201, "{rule}");
    }
    assert_eq!(rules(), sent);
}

#[test]
fn a_resource_has_a_name_of_the_board_which_its_agent_must_see() {
    let controlled = Controlled::start_board(BOARD);
    let fault = |agent: &str, resource: &str| {
        let agent =
            if agent.is_empty() { String::new() } else { format!(r#""agent": "{agent}","#) };
        let body = format!(
            r#"{{ "name": "{agent_name}{resource}", {agent} "protocol": "clock",
                "message": "CLOCK_RATE_GET", "resource": "{resource}", "do": {{ "status": "BUSY" }} }}"#,
            agent_name = agent.len(),
        );
        controlled.ask("POST", "/v1/faults", &body)
    };
    // "b" is clock 1 of one and clock 0 of the other.
    assert_eq!(fault("", "b").status, 201);
    let busy = Err(CallError::Refused(Status::BUSY));
    for (agent, id, other) in [("all", 1, 0), ("some", 0, 1)] {
        controlled.daemon.with(agent, |client| {
            let mut clocks = Clocks::open(client).expect("clocks");
            assert_eq!((clocks.rate(id), clocks.rate(other).is_ok()), (busy, true), "{agent}");
        });
    }
    let (field, expected) = fault("", "d").refusal(422);
    assert_eq!(
        (field.as_str(), expected.as_str()),
        ("resource", "the name of a clock (a, b, c), or an id")
    );
    let (field, expected) = fault("some", "a").refusal(422);
    let wanted = "a clock that agent \"some\" sees (b, c), or its id of one";
    assert_eq!((field.as_str(), expected.as_str()), ("resource", wanted));
    let rules = controlled.get("/v1/faults").json();
    assert_eq!(rules["faults"].as_array().map(Vec::len), Some(1), "nothing else stands");
    assert_eq!(rules["faults"][0]["rule"]["resource"], "b");
}

#[test]
fn a_fault_that_cannot_be_is_refused_with_what_was_expected() {
    let controlled = Controlled::start();
    for (body, field, expected) in [
        (r#"{ "name": "a", "do": {} }"#, "do", "at least one of its keys"),
        (r#"{ "name": "a", "do": { "delay": 3 } }"#, "do.delay", "a time from 1 ns to 1 h"),
        (r#"{ "name": "a", "do": { "delay": null } }"#, "do.delay", "a time from 1 ns to 1 h"),
        (r#"{ "name": "a", "do": { "dealy": "1 s" } }"#, "do", "delay, event-queue"),
        (
            r#"{ "name": "a", "agent": "vm9", "do": { "never": true } }"#,
            "agent",
            "the name of an agent",
        ),
        (
            r#"{ "name": "a", "every": 0, "do": { "never": true } }"#,
            "every",
            "a whole number from 1",
        ),
        (r#"{ "name": "a", "evry": 1, "do": { "never": true } }"#, "evry", "`every`"),
        (r#"{ "name": "a", "message": -1, "do": { "never": true } }"#, "message", "a whole number"),
        (r#"{ "name": "a\nb", "do": { "never": true } }"#, "name", "1 to 63 characters"),
        (r#"{ "do": { "never": true } }"#, "body", ""),
        (r#"{ "name": "a", "do": { "header": { "type": 4 } } }"#, "do.header.type", "from 0 to 3"),
    ] {
        let (said, wanted) = controlled.ask("POST", "/v1/faults", body).refusal(422);
        assert_eq!(said, field, "{body}");
        assert!(wanted.contains(expected), "{body}: {wanted}");
    }
    assert_eq!(controlled.get("/v1/faults").json()["faults"], serde_json::json!([]));
}
