//! The tables against the platform engine: what it answers, the tables describe to the last byte.

use std::boxed::Box;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::*;
use crate::Time;
use crate::platform::{AgentId, EventOutcome, Link, Outcome, Platform};
use crate::protocol::ProtocolInfo;
use crate::protocol::base::{self, platform::Identity};
use crate::protocol::sensor::platform::{
    Axis, Intervals, Limits, Sensor, SensorConfig, SensorModel, SensorServer,
};
use crate::protocol::sensor::{self, SensorType, wire::Interval};
use crate::wire::{ProtocolId, Status};

const INTERVAL: Interval = Interval { seconds: 10, exponent: -3 };

/// A scalar with everything, and one with axes.
#[derive(Debug)]
struct Model(Vec<Sensor>);

impl Model {
    fn new() -> Self {
        let limits = Limits { min: Some(-40_000), max: Some(125_000), ..Limits::default() };
        let scalar = Sensor {
            name: "a temperature with a long name".into(),
            kind: SensorType::TEMPERATURE_C,
            exponent: -3,
            limits,
            axes: Vec::new(),
            trip_points: 1,
            intervals: Intervals::List(vec![INTERVAL]),
            updates: true,
            asynchronous: true,
            read_time: core::time::Duration::ZERO,
            timestamps: Some(-9),
            power: 5,
            config: SensorConfig { interval: INTERVAL, ..SensorConfig::default() },
        };
        let axis = |name: &str, limits| Axis {
            name: name.into(),
            kind: SensorType::ACCELERATION,
            exponent: -3,
            limits,
        };
        let axes = vec![axis("x", Limits::default()), axis("the axis called y", limits)];
        let vector = Sensor { axes, trip_points: 0, ..scalar.clone() };
        Self(vec![scalar, vector])
    }
}

impl SensorModel for Model {
    fn sensors(&self) -> &[Sensor] {
        &self.0
    }
    fn read(&mut self, now: Time, _sensor: usize, values: &mut [i64]) -> Result<(), Status> {
        values.fill(i64::try_from(now.as_nanos() / 1_000_000).unwrap_or(0));
        Ok(())
    }
}

/// The first agent of a platform that tells it this version of a protocol.
fn platform(protocol: ProtocolId, version: Version) -> (Platform, AgentId) {
    let mut platform = Platform::builder(Identity::default())
        .server(Box::new(SensorServer::new(Box::new(Model::new()))))
        .agent("one", &[(protocol, version)])
        .build()
        .expect("it fits together");
    let agent = platform.agent("one").expect("it was added");
    platform.connect(Time::ZERO, agent, Link::new(true));
    (platform, agent)
}

fn troubles(message: &[u8], direction: Direction, version: Version) -> Vec<String> {
    let words = Words::new(message, direction).version(version).to_string();
    words.lines().filter(|line| line.contains('!')).map(String::from).collect()
}

fn request(protocol: ProtocolId, message: u8, params: &[u32]) -> Vec<u8> {
    let header = Header::command(protocol, crate::wire::MessageId(message), 7).word();
    core::iter::once(&header).chain(params).flat_map(|word| word.to_le_bytes()).collect()
}

/// Asks everything of a protocol in one version, and says how many commands were answered.
fn ask_all(info: &ProtocolInfo, version: Version) -> usize {
    let (mut platform, agent) = platform(info.id, version);
    let mut answered = 0;
    for message in info.commands.iter().filter(|message| message.since <= version) {
        for params in [vec![], vec![0], vec![1], vec![0, 0], vec![1, 0], vec![0, 1], vec![0; 4]] {
            let request = request(info.id, message.id.0, &params);
            let mut reply = [0; 512];
            let Outcome::Reply(len) = platform.handle(Time::ZERO, agent, &request, &mut reply)
            else {
                continue;
            };
            let found = troubles(&reply[..len], Direction::Response, version);
            assert_eq!(found, [""; 0], "{} {params:?} in {version}", message.name);
            if reply[4..8] == [0; 4] {
                answered += 1;
                let found = troubles(&request, Direction::Command, version);
                assert_eq!(found, [""; 0], "{} {params:?} in {version}", message.name);
            }
        }
    }
    answered
}

#[test]
fn every_answer_is_described() {
    // The other protocols hold theirs against the tables with the kit of `protocol::testing`.
    for info in [&base::INFO, &sensor::INFO] {
        for version in info.versions {
            let answered = ask_all(info, *version);
            assert!(answered >= 5, "only {answered} commands of {} {version}", info.name);
        }
    }
}

#[test]
fn every_event_of_the_sensor_server_is_described() {
    let version = sensor::V3_1;
    let (mut platform, agent) = platform(ProtocolId::SENSOR, version);
    let requests: [&[u32]; 5] =
        [&[0x4, 0, 1], &[0x5, 0, 1, 15, 0], &[0xB, 0, 1], &[0xB, 1, 1], &[0x6, 0, 1]];
    for params in requests {
        let (message, params) = params.split_first().expect("a message");
        let message = u8::try_from(*message).expect("a message");
        let mut reply = [0; 64];
        let request = request(ProtocolId::SENSOR, message, params);
        platform.handle(Time::ZERO, agent, &request, &mut reply);
        assert_eq!(reply[4..8], [0; 4], "{message:#x}");
    }
    let mut titles = std::collections::BTreeSet::new();
    for millis in [0, 10, 20, 30] {
        platform.poll(Time::from_millis(millis));
        let mut event = [0; 128];
        while let EventOutcome::Wrote(len) = platform.poll_event(agent, &mut event) {
            let event = &event[..len];
            assert_eq!(troubles(event, Direction::Response, version), [""; 0]);
            let words = Words::new(event, Direction::Response).to_string();
            titles.insert(words.lines().next().expect("a title").to_string());
        }
    }
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    assert_eq!(
        titles,
        [
            "delayed response sensor SENSOR_READING_GET (0x15:0x6), token 7",
            "notification sensor SENSOR_TRIP_POINT_EVENT (0x15:0x0)",
            "notification sensor SENSOR_UPDATE (0x15:0x1)",
        ]
    );
}
