//! An agent's engine and a platform, with areas between them.

use core::time::Duration;

use scmi::Time;
use scmi::agent::{CallError, CallerExt as _, Client, Timeouts};
use scmi::protocol::base;
use scmi::transport::Channel as _;
use scmi::wire::{MessageType, ProtocolId, Version};

use super::rig::{Way, World};
use crate::Line;
use crate::agent::AgentEnd;

const WAYS: [Way; 3] =
    [Way::Call, Way::After(Duration::ZERO), Way::After(Duration::from_millis(3))];

#[test]
fn an_agent_finds_out_who_is_there_over_any_doorbell() {
    for way in WAYS {
        let mut world = World::new(way);
        let mut client: Client<'_> = Client::new(&mut world.agent);
        let found = base::agent::discover(&mut client).expect("it answers");
        assert_eq!(found.version, Version::new(2, 1), "{way:?}");
        assert_eq!(client.protocol_version(ProtocolId::SENSOR), Ok(Version::new(3, 1)));
        assert!(world.bell.take().iter().all(|line| *line == Line::Answer));
        let host = world.host.0.borrow();
        assert_eq!(host.end.counters().commands, world.agent.counters().answers);
        assert_eq!(host.end.counters().spurious, 0);
    }
}

/// Sensor messages by hand: the typed calls are tested elsewhere.
mod raw {
    use scmi::agent::{CallError, Caller, Client, Request};
    use scmi::wire::{MessageId, ProtocolId};
    use std::vec::Vec;

    pub(super) fn sensor(
        client: &mut Client<'_>,
        message: u8,
        params: [u32; 2],
        delayed: bool,
    ) -> Result<u32, CallError> {
        let params: Vec<u8> = params.iter().flat_map(|word| word.to_le_bytes()).collect();
        let (protocol, message) = (ProtocolId::SENSOR, MessageId(message));
        let request = Request { protocol, message, params: &params, values: 40, delayed };
        // A command that says nothing in its answer says 0.
        let values = client.exchange(&request)?.first_chunk();
        Ok(values.map_or(0, |word| u32::from_le_bytes(*word)))
    }
}

#[test]
fn late_answers_delayed_responses_and_notifications_come() {
    for way in WAYS {
        let mut world = World::new(way);
        let mut client: Client<'_> = Client::new(&mut world.agent);
        assert_eq!(raw::sensor(&mut client, 6, [0, 0], false), Ok(21_500), "late, {way:?}");
        // A delayed response: the sensor's id, and its value after it.
        assert_eq!(raw::sensor(&mut client, 6, [0, 1], true), Ok(0), "delayed, {way:?}");
        raw::sensor(&mut client, 0xB, [0, 1], false).expect("it can be on");
        raw::sensor(&mut client, 0xA, [0, 1], false).expect("it can tell");
        for _ in 0..3 {
            let until = client.now().after(Duration::from_millis(40));
            let event = client.next_event(until).expect("it comes");
            assert_eq!(event.header().kind(), MessageType::NOTIFICATION);
        }
        let host = world.host.0.borrow();
        assert_eq!((host.end.counters().deferred, host.end.counters().orphans), (1, 0));
        assert_eq!(host.end.counters().events, world.agent.counters().events);
    }
}

#[test]
fn a_call_that_timed_out_leaves_the_area_to_the_platform_and_the_next_one_works() {
    let mut world = World::new(Way::After(Duration::from_millis(50)));
    let mut client: Client<'_> = Client::new(&mut world.agent);
    client.set_timeouts(Timeouts { response: Duration::from_millis(20), ..Timeouts::default() });
    let late = client.protocol_version(ProtocolId::BASE);
    assert_eq!(late, Err(CallError::TimedOut { delayed: false }));
    assert_eq!(client.agent().lost(), 1);
    // This one cannot even be sent: the area is not ours.
    let waits = client.protocol_version(ProtocolId::SENSOR);
    assert_eq!(waits, Err(CallError::TimedOut { delayed: false }));
    assert_eq!(client.agent().lost(), 1, "its buffer never left");
    // The late answer comes while this one waits, finds nobody, and makes room.
    client.set_timeouts(Timeouts::default());
    assert_eq!(client.protocol_version(ProtocolId::SENSOR), Ok(Version::new(3, 1)));
    assert_eq!((client.agent().lost(), client.agent().counters().late), (0, 1));
}

#[test]
fn a_deaf_platform_is_waited_for_as_long_as_was_said() {
    let mut world = World::new(Way::Deaf);
    let mut client: Client<'_> = Client::new(&mut world.agent);
    for _ in 0..40 {
        let call = client.protocol_version(ProtocolId::BASE);
        assert_eq!(call, Err(CallError::TimedOut { delayed: false }));
    }
    assert_eq!(client.now(), Time::from_millis(80_000));
    assert_eq!(client.agent().lost(), 1, "one area, one lost call");
}

#[test]
fn a_platform_that_was_reset_is_found_again() {
    let mut world = World::new(Way::Deaf);
    let mut client: Client<'_> = Client::new(&mut world.agent);
    client.protocol_version(ProtocolId::BASE).expect_err("nobody listens");
    {
        let host = &mut *world.host.0.borrow_mut();
        host.way = Way::Call;
        host.end.connect(host.now, &mut host.platform);
    }
    // The area that comes back is that of the lost call; a header alone is no answer, and nobody takes it for one.
    assert_eq!(client.protocol_version(ProtocolId::BASE), Ok(Version::new(2, 1)));
    assert_eq!((client.agent().lost(), client.agent().counters().late), (0, 1));
}

#[test]
fn polling_needs_no_interrupt() {
    let world = World::new(Way::After(Duration::from_millis(1)));
    let areas = (super::rig::area(world.commands), super::rig::area(world.events));
    let mut agent = AgentEnd::new(areas.0, world.host.clone(), world.host.clone());
    assert!(!agent.limits().p2a);
    let mut client: Client<'_> = Client::new(&mut agent);
    base::agent::discover(&mut client).expect("it answers");
    assert_eq!(world.bell.take(), []);
    let mut agent = agent.with_events(areas.1);
    assert!(agent.limits().p2a);
    let mut client: Client<'_> = Client::new(&mut agent);
    assert_eq!(raw::sensor(&mut client, 6, [0, 1], true), Ok(0));
    assert_eq!(world.bell.take(), [Line::Event]);
}
