//! Orders to guests.

use core::time::Duration;

use scmi::agent::Client;
use scmi::protocol::system::agent::{Event, SystemPower};
use scmi::protocol::system::wire::SystemState;
use serde_json::json;

use super::{Controlled, Feed};
use crate::vmm::Vmm;

fn listen(client: &mut Client<'_>) {
    SystemPower::open(client).and_then(|mut system| system.notify(true)).expect("listening");
}

fn told(client: &mut Client<'_>) -> (SystemState, bool, Option<u32>) {
    let until = client.now().after(Duration::from_secs(60));
    let event = client.next_event(until).expect("a notification");
    let Event { agent, state, graceful, timeout_ms, .. } =
        Event::parse(event.header(), event.payload()).expect("of the system");
    assert_eq!(agent, 0, "it is the platform's");
    (state, graceful, timeout_ms)
}

#[test]
fn an_order_reaches_one_agent_or_all_and_says_who_listened() {
    let controlled = Controlled::start();
    let order = |body: &str| controlled.ask("POST", "/v1/orders", body);
    let mut feed = Feed::open(&controlled);
    controlled.daemon.with("vm1", |vm1| {
        listen(vm1);
        controlled.daemon.with("vm2", |vm2| {
            listen(vm2);
            let given = order(r#"{ "order": "suspend", "agent": "vm2" }"#);
            assert_eq!((given.status, &given.json()["told"]), (202, &json!(["vm2"])));
            assert_eq!(told(vm2), (SystemState::SUSPEND, true, None));
            let seen = feed.next("order", |_| true);
            let wanted = json!({ "agent": "vm2", "state": "suspend", "graceful": true, "told": 1 });
            assert_eq!(seen, wanted);
            let given = order(r#"{ "order": "shutdown", "timeout": "2.5 s" }"#);
            assert_eq!(given.json()["told"], json!(["vm1", "vm2"]));
            assert_eq!(told(vm2), (SystemState::SHUTDOWN, true, Some(2500)));
            // Read before the next: a newer order of the same state may take the place of one that still waits.
            assert_eq!(told(vm1), (SystemState::SHUTDOWN, true, Some(2500)), "not the one of vm2");
            let given = order(r#"{ "order": "reboot", "forced": true }"#);
            assert_eq!(given.json()["forced"], true);
            assert_eq!(told(vm2), (SystemState::COLD_RESET, false, None));
            assert_eq!(told(vm1), (SystemState::COLD_RESET, false, None));
            assert_eq!(order(r#"{ "order": "shutdown" }"#).status, 202);
            assert_eq!(told(vm2), (SystemState::SHUTDOWN, true, Some(30_000)), "the board's time");
        });
    });
}

#[test]
fn a_forced_order_is_done_to_the_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let vmm = Vmm::listen(&folder.path().join("vm1.qmp"), "quit");
    let board = folder.path().join("board.toml");
    let text =
        "platform.vendor = \"acme\"\nagent = [{ name = \"vm1\", qmp = \"vm1.qmp\" }]\n[system]\n";
    std::fs::write(&board, text).expect("written");
    let controlled = Controlled::start_on(&board);
    for (order, command) in [("suspend", "stop"), ("resume", "cont"), ("reboot", "system_reset")] {
        let body = format!("{{ \"order\": \"{order}\", \"forced\": true, \"agent\": \"vm1\" }}");
        let given = controlled.ask("POST", "/v1/orders", &body);
        assert_eq!((given.status, &given.json()["told"]), (202, &json!([])), "{given:?}");
        assert!(vmm.is_told(command), "{order}");
    }
}

#[test]
fn an_order_that_makes_no_sense_is_refused_with_what_would() {
    let text =
        "platform.vendor = \"acme\"\nagent = [{ name = \"vm1\" }]\n[system]\nsuspend = false\n";
    let controlled = Controlled::start_board(text);
    for (body, status, field, expected) in [
        (r#"{ "order": "suspend" }"#, 409, "order", "one of shutdown, reboot, resume"),
        (r#"{ "order": "halt" }"#, 422, "order", "`shutdown`, `reboot`, `suspend`, `resume`"),
        (r#"{}"#, 422, "body", ""),
        (r#"{ "order": "reboot", "agent": "vm9" }"#, 422, "agent", "one of vm1"),
        (r#"{ "order": "reboot", "forced": "yes" }"#, 422, "forced", "a boolean"),
        (r#"{ "order": "reboot", "timeout": "1 s" }"#, 422, "timeout", "no timeout"),
        (r#"{ "order": "shutdown", "timeout": 5 }"#, 422, "timeout", "a string"),
        (r#"{ "order": "shutdown", "timeout": "5 V" }"#, 422, "timeout", ""),
        (r#"{ "order": "shutdown", "timeout": "-5 s" }"#, 422, "timeout", "a time of zero or more"),
        (r#"{ "order": "shutdown", "timeout": "50 days" }"#, 422, "timeout", ""),
        (r#"{ "order": "shutdown", "force": true }"#, 422, "force", "`forced`"),
    ] {
        let answer = controlled.ask("POST", "/v1/orders", body);
        let (its_field, its_expected) = answer.refusal(status);
        assert_eq!(its_field, field, "{body}: {answer:?}");
        assert!(its_expected.contains(expected), "{body}: {answer:?}");
    }
}
