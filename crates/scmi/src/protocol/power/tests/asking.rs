//! Our agent against our platform, and messages in words.

use super::*;

fn loopback(version: Version) -> Loopback {
    let platform = Platform::builder(identity())
        .server(server())
        .agent("vm1", &[(ProtocolId::POWER, version)])
        .build();
    Loopback::new(platform.expect("fits together"), id(0), Link::new(true))
}

#[test]
fn an_agent_finds_and_switches_what_the_platform_has() {
    for version in INFO.versions {
        let mut channel = loopback(*version);
        let mut client = Client::<16>::new(&mut channel);
        let mut domains = PowerDomains::open(&mut client).expect("there");
        assert_eq!((domains.version(), domains.count()), (*version, 5));
        let info = domains.info(1).expect("there");
        assert_eq!(info.flags.has(DomainFlags::EXTENDED_NAME), *version >= V3);
        let name = domains.name(&info).expect("has one");
        let whole = if *version >= V3 { "the camera pipeline" } else { "the camera pipe" };
        assert_eq!(name.as_str(), whole);
        domains.notify_changes(1, true).expect("can");
        if *version >= V2 {
            domains.notify_requests(1, true).expect("can");
        }
        domains.set_state(1, PowerState::OFF).expect("can");
        assert_eq!(domains.state(1), Ok(PowerState::OFF));
        domains.set_state_async(1, PowerState::ON).expect("can");
        assert_eq!(domains.state(1), Ok(PowerState::OFF));
        let refused = domains.set_state(9, PowerState::ON);
        assert_eq!(refused, Err(CallError::Refused(Status::NOT_FOUND)));
        for (state, at) in [(PowerState::OFF, 5), (PowerState::ON, 25)] {
            let event = client.next_event(Time::from_millis(100)).expect("comes");
            let event = Event::parse(event.header(), event.payload());
            assert_eq!(event, Some(Event::Changed { agent: 1, domain: 1, state }));
            assert_eq!(client.now(), Time::from_millis(at));
        }
        assert_eq!(client.message_attributes(ProtocolId::POWER, MessageId(6)), Ok(0));
    }
}

#[test]
fn requests_reach_the_agent_that_stands_in_the_way() {
    let platform =
        Platform::builder(identity()).server(server()).agent("vm1", &[]).agent("vm2", &[]);
    let mut channel = Loopback::new(platform.build().expect("fits"), id(0), Link::new(true));
    channel.platform().connect(Time::ZERO, id(1), Link::new(true));
    let mut client = Client::<16>::new(&mut channel);
    let mut domains = PowerDomains::open(&mut client).expect("there");
    domains.notify_requests(0, true).expect("can");
    domains.set_state(0, PowerState::ON).expect("can");
    let set = [4, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40];
    channel.platform().handle(Time::ZERO, id(1), &set, &mut [0; 8]);
    let event = Client::<16>::new(&mut channel).next_event(Time::from_millis(1)).expect("comes");
    let event = Event::parse(event.header(), event.payload());
    assert_eq!(event, Some(Event::Requested { agent: 2, domain: 0, state: PowerState::OFF }));
}
