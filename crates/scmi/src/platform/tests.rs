//! The engine with two protocols, an exchange at a time.

use alloc::boxed::Box;
use core::any::Any;
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use super::{AgentId, EventOutcome, Link, Outcome, Platform};
use crate::protocol::base::tests::identity;
use crate::protocol::base::wire::ErrorReport;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::sensor::tests::Fixed;
use crate::protocol::sensor::{V1, V3_1};
use crate::time::Time;
use crate::wire::{Header, I32, MessageId, ProtocolId, Status, U32};

const TRIP_POINT_NOTIFY: u8 = 4;
const TRIP_POINT_CONFIG: u8 = 5;
const READING_GET: u8 = 6;
const UPDATE_NOTIFY: u8 = 0xB;
const NEGOTIATE: u8 = 0x10;

fn agent() -> AgentId {
    AgentId::from_index(0).expect("small")
}

fn platform() -> Platform {
    let mut platform = Platform::builder(identity())
        .server(Box::new(SensorServer::new(Box::new(Fixed::new()))))
        .agent("vm1", &[])
        .build()
        .expect("fits together");
    platform.connect(Time::ZERO, agent(), Link::new(true));
    platform
}

fn status(platform: &mut Platform, protocol: ProtocolId, message: u8, params: &[u32]) -> Status {
    let header = Header::command(protocol, MessageId(message), 0).word();
    let words = core::iter::once(&header).chain(params);
    let request: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
    let mut reply = vec![0; 136];
    let outcome = platform.handle(Time::ZERO, agent(), &request, &mut reply);
    assert!(matches!(outcome, Outcome::Reply(_)), "{outcome:?}");
    Status(i32::from_le_bytes(reply[4..8].try_into().expect("four")))
}

fn granted(platform: &mut Platform, message: u8, params: &[u32]) {
    assert_eq!(status(platform, ProtocolId::SENSOR, message, params), Status::SUCCESS);
}

/// The messages of the notifications that come.
fn events(platform: &mut Platform) -> Vec<u8> {
    let mut events = Vec::new();
    let mut buffer = [0; 136];
    while let EventOutcome::Wrote(len) = platform.poll_event(agent(), &mut buffer) {
        events.push(Header::parse(&buffer[..len]).expect("a header").message().0);
    }
    events
}

#[test]
fn what_waits_is_dropped_when_its_subscription_ends() {
    let mut platform = platform();
    let report = ErrorReport { header: U32::new(1), status: I32::new(-8) };
    let wait = |platform: &mut Platform| {
        assert_eq!(status(platform, ProtocolId::BASE, 8, &[1]), Status::SUCCESS);
        granted(platform, TRIP_POINT_CONFIG, &[0, 3, 250, 0]);
        granted(platform, TRIP_POINT_NOTIFY, &[0, 1]);
        granted(platform, UPDATE_NOTIFY, &[0, 1]);
        granted(platform, UPDATE_NOTIFY, &[3, 1]);
        platform.report_errors(agent(), false, &[report]);
        for millis in [100, 200, 300] {
            platform.poll(Time::from_millis(millis));
        }
    };
    wait(&mut platform);
    assert_eq!(events(&mut platform), [0, 1, 1, 0], "an error, updates of two sensors, a trip");

    let mut platform = self::platform();
    wait(&mut platform);
    assert_eq!(status(&mut platform, ProtocolId::BASE, 8, &[0]), Status::SUCCESS);
    granted(&mut platform, TRIP_POINT_NOTIFY, &[0, 0]);
    granted(&mut platform, UPDATE_NOTIFY, &[3, 0]);
    assert_eq!(events(&mut platform), [1], "the other sensor's update");
    granted(&mut platform, UPDATE_NOTIFY, &[0, 0]);
    platform.poll(Time::from_millis(1000));
    assert_eq!((events(&mut platform), platform.has_event(agent())), (vec![], false));
}

#[test]
fn a_version_without_a_notification_gets_none() {
    let mut platform = platform();
    granted(&mut platform, UPDATE_NOTIFY, &[0, 1]);
    platform.poll(Time::from_millis(100));
    granted(&mut platform, NEGOTIATE, &[V1.0]);
    // Neither the one that waited nor those that would follow.
    platform.poll(Time::from_millis(200));
    assert_eq!(events(&mut platform), []);
    granted(&mut platform, NEGOTIATE, &[V3_1.0]);
    platform.poll(Time::from_millis(300));
    assert_eq!(events(&mut platform), [1], "the subscription holds");
}

#[test]
fn who_operates_a_platform_reaches_its_models() {
    let mut platform = platform();
    granted(&mut platform, READING_GET, &[1, 0]);
    let server = platform.server_mut::<SensorServer>().expect("a protocol that it has");
    let model: &mut dyn Any = server.model_mut();
    let model = model.downcast_mut::<Fixed>().expect("the model that it was given");
    model.sensors[1].read_time = Duration::from_millis(40);
    let header = Header::command(ProtocolId::SENSOR, MessageId(READING_GET), 0).word();
    let request: Vec<u8> = [header, 1, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let outcome = platform.handle(Time::ZERO, agent(), &request, &mut [0; 136]);
    assert!(matches!(outcome, Outcome::Later(_)), "{outcome:?}");
}
