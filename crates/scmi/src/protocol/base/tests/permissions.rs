//! A trusted agent takes devices from another one, and gives them back.

use alloc::boxed::Box;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use super::{bytes, id, identity};
use crate::platform::{AgentSpec, Builder, Device, EventOutcome, Link, Platform, Space};
use crate::protocol::clock::tests::server as clocks;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::sensor::tests::Fixed;
use crate::protocol::testing::words;
use crate::time::Time;

const DENIED: i32 = -3;
const NOT_FOUND: i32 = -4;
const BASE: u32 = 0x10;
const CLOCK: u32 = 0x14;
const SENSOR: u32 = 0x15;

fn builder() -> Builder {
    Platform::builder(identity())
        .server(Box::new(SensorServer::new(Box::new(Fixed::new()))))
        .server(clocks())
        .agent_as(AgentSpec::new("host").trusted())
        .agent_as(AgentSpec::new("guest").sees(Space::Clock, &[4, 3]).sees(Space::Sensor, &[0]))
        .agent_as(AgentSpec::new("other"))
}

/// Device 0 needs the clock 4 and the sensor 0, device 1 the clocks 3 and 4.
fn platform() -> Platform {
    let mut platform = builder()
        .device(Device::new("nic").needs(Space::Clock, &[4]).needs(Space::Sensor, &[0]))
        .device(Device::new("disk").needs(Space::Clock, &[3, 4]))
        .build()
        .expect("fits together");
    (0..3).for_each(|agent| platform.connect(Time::ZERO, id(agent), Link::new(true)));
    platform
}

/// The status, and what follows it.
fn ask(
    platform: &mut Platform,
    by: usize,
    protocol: u32,
    message: u32,
    params: &[u32],
) -> (i32, Vec<u32>) {
    let request = [&[protocol << 10 | message], params].concat();
    let request: Vec<u8> = request.iter().flat_map(|word| word.to_le_bytes()).collect();
    let reply = words(&bytes(platform, by, &request));
    (reply[1].cast_signed(), reply[2..].to_vec())
}

fn status(platform: &mut Platform, by: usize, protocol: u32, message: u32, params: &[u32]) -> i32 {
    ask(platform, by, protocol, message, params).0
}

#[test]
fn who_may_change_whose_permissions() {
    let mut platform = platform();
    let cases: [(usize, u32, &[u32], i32); 14] = [
        (1, 9, &[2, 0, 0], DENIED),
        (1, 9, &[4, 0, 0], NOT_FOUND),
        (1, 9, &[2, 2, 0], NOT_FOUND),
        (0, 9, &[0, 0, 0], NOT_FOUND),
        (0, 9, &[2, 0, 2], -2),
        (0, 9, &[2, 0], -10),
        (0, 0xA, &[2, 0, 0x12, 0], NOT_FOUND),
        (0, 0xA, &[2, 0, CLOCK, 2], -2),
        (0, 0xA, &[2, 0, 1 << 8 | CLOCK, 0], -2),
        (0, 0xA, &[2, 0, BASE, 0], DENIED),
        (1, 0xA, &[2, 0, CLOCK, 0], DENIED),
        (1, 0xB, &[3, 0], DENIED),
        (0, 0xB, &[3, 1], 0),
        (1, 0xB, &[2, 1], 0),
    ];
    for (by, message, params, expected) in cases {
        let status = status(&mut platform, by, BASE, message, params);
        assert_eq!(status, expected, "agent {by}, message {message:#x} {params:x?}");
    }
    let mut without = builder().build().expect("fits together");
    without.connect(Time::ZERO, id(0), Link::new(true));
    for message in [9, 0xA] {
        assert_eq!(status(&mut without, 0, BASE, message, &[1, 0, 1]), NOT_FOUND, "no devices");
    }
}

#[test]
fn a_device_that_was_taken_is_denied_and_given_back() {
    let mut platform = platform();
    let list = |platform: &mut Platform| ask(platform, 1, BASE, 6, &[0]).1;
    assert_eq!(list(&mut platform), [2, 0x1514]);
    assert_eq!(status(&mut platform, 0, BASE, 9, &[2, 0, 0]), 0);
    // Its clock 0 is gone, its clock 1 is not, and the ids are what they were.
    assert_eq!(ask(&mut platform, 1, CLOCK, 1, &[]), (0, vec![16 << 16 | 2]));
    assert_eq!(status(&mut platform, 1, CLOCK, 6, &[0]), DENIED);
    assert_eq!(status(&mut platform, 1, CLOCK, 6, &[1]), 0);
    assert_eq!(status(&mut platform, 1, CLOCK, 6, &[2]), NOT_FOUND);
    // It was all that it had of sensors: every message is denied, and the protocol no longer listed.
    for message in [0, 1, 2, 3, 0x3F] {
        assert_eq!(status(&mut platform, 1, SENSOR, message, &[]), DENIED);
    }
    assert_eq!(list(&mut platform), [1, 0x14]);
    assert_eq!(status(&mut platform, 2, CLOCK, 6, &[4]), 0, "others have it still");
    // Neither a new life of the channel nor its own word gives it back.
    platform.connect(Time::ZERO, id(1), Link::new(true));
    assert_eq!(status(&mut platform, 1, BASE, 0xB, &[2, 1]), DENIED);
    assert_eq!(status(&mut platform, 1, BASE, 0xB, &[2, 0]), 0);
    assert_eq!(status(&mut platform, 1, CLOCK, 6, &[0]), DENIED);
    assert_eq!(status(&mut platform, 0, BASE, 9, &[2, 0, 1]), 0);
    assert_eq!(status(&mut platform, 1, CLOCK, 6, &[0]), 0);
    assert_eq!(list(&mut platform), [2, 0x1514]);
}

#[test]
fn a_resource_of_two_devices_is_denied_with_either() {
    let mut platform = platform();
    for (device, allow, expected) in [(0, 0, DENIED), (1, 0, DENIED), (0, 1, DENIED), (1, 1, 0)] {
        assert_eq!(status(&mut platform, 0, BASE, 9, &[2, device, allow]), 0);
        assert_eq!(status(&mut platform, 1, CLOCK, 6, &[0]), expected, "{device} {allow}");
    }
    // A protocol's part of a device.
    assert_eq!(status(&mut platform, 0, BASE, 0xA, &[2, 0, CLOCK, 0]), 0);
    assert_eq!(status(&mut platform, 1, CLOCK, 6, &[0]), DENIED);
    assert_eq!(status(&mut platform, 1, SENSOR, 1, &[]), 0);
    // With a second reason, the whole protocol.
    assert_eq!(status(&mut platform, 0, BASE, 0xA, &[2, 1, CLOCK, 0]), 0);
    assert_eq!(status(&mut platform, 1, CLOCK, 0, &[]), DENIED);
    // The trusted one puts all of it back.
    assert_eq!(status(&mut platform, 0, BASE, 0xB, &[2, 1]), 0);
    assert_eq!(status(&mut platform, 1, CLOCK, 6, &[0]), 0);
}

#[test]
fn what_is_taken_is_given_back_to_the_others() {
    let mut platform = platform();
    // Both want the clock on; the guest wants its notifications too.
    for (by, clock) in [(1, 0), (1, 1)] {
        assert_eq!(status(&mut platform, by, CLOCK, 7, &[clock, 1, 0]), 0);
        assert_eq!(status(&mut platform, by, CLOCK, 9, &[clock, 1]), 0);
    }
    assert_eq!(status(&mut platform, 0, BASE, 9, &[2, 0, 0]), 0);
    assert_eq!(status(&mut platform, 0, BASE, 9, &[2, 0, 1]), 0);
    // It is off now, which the model would protest about otherwise; the other one is not.
    assert_eq!(ask(&mut platform, 1, CLOCK, 0xB, &[0, 0]), (0, vec![0, 0, 0]));
    assert_eq!(ask(&mut platform, 1, CLOCK, 0xB, &[1, 0]), (0, vec![0, 1, 0]));
    assert_eq!(status(&mut platform, 2, CLOCK, 7, &[4, 1, 0]), 0);
    for clock in [3, 4] {
        assert_eq!(
            status(
                &mut platform,
                2,
                CLOCK,
                5,
                &[0, clock, if clock == 3 { 2_000_000 } else { 2 }, 0]
            ),
            0
        );
    }
    let mut event = [0; 136];
    let EventOutcome::Wrote(len) = platform.poll_event(id(1), &mut event) else { panic!("none") };
    assert_eq!(words(&event[..len])[1..], [3, 1, 2_000_000, 0], "of its clock 1");
    assert_eq!(platform.poll_event(id(1), &mut event), EventOutcome::Empty);
}

#[test]
fn a_device_needs_what_there_is() {
    let bad = builder().device(Device::new("nic").needs(Space::Clock, &[0, 5])).build();
    let error = bad.map(|_| ()).expect_err("cannot be");
    assert_eq!(error.to_string(), "device \"nic\", clock: there is no 5");
}
