//! Our agent against our platform, and messages in words.

use super::*;

fn loopback(version: Version) -> Loopback {
    let platform = Platform::builder(identity())
        .server(server())
        .agent("vm1", &[(ProtocolId::PERF, version)])
        .build();
    Loopback::new(platform.expect("fits together"), id(0), Link::new(true))
}

#[test]
fn an_agent_finds_and_sets_what_the_platform_has() {
    for version in INFO.versions {
        let mut channel = loopback(*version);
        let mut client = Client::<16>::new(&mut channel);
        let mut domains = PerfDomains::open(&mut client).expect("there");
        assert_eq!((domains.version(), domains.count()), (*version, 4));
        let micro = *version >= V3;
        let unit = if micro { PowerUnit::MICROWATT } else { PowerUnit::MILLIWATT };
        assert_eq!(domains.power_unit(), unit);
        let info = domains.info(0).expect("there");
        assert_eq!(
            (info.rate_limit_us, info.sustained_khz, info.sustained_level),
            (250, 1_000_000, 1000)
        );
        assert_eq!(
            domains.name(&info).map(|name| name.as_str().len()),
            Ok(if micro { 18 } else { 15 })
        );
        let mut levels: Vec<LevelInfo> = vec![];
        domains.levels(2, &mut |level| levels.push(*level)).expect("answers");
        assert_eq!(
            levels.iter().map(|level| level.level).collect::<Vec<_>>(),
            (1..=12).collect::<Vec<_>>()
        );
        levels.clear();
        domains.levels(1, &mut |level| levels.push(*level)).expect("answers");
        let indexed = (*version >= V4).then_some((666_666, 5));
        let cost = Some(if micro { 2 } else { 1 });
        assert_eq!(levels[1], LevelInfo { level: 20, power_cost: cost, latency_us: 2000, indexed });
        let info = domains.info(1).expect("there");
        assert_eq!(info.indexed(), *version >= V4);
        let [low, high] = if info.indexed() { [1, 9] } else { [10, 40] };
        assert_eq!(domains.limits(1), Ok(Seen { max: high, min: low }));
        domains.notify_limits(1, true).expect("can");
        domains.notify_level(1, true).expect("can");
        domains.set_limits(1, Seen { max: high, min: high }).expect("can");
        assert_eq!(domains.level(1), Ok(high));
        assert_eq!(domains.set_level(1, low), Err(CallError::Refused(Status::OUT_OF_RANGE)));
        let fast = domains.fast_channel(1, MessageId(7));
        let status = if *version >= V2 { Status::NOT_SUPPORTED } else { Status::NOT_FOUND };
        assert_eq!(fast, Err(CallError::Refused(status)));
        let mut next = || {
            let event = client.next_event(Time::from_millis(100)).expect("comes");
            Event::parse(event.header(), event.payload())
        };
        let limits = Seen { max: high, min: high };
        assert_eq!(next(), Some(Event::LimitsChanged { agent: 1, domain: 1, limits }));
        assert_eq!(next(), Some(Event::LevelChanged { agent: 1, domain: 1, level: high }));
        assert_eq!(client.now().since(Time::ZERO), ms(2));
    }
}
