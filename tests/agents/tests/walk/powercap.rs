//! Power caps.

use scmi::agent::CallError;
use scmi::protocol::powercap::INFO;
use scmi::protocol::powercap::agent::{Event, PowercapDomains};
use scmi::wire::{MessageId, Status};
use scmi_tests_agents::{Agent, Never, Walk, walk};

const LONG: u32 = 0;
const CORES: u32 = 1;
const SLOW: u32 = 2;
const FIXED: u32 = 3;
const UNMEASURED: u32 = 4;
const PRIVATE: u32 = 5;
const NONE: u32 = 6;

const WATT: u32 = 1_000_000;

const ASYNC: u32 = 2;

const LOOK: &str = "every agent may look at every domain";
const ALL: &str = "every domain has a cap and an interval";

const NEVER: &[Never] = &[
    Never::refused(0x4, Status::NOT_SUPPORTED, ALL),
    Never::refused(0x6, Status::NOT_SUPPORTED, ALL),
    Never::refused(0x7, Status::BUSY, "an interval is set at once"),
    Never::refused(0x9, Status::DENIED, LOOK),
    Never::answered(0xC, "virtio has no fast channels"),
];

fn domains<'a>(agent: &'a mut Agent<'_>) -> PowercapDomains<'a> {
    PowercapDomains::open(agent).expect("power caps")
}

#[test]
fn every_message_of_powercap() {
    walk(&INFO, NEVER, |walk| {
        describe(walk);
        caps(walk);
        measurements(walk);
        refusals(walk);
        busy(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut domains = domains(&mut walk.one);
    assert_eq!(domains.count(), 6);
    let info = domains.info(LONG).expect("a domain");
    assert_eq!((info.cap.max.get(), info.parent), (12 * WATT, None));
    assert_eq!(domains.name(&info).expect("a name").as_str(), "a package with a long name");
    assert_eq!(domains.info(CORES).expect("a domain").parent, Some(LONG));
    let refused = domains.fast_channel(LONG, MessageId(4));
    assert_eq!(refused.map(drop), Err(CallError::Refused(Status::NOT_SUPPORTED)));
}

/// Agent two is told what agent one does.
fn caps(walk: &mut Walk<'_>) {
    domains(&mut walk.two).notify_cap(CORES, true).expect("subscribed");
    let mut one = domains(&mut walk.one);
    one.set_cap(CORES, 2 * WATT).expect("set");
    assert_eq!(one.cap(CORES), Ok(2 * WATT));
    let pai_us = one.pai(CORES).expect("an interval");
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::CapChanged { agent: 1, domain: CORES, cap: 2 * WATT, pai_us });
    assert_eq!(domains(&mut walk.one).set_cap_async(CORES, 3 * WATT), Ok(3 * WATT));
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::CapChanged { agent: 1, domain: CORES, cap: 3 * WATT, pai_us });
    domains(&mut walk.one).set_cap_quietly(CORES, 4 * WATT).expect("set");
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::CapChanged { agent: 1, domain: CORES, cap: 4 * WATT, pai_us });
    domains(&mut walk.one).set_pai(CORES, 20_000).expect("set");
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::CapChanged { agent: 1, domain: CORES, cap: 4 * WATT, pai_us: 20_000 });
}

/// The package consumes more than a microwatt.
fn measurements(walk: &mut Walk<'_>) {
    let mut one = domains(&mut walk.one);
    let measured = one.measurements(LONG).expect("a measurement");
    assert!(measured.power.get() >= 500_000, "{measured:?}");
    one.notify_measurements(LONG, Some((0, 1))).expect("subscribed");
    let told = walk.one.told(Event::parse);
    assert!(
        matches!(told, Event::MeasurementsChanged { domain: LONG, power } if power >= 500_000),
        "{told:?}"
    );
    domains(&mut walk.one).notify_measurements(LONG, None).expect("unsubscribed");
}

fn refusals(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    for message in [3, 4, 6, 8, 9] {
        assert_eq!(one.raw(message, &[NONE]), Err(Status::NOT_FOUND));
    }
    for message in [5, 7] {
        assert_eq!(one.raw(message, &[NONE, 0, 0]), Err(Status::NOT_FOUND));
        assert_eq!(one.raw(message, &[LONG, 4, WATT]), Err(Status::INVALID_PARAMETERS));
        assert_eq!(one.raw(message, &[LONG, 0, 1]), Err(Status::INVALID_PARAMETERS));
        assert_eq!(one.raw(message, &[FIXED, 0, WATT]), Err(Status::NOT_SUPPORTED));
        assert_eq!(one.raw(message, &[PRIVATE, 0, WATT]), Err(Status::DENIED));
    }
    assert_eq!(one.raw(5, &[UNMEASURED, ASYNC, WATT]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.deaf.raw(5, &[LONG, ASYNC, WATT]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(9, &[UNMEASURED]), Err(Status::NOT_SUPPORTED));
    for (message, rest) in [(0xA, &[][..]), (0xB, &[0, WATT])] {
        let mut notify = |domain, enable| {
            let words: Vec<u32> = [domain, enable].iter().chain(rest).copied().collect();
            one.raw(message, &words)
        };
        assert_eq!(notify(NONE, 1), Err(Status::NOT_FOUND));
        assert_eq!(notify(LONG, 2), Err(Status::INVALID_PARAMETERS));
        assert_eq!(notify(UNMEASURED, 1), Err(Status::NOT_SUPPORTED));
    }
    assert_eq!(one.raw(0xB, &[LONG, 1, 2, 1]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(0xC, &[NONE, 4]), Err(Status::NOT_FOUND));
}

/// Only so many changes can wait.
fn busy(walk: &mut Walk<'_>) {
    for _ in 0..16 {
        walk.one.leave(5, &[SLOW, ASYNC, 2 * WATT]);
    }
    assert_eq!(walk.one.raw(5, &[SLOW, ASYNC, WATT]), Err(Status::BUSY));
}
