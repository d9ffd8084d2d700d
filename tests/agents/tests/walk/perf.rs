//! Performance domains.

use scmi::agent::CallError;
use scmi::protocol::perf::agent::{Event, Limits, PerfDomains};
use scmi::protocol::perf::{INFO, V2, V3, V4};
use scmi::wire::{MessageId, Status};
use scmi_tests_agents::{Agent, Never, Walk, walk};

const LONG: u32 = 0;
const INDEXED: u32 = 1;
const PRIVATE: u32 = 2;
const NONE: u32 = 3;

/// The levels of the long one, in kHz.
const LEVELS: [u32; 3] = [500_000, 1_000_000, 2_000_000];

const LATENCY: &str = "a level is taken at once, however long it takes to get there";

const NEVER: &[Never] = &[
    Never::refused(0x7, Status::BUSY, LATENCY),
    Never::refused(0x8, Status::BUSY, LATENCY),
    Never::answered(0xB, "virtio has no fast channels"),
];

fn domains<'a>(agent: &'a mut Agent<'_>) -> PerfDomains<'a> {
    PerfDomains::open(agent).expect("performance domains")
}

#[test]
fn every_message_of_perf() {
    walk(&INFO, NEVER, |walk| {
        describe(walk);
        changes(walk);
        if walk.version >= V2 {
            no_fast_channels(walk);
        }
        refusals(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut domains = domains(&mut walk.one);
    let info = domains.info(LONG).expect("a domain");
    let long = walk.version >= V3;
    let whole = if long { "a processor with a long name" } else { "a processor wit" };
    assert_eq!(domains.name(&info).expect("a name").as_str(), whole);
    let mut levels = Vec::new();
    domains.levels(LONG, &mut |level| levels.push((level.level, level.latency_us))).expect("levels");
    assert_eq!(levels, LEVELS.map(|level| (level, 1000)));
    let mut indexes = Vec::new();
    domains
        .levels(INDEXED, &mut |level| indexes.extend(level.indexed.map(|(_, index)| index)))
        .expect("levels");
    assert_eq!(indexes.len(), if walk.version >= V4 { 2 } else { 0 });
}

/// Agent two is told what agent one does.
fn changes(walk: &mut Walk<'_>) {
    let mut two = domains(&mut walk.two);
    two.notify_limits(LONG, true).expect("subscribed");
    two.notify_level(LONG, true).expect("subscribed");
    let mut one = domains(&mut walk.one);
    let limits = Limits { max: LEVELS[1], min: LEVELS[0] };
    one.set_limits(LONG, limits).expect("set");
    assert_eq!(one.limits(LONG), Ok(limits));
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::LimitsChanged { agent: 1, domain: LONG, limits });
    let mut one = domains(&mut walk.one);
    one.set_level(LONG, LEVELS[1]).expect("set");
    assert_eq!(one.level(LONG), Ok(LEVELS[1]));
    let told = walk.two.told(Event::parse);
    assert_eq!(told, Event::LevelChanged { agent: 1, domain: LONG, level: LEVELS[1] });
}

fn no_fast_channels(walk: &mut Walk<'_>) {
    let refused = domains(&mut walk.one).fast_channel(LONG, MessageId(7));
    assert_eq!(refused.map(drop), Err(CallError::Refused(Status::NOT_SUPPORTED)));
    for request in [[NONE, 7], [LONG, 0x77]] {
        assert_eq!(walk.one.raw(0xB, &request), Err(Status::NOT_FOUND));
    }
}

fn refusals(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    for message in [3, 6, 8, 0xC] {
        assert_eq!(one.raw(message, &[NONE]), Err(Status::NOT_FOUND));
    }
    let beyond = if walk.version < V4 { Status::INVALID_PARAMETERS } else { Status::OUT_OF_RANGE };
    assert_eq!(one.raw(4, &[LONG, 3]), Err(beyond));
    assert_eq!(one.raw(4, &[NONE, 0]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(5, &[NONE, LEVELS[1], LEVELS[0]]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(5, &[LONG, LEVELS[2] + 1, LEVELS[0]]), Err(Status::OUT_OF_RANGE));
    assert_eq!(one.raw(5, &[LONG, LEVELS[0], LEVELS[1]]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[PRIVATE, 2, 1]), Err(Status::DENIED));
    assert_eq!(one.raw(7, &[NONE, 1]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(7, &[LONG, LEVELS[2]]), Err(Status::OUT_OF_RANGE));
    assert_eq!(one.raw(7, &[PRIVATE, 1]), Err(Status::DENIED));
    for message in [9, 0xA] {
        assert_eq!(one.raw(message, &[NONE, 1]), Err(Status::NOT_FOUND));
        assert_eq!(one.raw(message, &[LONG, 2]), Err(Status::INVALID_PARAMETERS));
        assert_eq!(one.raw(message, &[PRIVATE, 1]), Err(Status::NOT_SUPPORTED));
        assert_eq!(walk.deaf.raw(message, &[LONG, 1]), Err(Status::NOT_SUPPORTED));
    }
}
