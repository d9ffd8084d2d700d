//! Notifications as an agent takes them in: each vector of one, read by the type that its protocol has for events.

use core::fmt::Debug;

use scmi::protocol::{base, clock, perf, power, powercap, reset, sensor, system};
use scmi::wire::{Header, ProtocolId};

use crate::all;
use crate::text::{Kind, Vector};

/// What each vector of a notification says, in their order in the files.
const EVENTS: &[&str] = &[
    "agent 3, fatal true, 0x05545005 -3, 0x0aa85406 -10",
    "agent 0, fatal false, 0x00004003 -8",
    "Changed { agent: 3, domain: 4660, state: OFF }",
    "Requested { agent: 3, domain: 4660, state: 0xabcdef1 }",
    "Event { agent: 3, state: WARM_RESET, graceful: true, timeout_ms: None }",
    "Event { agent: 3, state: SHUTDOWN, graceful: true, timeout_ms: Some(5000) }",
    "LimitsChanged { agent: 3, domain: 4660, limits: Limits { max: 1800, min: 600 } }",
    "LevelChanged { agent: 3, domain: 4660, level: 1200 }",
    "RateChanged { agent: 3, clock: 4660, rate: 5000000000 }",
    "RateChangeRequested { agent: 3, clock: 4660, rate: 72623859790382856 }",
    "TripPoint { sensor: 4660, trip_point: 165, rising: true }",
    "sensor 4660, [(-1250, 72623859790382856), (9941, 72623859790382857)]",
    "Issued { agent: 3, domain: 4660, state: ResetState(2147483649) }",
    "CapChanged { agent: 3, domain: 4660, cap: 1800000, pai_us: 1000000 }",
    "MeasurementsChanged { domain: 4660, power: 1800000 }",
];

fn shown(event: Option<impl Debug>) -> Option<String> {
    event.map(|event| format!("{event:?}"))
}

fn base(header: Header, payload: &[u8]) -> Option<String> {
    let event = base::agent::Event::parse(header, payload)?;
    let reports = event.reports();
    let reports = reports.map(|one| format!(", {:#010x} {}", one.header.get(), one.status.get()));
    Some(format!("agent {}, fatal {}{}", event.agent, event.fatal, reports.collect::<String>()))
}

fn sensor(header: Header, payload: &[u8]) -> Option<String> {
    let event = sensor::agent::Event::parse(header, payload)?;
    if let sensor::agent::Event::Update { sensor, readings } = event {
        let readings = readings.iter().map(|one| (one.value.get(), one.timestamp.get()));
        let readings: Vec<(i64, u64)> = readings.collect();
        return Some(format!("sensor {sensor}, {readings:?}"));
    }
    Some(format!("{event:?}"))
}

/// What the protocol's type of events makes of a notification.
fn parse(header: Header, payload: &[u8]) -> Option<String> {
    match header.protocol() {
        ProtocolId::BASE => base(header, payload),
        ProtocolId::POWER => shown(power::agent::Event::parse(header, payload)),
        ProtocolId::SYSTEM => shown(system::agent::Event::parse(header, payload)),
        ProtocolId::PERF => shown(perf::agent::Event::parse(header, payload)),
        ProtocolId::CLOCK => shown(clock::agent::Event::parse(header, payload)),
        ProtocolId::SENSOR => sensor(header, payload),
        ProtocolId::RESET => shown(reset::agent::Event::parse(header, payload)),
        ProtocolId::POWERCAP => shown(powercap::agent::Event::parse(header, payload)),
        _ => None,
    }
}

#[test]
fn events_say_what_their_vectors_say() {
    let vectors = all();
    let notifications: Vec<&Vector> =
        vectors.iter().filter(|vector| vector.kind == Kind::Notification).collect();
    assert_eq!(notifications.len(), EVENTS.len());
    for (vector, event) in notifications.iter().zip(EVENTS) {
        let (header, payload) = (vector.header(), vector.payload());
        assert_eq!(parse(header, &payload).as_deref(), Some(*event), "{vector}");
        // A system's notification of version 2.0 that is cut is one of version 1.0, and a list is as long as it is.
        let less = parse(header, &payload[..payload.len() - 1]);
        assert_ne!(less.as_deref(), Some(*event), "{vector}");
    }
}
