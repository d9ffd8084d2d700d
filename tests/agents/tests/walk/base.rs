//! Base.

use scmi::agent::CallError;
use scmi::protocol::base::agent::{
    self as base, Event, reset_agent_configuration, set_device_permissions,
    set_protocol_permissions,
};
use scmi::protocol::base::wire::{ErrorReport, MYSELF, PLATFORM_AGENT};
use scmi::protocol::base::{INFO, V2};
use scmi::wire::{Header, I32, MessageId, ProtocolId, Status, U32};
use scmi_tests_agents::{Never, Walk, walk};

const UNTRUSTED: &str = "no agent is trusted with permissions";

const NEVER: &[Never] = &[
    Never::answered(0x9, UNTRUSTED),
    Never::answered(0xA, UNTRUSTED),
    Never::refused(0x9, Status::INVALID_PARAMETERS, UNTRUSTED),
    Never::refused(0x9, Status::NOT_SUPPORTED, UNTRUSTED),
    Never::refused(0x9, Status::DENIED, UNTRUSTED),
    Never::refused(0xA, Status::INVALID_PARAMETERS, UNTRUSTED),
    Never::refused(0xA, Status::NOT_SUPPORTED, UNTRUSTED),
    Never::refused(0xA, Status::DENIED, UNTRUSTED),
    Never::refused(0xB, Status::NOT_SUPPORTED, "every agent may reset itself"),
];

#[test]
fn every_message_of_base() {
    walk(&INFO, NEVER, |walk| {
        discover(walk);
        permissions(walk);
        errors(walk);
        resets(walk);
    });
}

fn discover(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    let found = base::discover(one).expect("a platform");
    assert_eq!((found.vendor.as_str(), found.sub_vendor.as_str()), ("acme", "walk"));
    assert_eq!((found.implementation_version, found.agents), (7, 3));
    let mut protocols = Vec::new();
    base::protocols(one, &mut |id| protocols.push(id.0)).expect("a list");
    assert_eq!(protocols, [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19]);
    assert_eq!(one.raw(6, &[10]), Err(Status::INVALID_PARAMETERS));
    for (id, number, name) in [(MYSELF, 1, "one"), (2, 2, "two"), (PLATFORM_AGENT, 0, "platform")] {
        let agent = base::agent(one, walk.version, id).expect("an agent");
        // Before 2.0 the number is not answered.
        let number = if walk.version < V2 { id } else { number };
        assert_eq!((agent.agent.get(), agent.name.as_str()), (number, name));
    }
    assert_eq!(walk.one.raw(7, &[4]), Err(Status::NOT_FOUND));
}

fn permissions(walk: &mut Walk<'_>) {
    let absent = Err(CallError::Refused(Status::NOT_FOUND));
    assert_eq!(set_device_permissions(&mut walk.one, 2, 0, false), absent);
    let sensor = ProtocolId::SENSOR;
    assert_eq!(set_protocol_permissions(&mut walk.one, 2, 0, sensor, false), absent);
}

fn errors(walk: &mut Walk<'_>) {
    assert_eq!(walk.one.raw(8, &[2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.deaf.raw(8, &[1]), Err(Status::NOT_SUPPORTED));
    base::notify_errors(&mut walk.one, true).expect("subscribed");
    let header = Header::command(ProtocolId::CLOCK, MessageId(5), 77);
    let report = ErrorReport { header: U32::new(header.word()), status: I32::new(-9) };
    walk.daemon.with(|_, platform| {
        let one = platform.agent("one").expect("it is on the board");
        platform.report_errors(one, true, &[report]);
    });
    let told = walk.one.told(|header, payload| {
        let event = Event::parse(header, payload)?;
        let reports: Vec<_> = event.reports().map(|r| (r.header.get(), r.status.get())).collect();
        Some((event.agent, event.fatal, reports))
    });
    assert_eq!(told, (1, true, vec![(header.word(), -9)]));
    base::notify_errors(&mut walk.one, false).expect("unsubscribed");
}

fn resets(walk: &mut Walk<'_>) {
    if walk.version < V2 {
        assert_eq!(walk.one.raw(0xB, &[1, 0]), Err(Status::NOT_FOUND));
        return;
    }
    reset_agent_configuration(&mut walk.one, 1, false).expect("an agent may reset itself");
    assert_eq!(walk.one.raw(0xB, &[2, 0]), Err(Status::DENIED));
    assert_eq!(walk.one.raw(0xB, &[9, 0]), Err(Status::NOT_FOUND));
    assert_eq!(walk.one.raw(0xB, &[1, 2]), Err(Status::INVALID_PARAMETERS));
}
