//! Events as they come.

use std::time::Instant;

use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::Rounding;
use scmi::protocol::system::agent::SystemPower;
use scmi::protocol::system::wire::SystemState;
use serde_json::json;

use super::{Controlled, Feed, PATIENCE};

#[test]
fn whoever_listens_hears_of_agents_changes_refusals_and_requests() {
    let controlled = Controlled::start();
    let mut feed = Feed::open(&controlled);
    controlled.daemon.with("vm1", |client| {
        let came = feed.next("agent", |_| true);
        assert_eq!(came, json!({ "agent": "vm1", "what": "came", "lives": 1 }));
        let mut clocks = Clocks::open(client).expect("clocks");
        clocks.set_rate(1, 800_000_000, Rounding::Nearest).expect("set");
        let changed = feed.next("changed", |it| it["now"]["rate"]["text"] == "800 MHz");
        assert_eq!((&changed["kind"], &changed["id"]), (&json!("clock"), &json!(1)));
        assert_eq!(changed["now"]["name"], "pll");
        assert!(clocks.set_rate(0, 24_000_000, Rounding::Nearest).is_err(), "a fixed one");
        let refusal = feed.next("refusal", |_| true);
        let wanted = json!({
            "agent": "vm1", "protocol": "clock", "message": "CLOCK_RATE_SET", "status": "DENIED",
            "count": 1,
        });
        assert_eq!(refusal, wanted);
    });
    let gone = feed.next("agent", |it| it["what"] == "gone");
    assert_eq!(gone["agent"], "vm1");
    controlled.ask("PUT", "/v1/sensors/cpu/source", r#"{ "value": 50 }"#);
    let held = feed.next("changed", |it| it["kind"] == "sensor");
    assert_eq!(held["now"]["source"], "held");
    controlled.daemon.with("manager", |client| {
        let mut system = SystemPower::open(client).expect("the system");
        system.set_state(SystemState::SUSPEND, true).expect("asked");
    });
    let request = feed.next("request", |_| true);
    assert_eq!(request, json!({ "agent": "manager", "state": "suspend", "graceful": true }));
}

#[test]
fn eight_clients_can_listen_and_who_leaves_makes_room() {
    let controlled = Controlled::start();
    let mut feeds: Vec<Feed> = (0..8).map(|_| Feed::open(&controlled)).collect();
    let refused = controlled.get("/v1/events");
    assert_eq!(refused.refusal(503), (String::new(), String::new()));
    assert!(refused.head.contains("retry-after: 1"), "{refused:?}");
    feeds.pop();
    // The daemon sees it when it writes to that client, or reads its end.
    let listeners = || controlled.get("/metrics").body.contains("scmid_event_listeners 7");
    let give_up = Instant::now() + PATIENCE;
    while !listeners() {
        assert!(Instant::now() < give_up, "it keeps its place");
        std::thread::yield_now();
    }
    feeds.push(Feed::open(&controlled));
}
