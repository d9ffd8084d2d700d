//! Clocks.

use scmi::agent::CallError;
use scmi::protocol::clock::agent::{Clocks, Event, RateInfo};
use scmi::protocol::clock::wire::{ExtendedType, Permissions, Rounding};
use scmi::protocol::clock::{INFO, V2, V3};
use scmi::wire::Status;
use scmi_tests_agents::{Agent, Never, Walk, walk};

const PLL: u32 = 1;
const DIVIDED: u32 = 2;
const UART: u32 = 3;
const SLOW: u32 = 4;
const PRIVATE: u32 = 5;
const NONE: u32 = 6;

const LOOK: &str = "every agent may look at every clock";

const NEVER: &[Never] = &[
    Never::refused(0xC, Status::DENIED, LOOK),
    Never::refused(0xD, Status::OUT_OF_RANGE, "clocks that divide follow any parent"),
    Never::refused(0xE, Status::DENIED, LOOK),
    Never::refused(0xF, Status::NOT_SUPPORTED, "permissions can be asked of every clock"),
];

fn clocks<'a>(agent: &'a mut Agent<'_>) -> Clocks<'a> {
    Clocks::open(agent).expect("clocks")
}

#[test]
fn every_message_of_clock() {
    walk(&INFO, NEVER, |walk| {
        describe(walk);
        rates(walk);
        gates(walk);
        if walk.version >= V3 {
            extended(walk);
            parents(walk);
            permissions(walk);
        }
        if walk.version >= V2 {
            events(walk);
        }
        bad_ids(walk);
        busy(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut clocks = clocks(&mut walk.one);
    assert_eq!((clocks.count(), clocks.max_async()), (6, 16));
    let info = clocks.info(DIVIDED).expect("a clock");
    let name = clocks.name(&info).expect("a name");
    let whole = if walk.version < V2 { "a divided clock" } else { "a divided clock with a long name" };
    assert_eq!(name.as_str(), whole);
    let mut rates = Vec::new();
    clocks.rates(UART, &mut |rate| rates.push(rate)).expect("rates");
    assert_eq!(rates, [1_000_000, 24_000_000, 48_000_000].map(RateInfo::One));
    rates.clear();
    clocks.rates(PLL, &mut |rate| rates.push(rate)).expect("rates");
    let (lowest, highest, step) = (200_000_000, 2_000_000_000, 100_000_000);
    assert_eq!(rates, [RateInfo::Range { lowest, highest, step }]);
    assert_eq!(walk.one.raw(4, &[UART, 3]), Err(Status::OUT_OF_RANGE));
}

fn rates(walk: &mut Walk<'_>) {
    let mut clocks = clocks(&mut walk.one);
    clocks.set_rate(PLL, 410_000_000, Rounding::Down).expect("set");
    assert_eq!(clocks.rate(PLL), Ok(400_000_000));
    assert_eq!(clocks.rate(DIVIDED), Ok(100_000_000));
    assert_eq!(clocks.set_rate_async(PLL, 510_000_000, Rounding::Up), Ok(600_000_000));
    clocks.queue_rate(UART, 30_000_000, Rounding::Nearest).expect("queued");
    let one = &mut walk.one;
    assert_eq!(one.raw(5, &[0x10, PLL, 0, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[0, PLL, 1, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[0, PRIVATE, 1_000_000, 0]), Err(Status::DENIED));
    assert_eq!(walk.deaf.raw(5, &[1, PLL, 400_000_000, 0]), Err(Status::NOT_SUPPORTED));
}

fn gates(walk: &mut Walk<'_>) {
    let mut clocks = clocks(&mut walk.one);
    for on in [true, false] {
        clocks.set_enabled(UART, on).expect("switched");
        assert_eq!(clocks.enabled(UART), Ok(on));
    }
    // Two words with a reserved bit, in every version.
    assert_eq!(walk.one.raw(7, &[UART, 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(7, &[PRIVATE, 1]), Err(Status::DENIED));
}

fn extended(walk: &mut Walk<'_>) {
    let mut clocks = clocks(&mut walk.one);
    clocks.set_extended(UART, ExtendedType::DUTY_CYCLE, 25).expect("set");
    assert_eq!(clocks.extended(UART, ExtendedType::DUTY_CYCLE), Ok(25));
    assert_eq!(walk.one.raw(7, &[UART, 2, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(7, &[UART, 1 | 1 << 16, 101]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(0xB, &[UART, 0x100]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(0xB, &[PLL, 1]), Err(Status::INVALID_PARAMETERS));
}

fn parents(walk: &mut Walk<'_>) {
    let mut clocks = clocks(&mut walk.one);
    let mut parents = Vec::new();
    clocks.possible_parents(UART, &mut |parent| parents.push(parent)).expect("parents");
    assert_eq!(parents, [0, PLL]);
    clocks.set_parent(UART, PLL).expect("set");
    assert_eq!(clocks.parent(UART), Ok(PLL));
    let one = &mut walk.one;
    assert_eq!(one.raw(0xC, &[UART, 2]), Err(Status::OUT_OF_RANGE));
    assert_eq!(one.raw(0xC, &[PLL, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(0xD, &[UART, SLOW]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(0xD, &[UART, NONE]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(0xD, &[PLL, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(0xD, &[PRIVATE, PLL]), Err(Status::DENIED));
    assert_eq!(one.raw(0xE, &[PLL]), Err(Status::NOT_SUPPORTED));
}

fn permissions(walk: &mut Walk<'_>) {
    for (agent, permissions) in
        [(&mut walk.one, Permissions::NONE), (&mut walk.two, Permissions::ALL)]
    {
        let mut clocks = clocks(agent);
        let info = clocks.info(PRIVATE).expect("a clock");
        assert_eq!(clocks.permissions(&info), Ok(permissions));
    }
}

fn events(walk: &mut Walk<'_>) {
    let rate = clocks(&mut walk.one).rate(PLL).expect("a rate");
    clocks(&mut walk.two).notify_rate(PLL, true).expect("subscribed");
    clocks(&mut walk.one).set_rate(PLL, rate + 100_000_000, Rounding::Down).expect("set");
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::RateChanged { agent: 1, clock: PLL, rate: rate + 100_000_000 });
    clocks(&mut walk.two).notify_rate(PLL, false).expect("unsubscribed");

    clocks(&mut walk.two).notify_requests(DIVIDED, true).expect("subscribed");
    let refused = clocks(&mut walk.one).set_rate(DIVIDED, 50_000_000, Rounding::Down);
    assert_eq!(refused, Err(CallError::Refused(Status::DENIED)));
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::RateChangeRequested { agent: 1, clock: DIVIDED, rate: 50_000_000 });

    for message in [9, 0xA] {
        assert_eq!(walk.one.raw(message, &[PLL, 2]), Err(Status::INVALID_PARAMETERS));
        assert_eq!(walk.one.raw(message, &[PRIVATE, 1]), Err(Status::NOT_SUPPORTED));
        assert_eq!(walk.deaf.raw(message, &[PLL, 1]), Err(Status::NOT_SUPPORTED));
    }
}

fn bad_ids(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    for message in [3, 6, 8, 0xE, 0xF] {
        assert_eq!(one.raw(message, &[NONE]), Err(Status::NOT_FOUND));
    }
    for message in [4, 7, 9, 0xA, 0xB, 0xC, 0xD] {
        assert_eq!(one.raw(message, &[NONE, 0]), Err(Status::NOT_FOUND));
    }
    assert_eq!(one.raw(5, &[0, NONE, 0, 0]), Err(Status::NOT_FOUND));
}

/// One rate change of a clock at a time.
fn busy(walk: &mut Walk<'_>) {
    walk.one.leave(5, &[1, SLOW, 2_000_000, 0]);
    assert_eq!(walk.one.raw(5, &[1, SLOW, 1_000_000, 0]), Err(Status::BUSY));
}
