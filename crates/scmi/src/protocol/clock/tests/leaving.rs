//! What agents hold when they come, and what goes back when they go.

use std::string::ToString;
use std::vec;

use super::{MHZ_WORD, server};
use crate::platform::{AgentSpec, Platform, Rights, Space};
use crate::protocol::base::tests::identity;
use crate::protocol::clock::V3;
use crate::protocol::testing::{Kit, agent};
use crate::time::Time;

#[test]
fn what_an_agent_holds_from_the_start_is_on_until_it_lets_go() {
    let holder = AgentSpec::new("holder").holds(Space::Clock, 0);
    let mut kit =
        Kit::with_agents(server(), V3, vec![holder, AgentSpec::new("other")]).expect("good");
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 1, 0]));
    // The model protests if it were switched on or off more than once.
    kit.ask(1, 7, &[0, 1, 0]).expect("can");
    kit.ask(1, 7, &[0, 0, 0]).expect("can");
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 1, 0]));
    kit.ask(0, 7, &[0, 0, 0]).expect("can");
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 0, 0]));
    // A new life begins as the first one did, and so does one whose configuration was reset.
    kit.restart(0);
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 1, 0]));
    kit.ask(0, 7, &[0, 0, 0]).expect("can");
    kit.platform.reset_configuration(kit.now, agent(0), false);
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 1, 0]));
}

#[test]
fn what_the_platform_keeps_nobody_switches_off() {
    let kept = |clock| {
        let builder = Platform::builder(identity()).server(server()).agent("one", &[]);
        builder.keep(Space::Clock, clock).build()
    };
    let mut platform = kept(0).expect("good");
    platform.connect(Time::ZERO, agent(0), crate::platform::Link::new(true));
    let mut ask = |words: &[u32]| {
        let request = crate::protocol::testing::bytes(words);
        let mut reply = [0; 20];
        platform.handle(Time::ZERO, agent(0), &request, &mut reply);
        crate::protocol::testing::words(&reply)
    };
    let config = |message: u32| 0x14 << 10 | message;
    for enable in [1, 0] {
        // The model protests if it were switched.
        assert_eq!(ask(&[config(7), 0, enable, 0])[1], 0);
        assert_eq!(ask(&[config(0xB), 0, 0])[3], enable, "an agent is told what it asked for");
    }
    let error = kept(9).map(|_| ()).expect_err("is not there");
    assert_eq!(error.to_string(), "kept, clock: there is no 9");
}

#[test]
fn who_restores_leaves_rates_and_parents_as_they_were() {
    let agents = vec![AgentSpec::new("guest").restores(), AgentSpec::new("other")];
    let mut kit = Kit::with_agents(server(), V3, agents).expect("good");
    kit.ask(1, 9, &[0, 1]).expect("can");
    for (clock, rate) in [(0, 48 * MHZ_WORD), (3, 2 * MHZ_WORD), (4, 7)] {
        kit.ask(0, 5, &[0, clock, rate, 0]).expect("can");
    }
    kit.ask(0, 0xD, &[1, 3]).expect("can");
    // One that another has set since stays, one that is being changed does not get there.
    kit.ask(1, 5, &[0, 4, 9, 0]).expect("can");
    kit.ask(0, 5, &[1, 1, 20, 0]).expect("queued");
    kit.events(1);
    kit.restart(0);
    kit.wait(30);
    for (clock, rate) in [(0, 24 * MHZ_WORD), (1, 10), (3, MHZ_WORD), (4, 9)] {
        assert_eq!(kit.ask(1, 6, &[clock]), Ok(vec![rate, 0]), "clock {clock}");
    }
    assert_eq!(kit.ask(1, 0xE, &[1]), Ok(vec![0]));
    assert_eq!(kit.events(1), [(0x300, vec![0, 0, 24 * MHZ_WORD, 0])]);
    // Who does not restore leaves them as it set them.
    kit.restart(1);
    kit.wait(1);
    assert_eq!(kit.ask(1, 6, &[4]), Ok(vec![9, 0]));
}

#[test]
fn what_an_agent_holds_is_stable_only_when_its_delay_is_over() {
    let agents = vec![AgentSpec::new("guest"), AgentSpec::new("holder").holds(Space::Clock, 1)];
    let mut kit = Kit::with_agents(server(), V3, agents).expect("good");
    let ticket = kit.send(0, 7, &[1, 1, 0]).expect_err("it came on just now");
    assert_eq!((kit.late(0, ticket), kit.now), (Ok(vec![]), Time::from_nanos(1_500_000)));
}

#[test]
fn who_is_not_there_holds_nothing() {
    let reader = AgentSpec::new("reader").may(Space::Clock, 0, Rights::READ);
    let holder = AgentSpec::new("holder").holds(Space::Clock, 0);
    let mut kit = Kit::with_agents(server(), V3, vec![holder, reader]).expect("good");
    assert_eq!(kit.ask(1, 0xB, &[0, 0]), Ok(vec![0, 1, 0]));
    kit.platform.disconnect(kit.now, agent(0));
    kit.platform.reset_configuration(kit.now, agent(0), false);
    assert_eq!(kit.ask(1, 0xB, &[0, 0]), Ok(vec![0, 0, 0]));
}
