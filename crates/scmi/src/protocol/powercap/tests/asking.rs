//! Our agent against our platform, and messages in words.

use super::*;

#[test]
fn an_agent_finds_and_caps_what_the_platform_has() {
    for version in INFO.versions {
        let platform = Platform::builder(identity())
            .server(server())
            .agent("vm1", &[(ProtocolId::POWERCAP, *version)])
            .build();
        let mut channel = Loopback::new(platform.expect("fits"), id(0), Link::new(true));
        let mut client = Client::<16>::new(&mut channel);
        let mut domains = PowercapDomains::open(&mut client).expect("there");
        assert_eq!((domains.version(), domains.count()), (*version, 4));
        let infos: Vec<_> = (0..4).map(|id| domains.info(id).expect("there")).collect();
        let parents: Vec<_> = infos.iter().map(|info| info.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(1), None]);
        assert_eq!(infos[1].flags.unit(), PowerUnit::MICROWATT);
        assert!(infos[1].flags.has(DomainFlags::ASYNC));
        assert_eq!((infos[0].cap.max.get(), infos[0].pai.step.get()), (9000, 5000));
        assert_eq!((infos[0].sustainable_power, infos[0].accuracy), (5000, 1500));
        assert_eq!(domains.name(&infos[0]).expect("has one").as_str(), "the board as a whole");
        assert_eq!(domains.name(&infos[1]).expect("has one").as_str(), "cpu");
        let none = if *version >= V2 { 0 } else { 9000 };
        assert_eq!(domains.cap(1), Ok(none));
        domains.notify_cap(1, true).expect("can");
        domains.set_cap(1, 1300).expect("can");
        assert_eq!(domains.cap(1), Ok(1300));
        assert_eq!(domains.set_cap_async(1, 1700), Ok(1600));
        domains.set_cap_quietly(1, 1000).expect("can");
        domains.set_pai(0, 10_000).expect("can");
        assert_eq!(domains.pai(0), Ok(10_000));
        let measured = domains.measurements(0).expect("is measured");
        assert_eq!((measured.power.get(), measured.pai.get()), (70, 10_000));
        domains.notify_measurements(0, Some((0, 95))).expect("can");
        let fast = domains.fast_channel(0, MessageId(5));
        assert_eq!(fast, Err(CallError::Refused(Status::NOT_SUPPORTED)));
        let mut next = || {
            let event = client.next_event(Time::from_millis(500)).expect("comes");
            Event::parse(event.header(), event.payload()).expect("is one of ours")
        };
        for cap in [1300, 1600] {
            assert_eq!(next(), Event::CapChanged { agent: 1, domain: 1, cap, pai_us: 20_000 });
        }
        let quiet = Event::CapChanged { agent: 1, domain: 1, cap: 1000, pai_us: 20_000 };
        let left = Event::MeasurementsChanged { domain: 0, power: 100 };
        let both = [next(), next()];
        assert!(both.contains(&quiet) && both.contains(&left), "{both:?}");
        let mut domains = PowercapDomains::open(&mut client).expect("there");
        domains.notify_measurements(0, None).expect("can");
    }
}
