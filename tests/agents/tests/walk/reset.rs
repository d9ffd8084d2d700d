//! Reset domains.

use scmi::protocol::reset::agent::{Event, Resets};
use scmi::protocol::reset::wire::ResetState;
use scmi::protocol::reset::{INFO, V3};
use scmi::wire::Status;
use scmi_tests_agents::{Agent, Never, Walk, walk};

const LONG: u32 = 0;
const SLOW: u32 = 1;
const PRIVATE: u32 = 2;
const NONE: u32 = 3;

const AUTONOMOUS: u32 = 1;
const ASYNC: u32 = 4;

const SIMULATED: &str = "a simulated reset does not fail";

const NEVER: &[Never] = &[
    Never::refused(0x4, Status::GENERIC_ERROR, SIMULATED),
    Never::refused(0x4, Status::HARDWARE_ERROR, SIMULATED),
];

fn resets<'a>(agent: &'a mut Agent<'_>) -> Resets<'a> {
    Resets::open(agent).expect("reset domains")
}

#[test]
fn every_message_of_reset() {
    walk(&INFO, NEVER, |walk| {
        describe(walk);
        cycles(walk);
        refusals(walk);
        busy(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut resets = resets(&mut walk.one);
    assert_eq!(resets.count(), 3);
    let info = resets.info(LONG).expect("a domain");
    assert_eq!(info.latency, Some(2000));
    let long = walk.version >= V3;
    let whole = if long { "a reset domain with a long name" } else { "a reset domain " };
    assert_eq!(resets.name(&info).expect("a name").as_str(), whole);
}

/// Agent two is told what agent one does.
fn cycles(walk: &mut Walk<'_>) {
    resets(&mut walk.two).notify(LONG, true).expect("subscribed");
    let own = ResetState::own(1);
    for state in [ResetState::COLD, own] {
        resets(&mut walk.one).reset(LONG, state).expect("reset");
        assert_eq!(walk.two.told(Event::parse), Event::Issued { agent: 1, domain: LONG, state });
        resets(&mut walk.one).reset_async(LONG, state).expect("reset");
        assert_eq!(walk.two.told(Event::parse), Event::Issued { agent: 1, domain: LONG, state });
    }
    resets(&mut walk.one).assert(LONG, ResetState::COLD).expect("held");
    let state = ResetState::COLD;
    assert_eq!(walk.two.told(Event::parse), Event::Issued { agent: 1, domain: LONG, state });
    resets(&mut walk.one).deassert(LONG, ResetState::COLD).expect("let go");
}

fn refusals(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    for message in [3, 6] {
        assert_eq!(one.raw(message, &[NONE]), Err(Status::NOT_FOUND));
    }
    assert_eq!(one.raw(4, &[NONE, 1, 0]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(4, &[LONG, 8, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[LONG, ASYNC, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[LONG, 0, 7]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[PRIVATE, AUTONOMOUS | ASYNC, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(4, &[PRIVATE, AUTONOMOUS, 0]), Err(Status::DENIED));
    assert_eq!(one.raw(5, &[NONE, 1]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(5, &[LONG, 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[PRIVATE, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.deaf.raw(5, &[LONG, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.deaf.raw(4, &[LONG, AUTONOMOUS | ASYNC, 0]), Err(Status::NOT_SUPPORTED));
}

/// One cycle of a domain at a time.
fn busy(walk: &mut Walk<'_>) {
    walk.one.leave(4, &[SLOW, AUTONOMOUS | ASYNC, 0]);
    assert_eq!(walk.one.raw(4, &[SLOW, AUTONOMOUS, 0]), Err(Status::BUSY));
}
