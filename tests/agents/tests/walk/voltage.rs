//! Voltage domains.

use scmi::protocol::voltage::agent::{LevelInfo, Voltages};
use scmi::protocol::voltage::wire::Mode;
use scmi::protocol::voltage::{INFO, V2};
use scmi::wire::Status;
use scmi_tests_agents::{Agent, Never, Walk, walk};

const LONG: u32 = 0;
const NEGATIVE: u32 = 1;
const SLOW: u32 = 2;
const PRIVATE: u32 = 3;
const NONE: u32 = 4;

const ON: u32 = 7;

const LOOK: &str = "every agent may look at every domain";
const ALL: &str = "every domain has levels and a mode";

const NEVER: &[Never] = &[
    Never::refused(0x4, Status::NOT_SUPPORTED, ALL),
    Never::refused(0x4, Status::DENIED, LOOK),
    Never::refused(0x6, Status::NOT_SUPPORTED, ALL),
    Never::delayed_in_the_oldest(0x7, "version 1.0 has no flag for it"),
    Never::refused(0x8, Status::NOT_SUPPORTED, ALL),
    Never::refused(0x8, Status::DENIED, LOOK),
];

fn voltages<'a>(agent: &'a mut Agent<'_>) -> Voltages<'a> {
    Voltages::open(agent).expect("voltage domains")
}

#[test]
fn every_message_of_voltage() {
    walk(&INFO, NEVER, |walk| {
        describe(walk);
        changes(walk);
        refusals(walk);
        busy(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut voltages = voltages(&mut walk.one);
    assert_eq!(voltages.count(), 4);
    let info = voltages.info(LONG).expect("a domain");
    let long = walk.version >= V2;
    let whole = if long { "a rail with a long name" } else { "a rail with a l" };
    assert_eq!(voltages.name(&info).expect("a name").as_str(), whole);
    let mut levels = Vec::new();
    for domain in [LONG, NEGATIVE] {
        voltages.levels(domain, &mut |level| levels.push(level)).expect("levels");
    }
    let range = LevelInfo::Range { lowest: 600_000, highest: 1_200_000, step: 12_500 };
    assert_eq!(levels, [range, LevelInfo::One(-12_000_000), LevelInfo::One(-5_000_000)]);
}

fn changes(walk: &mut Walk<'_>) {
    let mut voltages = voltages(&mut walk.one);
    for mode in [Mode::OFF, Mode::ON] {
        voltages.set_mode(LONG, mode).expect("switched");
        assert_eq!(voltages.mode(LONG), Ok(mode));
    }
    voltages.set_level(LONG, 650_000).expect("set");
    assert_eq!(voltages.level(LONG), Ok(650_000));
    voltages.set_level(NEGATIVE, -5_000_000).expect("set");
    assert_eq!(voltages.level(NEGATIVE), Ok(-5_000_000));
    if walk.version >= V2 {
        assert_eq!(voltages.set_level_async(LONG, 700_000), Ok(700_000));
    }
}

fn refusals(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    for message in [3, 6, 8, 9] {
        assert_eq!(one.raw(message, &[NONE]), Err(Status::NOT_FOUND));
    }
    assert_eq!(one.raw(4, &[NONE, 0]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(4, &[NEGATIVE, 2]), Err(Status::OUT_OF_RANGE));
    assert_eq!(one.raw(5, &[NONE, ON]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(5, &[LONG, 1]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[PRIVATE, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(5, &[PRIVATE, ON]), Err(Status::DENIED));
    assert_eq!(one.raw(7, &[NONE, 0, 0]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(7, &[LONG, 0, 1]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(7, &[LONG, 2, 650_000]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(7, &[PRIVATE, 0, 1_000_000]), Err(Status::DENIED));
    if walk.version >= V2 {
        assert_eq!(one.raw(7, &[PRIVATE, 1, 1_000_000]), Err(Status::NOT_SUPPORTED));
        assert_eq!(walk.deaf.raw(7, &[LONG, 1, 650_000]), Err(Status::NOT_SUPPORTED));
    }
}

/// One change of a domain's level at a time, and only so many answers of an agent can be put off.
fn busy(walk: &mut Walk<'_>) {
    walk.one.leave(7, &[SLOW, 0, 2_000_000]);
    assert_eq!(walk.one.raw(7, &[SLOW, 0, 1_000_000]), Err(Status::BUSY));
    for _ in 0..63 {
        walk.one.leave(5, &[SLOW, ON]);
    }
    assert_eq!(walk.one.raw(5, &[SLOW, ON]), Err(Status::BUSY));
}
