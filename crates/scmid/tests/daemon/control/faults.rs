//! Faults by the control interface.

use scmi::agent::CallError;
use scmi::protocol::clock::agent::Clocks;
use scmi::wire::Status;

use super::Controlled;

const BUSY: &str = r#"{ "name": "no rates", "agent": "vm1", "protocol": "clock",
    "message": "CLOCK_RATE_GET", "resource": 3, "every": 2, "do": { "status": "BUSY" } }"#;

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
