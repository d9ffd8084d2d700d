//! Sensors that the operator holds.

use core::time::Duration;

use scmi::protocol::sensor::agent::{Event, Sensors};
use scmi::protocol::sensor::wire::TripMode;
use serde_json::json;

use super::Controlled;

#[test]
fn a_sensor_that_is_held_is_read_by_agents_and_crosses_their_trip_points() {
    let controlled = Controlled::start();
    let cpu = "/v1/sensors/cpu/source";
    controlled.daemon.with("vm1", |client| {
        let held = controlled.ask("PUT", cpu, r#"{ "value": "30 °C" }"#);
        assert_eq!((held.status, &held.json()["source"]), (200, &json!("held")));
        let mut sensors = Sensors::open(client).expect("sensors");
        assert_eq!(sensors.value(0), Ok(30_000));
        sensors.set_trip_point(0, 1, TripMode::BOTH, 90_000).expect("set");
        sensors.notify_trip_points(0, true).expect("listening");
        let seen = controlled.get("/v1/sensors/cpu").json();
        assert_eq!(seen["values"][0]["value"]["text"], "30 °C");
        assert_eq!(seen["trip_points"][0]["value"]["text"], "90 °C");
        assert_eq!(seen["trips_told_to"], json!(["vm1"]));
        for (value, rising) in [("95.5", true), ("-0.0", false)] {
            let held = controlled.ask("PUT", cpu, &format!("{{ \"value\": {value} }}"));
            assert_eq!(held.status, 200, "{held:?}");
            let until = client.now().after(Duration::from_secs(60));
            let event = client.next_event(until).expect("a notification");
            let event = Event::parse(event.header(), event.payload());
            let Some(Event::TripPoint { sensor: 0, trip_point: 1, rising: told }) = event else {
                panic!("{event:?}");
            };
            assert_eq!(told, rising);
        }
    });
    let released = controlled.ask("DELETE", cpu, "").json();
    assert_eq!(
        (&released["was_held"], &released["sensor"]["source"]),
        (&json!(true), &json!("board"))
    );
    let value = released["sensor"]["values"][0]["value"]["raw"].as_i64().expect("a number");
    assert!((42_000..=78_000).contains(&value), "the board's wave: {value}");
    assert_eq!(controlled.ask("DELETE", cpu, "").json()["was_held"], json!(false));
}

#[test]
fn axes_are_held_together() {
    let controlled = Controlled::start();
    let board = controlled.get("/v1/board").json();
    let all = board["sensors"].as_array().expect("sensors");
    let with_axes = all.iter().find(|it| it["values"].as_array().is_some_and(|it| it.len() == 3));
    let name = with_axes.and_then(|it| it["name"].as_str()).expect("one with three axes");
    let path = format!("/v1/sensors/{name}/source");
    let held = controlled.ask("PUT", &path, r#"{ "values": [1, "0.25 m/s2", -0.5] }"#);
    assert_eq!(held.status, 200, "{held:?}");
    let values = held.json()["values"].as_array().cloned().unwrap_or_default();
    let texts: Vec<_> = values.iter().map(|it| it["value"]["text"].clone()).collect();
    assert_eq!(texts, ["1 m/s²", "0.25 m/s²", "-0.5 m/s²"]);
    for body in [r#"{ "value": 1 }"#, r#"{ "values": [1, 2] }"#, "{}"] {
        let (field, expected) = controlled.ask("PUT", &path, body).refusal(422);
        assert_eq!(field, "body");
        assert_eq!(expected, "values: 3 of them, one for each axis, and no value");
    }
}

#[test]
fn what_a_sensor_cannot_read_is_refused_with_what_it_can() {
    let controlled = Controlled::start();
    let put = |body: &str| controlled.ask("PUT", "/v1/sensors/cpu/source", body);
    let either = "a number, or a text with a unit";
    for (body, status, field, expected) in [
        (r#"{ "value": "85 V" }"#, 422, "value", "the unit °C with a prefix"),
        (r#"{ "value": "hot" }"#, 422, "value", "a number with a unit such as"),
        (r#"{ "value": 125.001 }"#, 422, "value", "a value from 0 to 125 °C"),
        (r#"{ "value": "1e400" }"#, 422, "value", ""),
        (r#"{ "value": 1.00001 }"#, 422, "value", "a whole number of 10^-3 °C, such as 1"),
        (r#"{ "value": true }"#, 422, "value", either),
        (r#"{ "value": [] }"#, 422, "value", either),
        (r#"{ "value": 1, "values": [1] }"#, 422, "body", "value, and no values"),
        (r#"{ "values": [1] }"#, 422, "body", "value, and no values"),
        (r#"{ "valu": 1 }"#, 422, "valu", "`value` or `values`"),
        ("[]", 422, "body", "an object"),
        ("[1]", 422, "body", "an object"),
        ("null", 422, "body", "an object"),
        ("{", 400, "body", ""),
        ("", 400, "body", ""),
        (r#"{ "value": 1 } x"#, 400, "body", "one value and nothing after it"),
    ] {
        let answer = put(body);
        let (its_field, its_expected) = answer.refusal(status);
        assert_eq!(its_field, field, "{body}: {answer:?}");
        assert!(its_expected.contains(expected), "{body}: {answer:?}");
    }
    assert_eq!(controlled.get("/v1/sensors/cpu").json()["source"], "board", "nothing was changed");
    let (field, expected) =
        controlled.ask("PUT", "/v1/sensors/cpus/source", r#"{ "value": 1 }"#).refusal(404);
    assert_eq!(field, "sensor");
    assert!(expected.starts_with("one of cpu, gpu, ambient"), "{expected}");
}
