//! Power domains.

use scmi::protocol::power::agent::{Event, PowerDomains};
use scmi::protocol::power::wire::PowerState;
use scmi::protocol::power::{INFO, V2, V3};
use scmi::wire::Status;
use scmi_tests_agents::{Agent, Walk, walk};

const LONG: u32 = 0;
const SLOW: u32 = 1;
const PRIVATE: u32 = 2;
const NONE: u32 = 3;

const ON: u32 = PowerState::ON.0;
const OFF: u32 = PowerState::OFF.0;

fn domains<'a>(agent: &'a mut Agent<'_>) -> PowerDomains<'a> {
    PowerDomains::open(agent).expect("power domains")
}

#[test]
fn every_message_of_power() {
    walk(&INFO, &[], |walk| {
        describe(walk);
        states(walk);
        if walk.version >= V2 {
            requests(walk);
        }
        refusals(walk);
        busy(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut domains = domains(&mut walk.one);
    let info = domains.info(LONG).expect("a domain");
    let long = walk.version >= V3;
    let whole = if long { "a power domain with a long name" } else { "a power domain " };
    assert_eq!(domains.name(&info).expect("a name").as_str(), whole);
}

/// Agent two is told what agent one does.
fn states(walk: &mut Walk<'_>) {
    domains(&mut walk.two).notify_changes(LONG, true).expect("subscribed");
    let mut one = domains(&mut walk.one);
    one.set_state(LONG, PowerState::OFF).expect("off");
    assert_eq!(one.state(LONG), Ok(PowerState::OFF));
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::Changed { agent: 1, domain: LONG, state: PowerState::OFF });
    domains(&mut walk.one).set_state_async(LONG, PowerState::ON).expect("soon on");
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::Changed { agent: 1, domain: LONG, state: PowerState::ON });
    assert_eq!(domains(&mut walk.two).state(LONG), Ok(PowerState::ON));
}

/// Agent two wants the domain on, and is told that agent one wants it off.
fn requests(walk: &mut Walk<'_>) {
    let mut two = domains(&mut walk.two);
    two.set_state(LONG, PowerState::ON).expect("on");
    two.notify_requests(LONG, true).expect("subscribed");
    domains(&mut walk.one).set_state(LONG, PowerState::OFF).expect("noted");
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::Requested { agent: 1, domain: LONG, state: PowerState::OFF });
    assert_eq!(domains(&mut walk.two).state(LONG), Ok(PowerState::ON));
    assert_eq!(walk.one.raw(7, &[NONE, 1]), Err(Status::NOT_FOUND));
    assert_eq!(walk.one.raw(7, &[LONG, 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(7, &[PRIVATE, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.one.raw(8, &[NONE]), walk.one.raw(3, &[NONE]));
}

fn refusals(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    for message in [3, 5] {
        assert_eq!(one.raw(message, &[NONE]), Err(Status::NOT_FOUND));
    }
    assert_eq!(one.raw(4, &[0, NONE, ON]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(4, &[2, LONG, ON]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[0, LONG, 1 << 31]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[0, LONG, 5]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[1, PRIVATE, OFF]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(4, &[0, PRIVATE, OFF]), Err(Status::DENIED));
    assert_eq!(one.raw(6, &[NONE, 1]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(6, &[LONG, 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(6, &[PRIVATE, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.deaf.raw(6, &[LONG, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.two.raw(4, &[0, PRIVATE, OFF]), Ok(()));
}

/// Only so many answers of an agent can be put off.
fn busy(walk: &mut Walk<'_>) {
    for _ in 0..64 {
        walk.one.leave(4, &[0, SLOW, ON]);
    }
    assert_eq!(walk.one.raw(4, &[0, SLOW, ON]), Err(Status::BUSY));
}
