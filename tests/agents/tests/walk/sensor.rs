//! Sensors.

use scmi::agent::CallError;
use scmi::protocol::sensor::agent::{Event, IntervalInfo, Sensors};
use scmi::protocol::sensor::wire::{ConfigWord, Interval, Reading, TripMode};
use scmi::protocol::sensor::{INFO, V2, V3};
use scmi::wire::{I64, Status, U64};
use scmi_tests_agents::{Agent, Never, Walk, walk};

const LONG: u32 = 0;
const AXES: u32 = 1;
const BROKEN: u32 = 2;
const SLOW: u32 = 3;
const NONE: u32 = 4;

const SHARED: &str = "every agent may set up every sensor";

const NEVER: &[Never] = &[
    Never::refused(0x5, Status::DENIED, SHARED),
    Never::refused(0xA, Status::DENIED, SHARED),
];

/// What it begins with, and goes back to.
const KEEP: Interval = Interval { seconds: 0, exponent: 0 };

fn sensors<'a>(agent: &'a mut Agent<'_>) -> Sensors<'a> {
    Sensors::open(agent).expect("sensors")
}

#[test]
fn every_message_of_sensor() {
    walk(&INFO, NEVER, |walk| {
        describe(walk);
        readings(walk);
        trips(walk);
        if walk.version >= V2 {
            axes(walk);
            config(walk);
            updates(walk);
        }
        refusals(walk);
        busy(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut sensors = sensors(&mut walk.one);
    assert_eq!((sensors.count(), sensors.max_async()), (4, 16));
    let mut all = Vec::new();
    sensors.describe(&mut |info| all.push(*info)).expect("descriptors");
    assert_eq!(all.len(), 4);
    let whole = if walk.version < V3 { "a temperature w" } else { "a temperature with a long name" };
    assert_eq!(sensors.name(&all[0]).expect("a name").as_str(), whole);
    if walk.version < V2 {
        return;
    }
    let mut intervals = Vec::new();
    sensors.intervals(LONG, &mut |interval| intervals.push(interval)).expect("intervals");
    let nanos: Vec<u64> = intervals
        .iter()
        .filter_map(|interval| match interval {
            IntervalInfo::One(interval) => Some(interval.as_nanos()),
            _ => None,
        })
        .collect();
    assert_eq!(nanos, [10_000_000, 1_000_000_000]);
}

fn readings(walk: &mut Walk<'_>) {
    let mut sensors = sensors(&mut walk.one);
    let mut readings = [Reading { value: I64::new(0), timestamp: U64::new(0) }; 2];
    assert_eq!(sensors.read(LONG, &mut readings), Ok(1));
    assert!((20_000..=80_000).contains(&readings[0].value.get()));
    assert_eq!(sensors.read_async(LONG, &mut readings), Ok(1));
    assert!((20_000..=80_000).contains(&readings[0].value.get()));
}

/// The temperature crosses fifty degrees ten times a second.
fn trips(walk: &mut Walk<'_>) {
    let mut one = sensors(&mut walk.one);
    one.set_trip_point(LONG, 0, TripMode::BOTH, 50_000).expect("set");
    one.notify_trip_points(LONG, true).expect("subscribed");
    for expected in [true, false] {
        let rising = |header, payload: &[u8]| match Event::parse(header, payload)? {
            Event::TripPoint { sensor: LONG, trip_point: 0, rising } => Some(rising),
            _ => None,
        };
        while walk.one.told(rising) != expected {}
    }
    sensors(&mut walk.one).notify_trip_points(LONG, false).expect("unsubscribed");
}

fn axes(walk: &mut Walk<'_>) {
    let mut sensors = sensors(&mut walk.one);
    let mut names = Vec::new();
    sensors.axes(AXES, 2, &mut |axis| names.push(axis.name.as_str().to_owned())).expect("axes");
    assert_eq!(names, ["an axis with a ", "y"]);
    if walk.version >= V3 {
        names.clear();
        let mut push = |axis: &scmi::protocol::sensor::wire::AxisName| {
            names.push(axis.name.as_str().to_owned());
        };
        sensors.axis_names(AXES, 2, &mut push).expect("names");
        assert_eq!(names, ["an axis with a long name", "y"]);
        assert_eq!(walk.one.raw(0xD, &[AXES, 2]), Err(Status::INVALID_PARAMETERS));
        assert_eq!(walk.one.raw(0xD, &[LONG, 0]), Err(Status::NOT_SUPPORTED));
    }
    assert_eq!(walk.one.raw(7, &[AXES, 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(7, &[LONG, 0]), Err(Status::NOT_SUPPORTED));
}

fn config(walk: &mut Walk<'_>) {
    let mut sensors = sensors(&mut walk.one);
    sensors.set_config(LONG, ConfigWord::new(false, false, KEEP)).expect("off");
    assert!(!sensors.config(LONG).expect("a configuration").enabled());
    let mut reading = [Reading { value: I64::new(0), timestamp: U64::new(0) }];
    let refused = sensors.read(LONG, &mut reading);
    assert_eq!(refused, Err(CallError::Refused(Status::PROTOCOL_ERROR)));
    sensors.set_config(LONG, ConfigWord::new(true, true, KEEP)).expect("on");
    assert_eq!(walk.one.raw(0xA, &[LONG, 0x101]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(0xA, &[BROKEN, 3]), Err(Status::NOT_SUPPORTED));
}

fn updates(walk: &mut Walk<'_>) {
    sensors(&mut walk.two).notify_updates(LONG, true).expect("subscribed");
    let reading = walk.two.told(|header, payload| match Event::parse(header, payload)? {
        Event::Update { sensor: LONG, readings } => readings.iter().next(),
        _ => None,
    });
    assert!((20_000..=80_000).contains(&reading.value.get()));
    assert_ne!(reading.timestamp.get(), 0);
    sensors(&mut walk.two).notify_updates(LONG, false).expect("unsubscribed");
}

fn refusals(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    assert_eq!(one.raw(3, &[NONE]), Err(Status::INVALID_PARAMETERS));
    for message in [4, 6, 7, 8, 0xA, 0xB, 0xD] {
        assert_eq!(one.raw(message, &[NONE, 0]), Err(Status::NOT_FOUND));
    }
    for message in [9, 0xC] {
        assert_eq!(one.raw(message, &[NONE]), Err(Status::NOT_FOUND));
    }
    assert_eq!(one.raw(4, &[LONG, 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[BROKEN, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.deaf.raw(4, &[LONG, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(5, &[NONE, 0, 0, 0]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(5, &[LONG, 1 << 31, 0, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[LONG, 2 << 4, 0, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[BROKEN, 0, 0, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(6, &[LONG, 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(6, &[BROKEN, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(6, &[BROKEN, 0]), Err(Status::HARDWARE_ERROR));
    if walk.version >= V2 {
        assert_eq!(one.raw(8, &[BROKEN, 0]), Err(Status::NOT_SUPPORTED));
        assert_eq!(one.raw(8, &[LONG, 9]), Err(Status::OUT_OF_RANGE));
        assert_eq!(one.raw(0xB, &[LONG, 2]), Err(Status::INVALID_PARAMETERS));
        assert_eq!(one.raw(0xB, &[BROKEN, 1]), Err(Status::NOT_SUPPORTED));
    }
}

/// Only so many readings can wait.
fn busy(walk: &mut Walk<'_>) {
    for _ in 0..16 {
        walk.one.leave(6, &[SLOW, 1]);
    }
    assert_eq!(walk.one.raw(6, &[SLOW, 1]), Err(Status::BUSY));
}
