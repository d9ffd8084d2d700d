//! The asking side against the server.

use std::vec::Vec;

use super::{MHZ, server};
use crate::agent::{CallError, Client};
use crate::protocol::clock::agent::{Clocks, Event, RateInfo};
use crate::protocol::clock::wire::{ClockWord, ExtendedType, Permissions, Rounding};
use crate::protocol::clock::{INFO, V2, V3};
use crate::protocol::testing::loopback;
use crate::time::Time;
use crate::transport::Channel;
use crate::wire::Status;

#[test]
fn an_agent_finds_and_uses_what_the_platform_has() {
    for version in INFO.versions {
        let mut channel = loopback(server(), *version, true);
        let mut client = Client::<16>::new(&mut channel);
        let mut clocks = Clocks::open(&mut client).expect("there");
        assert_eq!((clocks.version(), clocks.count(), clocks.max_async()), (*version, 5, 16));
        let infos: Vec<_> = (0..5).map(|id| clocks.info(id).expect("there")).collect();
        let named = clocks.name(&infos[1]).expect("has one");
        let long = if *version < V2 { "a clock with a " } else { "a clock with a long name" };
        assert_eq!(named.as_str(), long);
        assert_eq!(infos[1].enable_delay, (*version >= V2).then_some(1500));
        let mut rates = Vec::new();
        clocks.rates(4, &mut |rate| rates.push(rate)).expect("lists");
        assert_eq!(rates, (1..=20).map(RateInfo::One).collect::<Vec<_>>());
        clocks.rates(3, &mut |rate| rates.push(rate)).expect("lists");
        let range = RateInfo::Range { lowest: MHZ, highest: 5_000_000_000, step: MHZ };
        assert_eq!(rates.last(), Some(&range));
        clocks.set_rate(1, 35, Rounding::Nearest).expect("can");
        assert_eq!(clocks.rate(1), Ok(40));
        assert_eq!(clocks.set_rate_async(1, 21, Rounding::Down), Ok(20));
        clocks.queue_rate(1, 10, Rounding::Down).expect("can");
        assert_eq!(clocks.enabled(1), Ok(false));
        clocks.set_enabled(1, true).expect("can");
        assert_eq!(clocks.enabled(1), Ok(true));
        let set = clocks.set_extended(1, ExtendedType::DUTY_CYCLE, 10);
        if *version < V3 {
            assert_eq!(set, Err(CallError::Refused(Status::NOT_SUPPORTED)));
            assert_eq!(clocks.parent(1), Err(CallError::Refused(Status::NOT_FOUND)));
            continue;
        }
        assert_eq!(set, Ok(()));
        assert_eq!(clocks.extended(1, ExtendedType::DUTY_CYCLE), Ok(10));
        let mut parents = Vec::new();
        clocks.possible_parents(1, &mut |parent| parents.push(parent)).expect("lists");
        assert_eq!(parents, [0, 3]);
        clocks.set_parent(1, 3).expect("can");
        assert_eq!(clocks.parent(1), Ok(3));
        assert_eq!(clocks.permissions(&infos[1]), Ok(Permissions::ALL));
        assert!(infos[1].attributes.has(ClockWord::PARENTS | ClockWord::EXTENDED_CONFIG));
    }
}

#[test]
fn an_agent_reads_its_events() {
    let mut channel = loopback(server(), V3, true);
    let mut client = Client::<16>::new(&mut channel);
    let mut clocks = Clocks::open(&mut client).expect("there");
    clocks.notify_rate(1, true).expect("can");
    clocks.notify_requests(1, true).expect("can");
    clocks.set_rate(1, 20, Rounding::Down).expect("can");
    assert_eq!(client.now(), Time::from_millis(30));
    let event = client.next_event(Time::from_millis(40)).expect("comes");
    let parsed = Event::parse(event.header(), event.payload());
    assert_eq!(parsed, Some(Event::RateChanged { agent: 1, clock: 1, rate: 20 }));
    assert_eq!(channel.now(), Time::from_millis(30));
}
