//! Byte vectors worked by hand from section 8.6, and both ends against each other over virtual time.

mod sharing;

use alloc::boxed::Box;
use core::time::Duration;
use std::string::String;
use std::vec;
use std::vec::Vec;

use super::agent::{Event, IntervalInfo, Sensors};
use super::platform::{Axis, Intervals, Limits, Sensor, SensorConfig, SensorModel, SensorServer};
use super::wire::{ConfigWord, Interval, Reading, Resolution, TripMode};
use super::{SensorType, V1, V2};
use crate::agent::{CallError, CallerExt, Client};
use crate::platform::{AgentId, AgentSpec, Link, Platform, Rights, Space};
use crate::protocol::base::tests::identity;
use crate::protocol::testing::Kit;
use crate::time::Time;
use crate::transport::{Channel, Loopback, Received};
use crate::wire::{ProtocolId, Status, Version};

const MS_10: Interval = Interval { seconds: 10, exponent: -3 };
const MS_100: Interval = Interval { seconds: 100, exponent: -3 };

/// A scalar with everything, a bare one, a slow one, and one with three axes. Each reads the milliseconds of the
/// virtual time, an axis its number more.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) sensors: Vec<Sensor>,
}

fn bare(name: &str, kind: SensorType) -> Sensor {
    Sensor {
        name: name.into(),
        kind,
        exponent: 0,
        limits: Limits::default(),
        axes: Vec::new(),
        trip_points: 0,
        intervals: Intervals::None,
        updates: false,
        asynchronous: false,
        read_time: Duration::ZERO,
        timestamps: None,
        power: 0,
        config: SensorConfig::default(),
    }
}

fn axis(name: &str) -> Axis {
    Axis {
        name: name.into(),
        kind: SensorType::ACCELERATION,
        exponent: -2,
        limits: Limits { min: Some(-1000), ..Limits::default() },
    }
}

impl Fixed {
    pub(crate) fn new() -> Self {
        let full = Sensor {
            exponent: -3,
            limits: Limits {
                resolution: Some(Resolution { value: 5, exponent: -1 }),
                min: Some(-40_000),
                max: Some(125_000),
            },
            trip_points: 2,
            intervals: Intervals::List(vec![MS_10, MS_100]),
            updates: true,
            timestamps: Some(-6),
            power: 120,
            config: SensorConfig { interval: MS_100, ..SensorConfig::default() },
            ..bare("a temperature with a long name", SensorType::TEMPERATURE_C)
        };
        let slow = Sensor {
            asynchronous: true,
            read_time: Duration::from_millis(40),
            ..bare("slow", SensorType::VOLTAGE)
        };
        let accel = Sensor {
            axes: vec![axis("accel_X"), axis("accel_Y"), axis("an axis with a long name_Z")],
            intervals: Intervals::Range { first: MS_10, last: MS_100, step: MS_10 },
            updates: true,
            ..bare("accel", SensorType::NONE)
        };
        Self { sensors: vec![full, bare("plain", SensorType::CURRENT), slow, accel] }
    }
}

impl SensorModel for Fixed {
    fn sensors(&self) -> &[Sensor] {
        &self.sensors
    }

    fn read(&mut self, now: Time, _sensor: usize, values: &mut [i64]) -> Result<(), Status> {
        let millis = i64::try_from(now.as_nanos() / 1_000_000).expect("small");
        for (offset, value) in (0..).zip(values) {
            *value = millis + offset;
        }
        Ok(())
    }
}

fn loopback(version: Version, p2a: bool) -> Loopback {
    let platform = Platform::builder(identity())
        .server(Box::new(SensorServer::new(Box::new(Fixed::new()))))
        .agent("vm1", &[(ProtocolId::SENSOR, version)])
        .build()
        .expect("fits together");
    Loopback::new(platform, AgentId::from_index(0).expect("small"), Link::new(p2a))
}

fn newest() -> Loopback {
    loopback(super::INFO.newest(), true)
}

/// The values of the answer to a command of the Sensor protocol, with room for 136 bytes.
fn values(channel: &mut Loopback, message: u8, params: &[u32]) -> Result<Vec<u8>, Status> {
    let mut request = vec![message, 0x54, 0, 0];
    params.iter().for_each(|word| request.extend(word.to_le_bytes()));
    channel.send(0, &request, 136).expect("room");
    let mut reply = [0; 136];
    let Some(Received::Reply { len, .. }) = channel.receive(&mut reply) else { panic!("no reply") };
    assert_eq!(reply[..4], request[..4]);
    let status = Status(i32::from_le_bytes(reply[4..8].try_into().expect("4")));
    status.ok().inspect_err(|_| assert_eq!(len, 8))?;
    Ok(reply[8..len].to_vec())
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().expect("4"))).collect()
}

#[test]
fn attributes_count_sensors_and_asynchronous_reads() {
    let attributes = values(&mut newest(), 1, &[]).expect("answers");
    assert_eq!(words(&attributes), [16 << 16 | 4, 0, 0, 0]);
    let without = values(&mut loopback(V2, false), 1, &[]).expect("answers");
    assert_eq!(words(&without), [4, 0, 0, 0]);
}

#[test]
fn a_descriptor_has_the_words_that_its_bits_announce() {
    let page = values(&mut newest(), 3, &[0]).expect("answers");
    // 124 bytes of list hold the first (52), the second (28) and the third (28), not the fourth.
    let words_of_page = words(&page);
    assert_eq!(words_of_page[0], 1 << 16 | 3);
    let first = &words_of_page[1..14];
    assert_eq!(first[0], 0);
    // Updates, extended name, timestamps in 10^-6 s, extended attributes, two trip points.
    assert_eq!(first[1], 1 << 30 | 1 << 29 | 0x1A << 10 | 1 << 9 | 1 << 8 | 2);
    assert_eq!(first[2], 0x1D << 11 | 2);
    assert_eq!(page[16..32], *b"a temperature w\0");
    // Power; resolution 5e-1; -40000 and 125000 as two words each.
    assert_eq!(first[7..], [120, 0x1F << 27 | 5, 0xFFFF_63C0, 0xFFFF_FFFF, 125_000, 0]);
    assert_eq!(words_of_page[14..17], [1, 0, 6]);
    assert_eq!(words_of_page[21..24], [2, 1 << 31, 5]);
    let last = words(&values(&mut newest(), 3, &[3]).expect("answers"));
    assert_eq!(last[..4], [1, 3, 1 << 30, 3 << 16 | 1 << 8]);
    assert_eq!(last.len(), 1 + 7);
}

#[test]
fn version_1_has_the_interval_in_the_descriptor_and_no_timestamps() {
    let mut channel = loopback(V1, true);
    let page = words(&values(&mut channel, 3, &[0]).expect("answers"));
    assert_eq!(page[0], 4);
    assert_eq!(page[2], 2);
    // 100 ms do not fit into five bits of seconds: as many as fit, at the same exponent.
    assert_eq!(page[3], 31 << 27 | 0x1D << 22 | 0x1D << 11 | 2);
    assert_eq!(words(&values(&mut channel, 6, &[1, 0]).expect("answers")), [0, 0]);
    assert_eq!(values(&mut channel, 7, &[3, 0]), Err(Status::NOT_FOUND));
}

#[test]
fn axes_intervals_and_names_are_listed() {
    let mut channel = newest();
    let axes = words(&values(&mut channel, 7, &[3, 0]).expect("answers"));
    // Twelve words each: two fit.
    assert_eq!(axes[0], 1 << 26 | 2);
    assert_eq!(axes[1..4], [0, 1 << 8, 0x1E << 11 | 0x59]);
    assert_eq!(axes[8..13], [0, 0xFFFF_FC18, 0xFFFF_FFFF, 0xFFFF_FFFF, 0x7FFF_FFFF]);
    let third = words(&values(&mut channel, 7, &[3, 2]).expect("answers"));
    assert_eq!(third[..3], [1, 2, 1 << 9 | 1 << 8]);
    let names = values(&mut channel, 0xD, &[3, 2]).expect("answers");
    assert_eq!(words(&names)[..2], [1, 2]);
    assert_eq!(names[8..36], *b"an axis with a long name_Z\0\0");
    let list = words(&values(&mut channel, 8, &[0, 0]).expect("answers"));
    assert_eq!(list, [2, 10 << 5 | 0x1D, 100 << 5 | 0x1D]);
    assert_eq!(words(&values(&mut channel, 8, &[0, 1]).expect("answers")), [1, 100 << 5 | 0x1D]);
    let triplet = words(&values(&mut channel, 8, &[3, 7]).expect("answers"));
    assert_eq!(triplet, [1 << 12 | 3, 10 << 5 | 0x1D, 100 << 5 | 0x1D, 10 << 5 | 0x1D]);
    let name = values(&mut channel, 0xC, &[0]).expect("answers");
    assert_eq!((name.len(), &name[4..34]), (68, &b"a temperature with a long name"[..]));
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_6() {
    let cases: [(u8, &[u32], Status); 22] = [
        (3, &[4], Status::INVALID_PARAMETERS),
        (3, &[], Status::PROTOCOL_ERROR),
        (3, &[0, 0], Status::PROTOCOL_ERROR),
        (4, &[9, 1], Status::NOT_FOUND),
        (4, &[0, 2], Status::INVALID_PARAMETERS),
        (4, &[1, 0xF], Status::INVALID_PARAMETERS),
        (4, &[1, 1], Status::NOT_SUPPORTED),
        (5, &[0, 2 << 4 | 1, 0, 0], Status::INVALID_PARAMETERS),
        (5, &[0, 1 << 12 | 1, 0, 0], Status::INVALID_PARAMETERS),
        (5, &[1, 1, 0, 0], Status::NOT_SUPPORTED),
        (6, &[4, 0], Status::NOT_FOUND),
        (6, &[0, 0xF], Status::INVALID_PARAMETERS),
        (6, &[0, 1], Status::NOT_SUPPORTED),
        (7, &[0, 0], Status::NOT_SUPPORTED),
        (7, &[3, 3], Status::INVALID_PARAMETERS),
        (8, &[1, 0], Status::NOT_SUPPORTED),
        (8, &[0, 2], Status::OUT_OF_RANGE),
        (0xA, &[0, 4], Status::INVALID_PARAMETERS),
        (0xA, &[1, 3], Status::NOT_SUPPORTED),
        (0xA, &[0, 1 << 16 | 1], Status::INVALID_PARAMETERS),
        (0xB, &[1, 1], Status::NOT_SUPPORTED),
        (0xE, &[], Status::NOT_FOUND),
    ];
    for (message, params, status) in cases {
        assert_eq!(values(&mut newest(), message, params), Err(status), "{message:#x} {params:x?}");
    }
}

#[test]
fn what_a_sensor_cannot_comes_before_what_an_agent_may_not() {
    let server = || Box::new(SensorServer::new(Box::new(Fixed::new())));
    let mut looks = AgentSpec::new("looks");
    for id in [0, 1] {
        looks = looks.may(Space::Sensor, id, Rights::READ);
    }
    let mut kit = Kit::with_agents(server(), V2, vec![looks]).expect("fits together");
    let refused = [0, 1].map(|sensor| kit.ask(0, 0xA, &[sensor, 1 << 16 | 1]));
    assert_eq!(refused, [Err(Status::DENIED), Err(Status::NOT_SUPPORTED)]);
}

#[test]
fn a_disabled_sensor_is_not_read() {
    let mut channel = newest();
    values(&mut channel, 0xA, &[0, 0]).expect("answers");
    assert_eq!(values(&mut channel, 6, &[0, 0]), Err(Status::PROTOCOL_ERROR));
    values(&mut channel, 0xA, &[0, 3]).expect("answers");
    assert_eq!(
        words(&values(&mut channel, 9, &[0]).expect("answers")),
        [100 << 16 | 0x1D << 11 | 3]
    );
    assert_eq!(values(&mut channel, 6, &[0, 0]).map(|values| values.len()), Ok(16));
}

#[test]
fn an_agent_finds_what_the_platform_has() {
    for p2a in [true, false] {
        let mut channel = loopback(super::INFO.newest(), p2a);
        let mut client = Client::<16>::new(&mut channel);
        let mut sensors = Sensors::open(&mut client).expect("there");
        let mut infos = Vec::new();
        sensors.describe(&mut |info| infos.push(*info)).expect("answers");
        let axes: Vec<u8> = infos.iter().map(|info| info.axes).collect();
        assert_eq!(axes, [0, 0, 0, 3]);
        let names: Vec<String> =
            infos.iter().map(|info| sensors.name(info).expect("has one").as_str().into()).collect();
        assert_eq!(names, ["a temperature with a long name", "plain", "slow", "accel"]);
        assert_eq!(infos[2].low.has(super::wire::AttributesLow::ASYNC), p2a);
        assert_eq!(infos[0].low.has(super::wire::AttributesLow::UPDATES), p2a);
        let mut axis_names = Vec::new();
        sensors.axis_names(3, 3, &mut |axis| axis_names.push(axis.name)).expect("answers");
        assert_eq!(axis_names[2].as_str(), "an axis with a long name_Z");
        let mut intervals = Vec::new();
        sensors.intervals(0, &mut |interval| intervals.push(interval)).expect("answers");
        assert_eq!(intervals, [IntervalInfo::One(MS_10), IntervalInfo::One(MS_100)]);
    }
}

fn no_reading() -> Reading {
    Reading { value: 0.into(), timestamp: 0.into() }
}

#[test]
fn a_slow_sensor_answers_late_or_with_a_delayed_response() {
    let mut channel = newest();
    for asynchronous in [false, true] {
        let start = channel.now();
        let mut client = Client::<16>::new(&mut channel);
        let mut sensors = Sensors::open(&mut client).expect("there");
        let mut readings = [no_reading()];
        let came = if asynchronous {
            sensors.read_async(2, &mut readings)
        } else {
            sensors.read(2, &mut readings)
        };
        assert_eq!(came, Ok(1));
        assert_eq!(channel.now().since(start), Duration::from_millis(40));
        let millis = i64::try_from(channel.now().as_nanos() / 1_000_000).expect("small");
        assert_eq!(readings[0].value.get(), millis);
    }
    let counters =
        channel.platform().counters(AgentId::from_index(0).expect("small")).expect("there").clone();
    assert_eq!((counters.late, counters.delayed, counters.refused), (1, 1, 0));
}

#[test]
fn updates_come_at_the_interval_with_timestamps() {
    let mut channel = newest();
    let mut client = Client::<16>::new(&mut channel);
    let mut sensors = Sensors::open(&mut client).expect("there");
    sensors.set_config(0, ConfigWord::new(true, true, MS_10)).expect("can");
    sensors.notify_updates(0, true).expect("can");
    let mut seen = Vec::new();
    for _ in 0..3 {
        let event = client.next_event(Time::from_millis(1000)).expect("comes");
        let Some(Event::Update { sensor: 0, readings }) =
            Event::parse(event.header(), event.payload())
        else {
            panic!("{event:?}")
        };
        seen.extend(readings.iter().map(|reading| (reading.value.get(), reading.timestamp.get())));
    }
    assert_eq!(seen, [(10, 10_000), (20, 20_000), (30, 30_000)]);
    let mut sensors = Sensors::open(&mut client).expect("there");
    sensors.notify_updates(0, false).expect("can");
    assert_eq!(client.next_event(Time::from_millis(1000)), None);
}

#[test]
fn a_trip_point_tells_when_and_which_way_it_was_crossed() {
    let mut channel = newest();
    let mut client = Client::<16>::new(&mut channel);
    let mut sensors = Sensors::open(&mut client).expect("there");
    sensors.set_trip_point(0, 1, TripMode::RISING, 250).expect("can");
    sensors.notify_trip_points(0, true).expect("can");
    let event = client.next_event(Time::from_millis(1000)).expect("comes");
    let parsed = Event::parse(event.header(), event.payload());
    assert_eq!(parsed, Some(Event::TripPoint { sensor: 0, trip_point: 1, rising: true }));
    assert_eq!(client.now(), Time::from_millis(300));
    assert_eq!(client.next_event(Time::from_millis(1000)), None);
}

#[test]
fn a_trip_point_is_crossed_by_the_very_first_sample() {
    let mut channel = newest();
    let mut client = Client::<16>::new(&mut channel);
    let mut sensors = Sensors::open(&mut client).expect("there");
    sensors.notify_trip_points(0, true).expect("can");
    sensors.set_trip_point(0, 0, TripMode::BOTH, 1).expect("can");
    assert!(client.next_event(Time::from_millis(1000)).is_some());
    assert_eq!(client.now(), Time::from_millis(100));
}

#[test]
fn an_agent_that_does_not_listen_gets_the_newest_state() {
    let platform = Platform::builder(identity())
        .server(Box::new(SensorServer::new(Box::new(Fixed::new()))))
        .agent("vm1", &[])
        .build();
    let mut platform = platform.expect("fits together");
    let agent = AgentId::from_index(0).expect("small");
    platform.connect(Time::ZERO, agent, Link::new(true));
    let enable = [0xB, 0x54, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0];
    platform.handle(Time::ZERO, agent, &enable, &mut [0; 8]);
    for step in 1..=100 {
        platform.poll(Time::from_millis(step * 100));
    }
    let mut event = [0; 136];
    let small = platform.poll_event(agent, &mut event[..4]);
    assert_eq!(small, crate::platform::EventOutcome::Empty, "too small: omitted");
    platform.poll(Time::from_millis(10_100));
    platform.poll(Time::from_millis(10_200));
    assert_eq!(platform.poll_event(agent, &mut event), crate::platform::EventOutcome::Wrote(60));
    assert_eq!(event[12..20], 10_200_u64.to_le_bytes());
    let counters = platform.counters(agent).expect("there");
    assert_eq!((counters.notifications, counters.replaced, counters.omitted), (1, 100, 1));
}

#[test]
fn a_delayed_response_waits_for_a_buffer_that_is_large_enough() {
    let mut channel = newest();
    let agent = AgentId::from_index(0).expect("small");
    let request = [6, 0x54, 4, 0, 2, 0, 0, 0, 1, 0, 0, 0];
    let platform = channel.platform();
    assert_eq!(
        platform.handle(Time::ZERO, agent, &request, &mut [0; 8]),
        crate::platform::Outcome::Reply(8)
    );
    assert!(!platform.has_event(agent));
    assert_eq!(platform.next_deadline(), Some(Time::from_millis(40)));
    platform.poll(Time::from_millis(40));
    assert_eq!(platform.poll_woken(), Some(agent));
    let mut buffer = [0; 40];
    assert_eq!(
        platform.poll_event(agent, &mut buffer[..7]),
        crate::platform::EventOutcome::TooSmall
    );
    assert_eq!(platform.poll_event(agent, &mut buffer), crate::platform::EventOutcome::Wrote(28));
    assert_eq!(buffer[..12], [6, 0x56, 4, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
    assert_eq!(platform.poll_event(agent, &mut buffer), crate::platform::EventOutcome::Empty);
}

#[test]
fn a_delayed_response_stays_as_far_behind_as_its_channel_wants() {
    let mut channel = newest();
    let agent = AgentId::from_index(0).expect("small");
    let platform = channel.platform();
    let apart = Duration::from_millis(100);
    platform.connect(Time::ZERO, agent, Link::new(true).apart(apart));
    let request = [6, 0x54, 4, 0, 2, 0, 0, 0, 1, 0, 0, 0];
    platform.handle(Time::ZERO, agent, &request, &mut [0; 8]);
    assert_eq!(platform.next_deadline(), Some(Time::from_millis(100)), "though it takes 40 ms");
    // An immediate answer that is late is not held up.
    let request = [6, 0x54, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0];
    platform.handle(Time::ZERO, agent, &request, &mut [0; 24]);
    assert_eq!(platform.next_deadline(), Some(Time::from_millis(40)));
}

#[test]
fn only_so_many_asynchronous_reads_wait() {
    let mut channel = newest();
    for _ in 0..SensorServer::MAX_ASYNC {
        values(&mut channel, 6, &[2, 1]).expect("queued");
    }
    assert_eq!(values(&mut channel, 6, &[2, 1]), Err(Status::BUSY));
}

#[test]
fn a_negotiated_version_changes_the_readings() {
    let mut channel = newest();
    let mut client = Client::<16>::new(&mut channel);
    client.negotiate(ProtocolId::SENSOR, V1).expect("spoken");
    let mut sensors = Sensors::open(&mut client).expect("there");
    assert_eq!(sensors.read(1, &mut [no_reading()]), Ok(1));
    assert_eq!(values(&mut channel, 6, &[1, 0]).map(|values| values.len()), Ok(8));
    let mut client = Client::<16>::new(&mut channel);
    let refused = client.negotiate(ProtocolId::SENSOR, Version::new(9, 0));
    assert_eq!(refused, Err(CallError::Refused(Status::NOT_SUPPORTED)));
}
