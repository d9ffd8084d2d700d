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

#[test]
fn messages_in_words() {
    let page = bytes(&[0x0014_4C04, 0, 0x0001_0001, 1500, 900, 30, 1_500_000, 7]);
    assert_eq!(
        Words::new(&page, Direction::Response).to_string(),
        "response perf PERFORMANCE_DESCRIBE_LEVELS (0x13:0x4), token 5\n  \
           status: SUCCESS (0)\n  \
           count: 0x00010001, remaining 1, returned 1\n  \
           levels[0]:\n    \
             level: 1500\n    \
             power_cost: 900\n    \
             latency: 0x0000001e, microseconds 30\n    \
             frequency_khz: 1500000\n    \
             index: 7"
    );
    let old = bytes(&[0x0014_4C04, 0, 2, 1, 2, 3, 4, 5, 6]);
    let old = Words::new(&old, Direction::Response).version(V3).to_string();
    assert!(old.ends_with(
        "levels[1]:\n    level: 4\n    power_cost: 5\n    latency: 0x00000006, microseconds 6"
    ));
    let event = bytes(&[0x0000_4F00, 1, 2, 40, 10]);
    assert_eq!(
        Words::new(&event, Direction::Response).to_string(),
        "notification perf PERFORMANCE_LIMITS_CHANGED (0x13:0x0)\n  \
           agent_id: 1\n  domain_id: 2\n  range_max: 40\n  range_min: 10"
    );
    let channel = bytes(&[0x0000_4C0B, 0, 5, 8, 0x1000, 0, 4, 0x2000, 0, 1, 0, 0, 0]);
    let channel = Words::new(&channel, Direction::Response).to_string();
    assert!(!channel.contains('!'), "{channel}");
    assert!(channel.contains("doorbell_width 32 bits (2), doorbell"), "{channel}");
    assert!(DomainFlags(0xF400_0000).has(DomainFlags::EXTENDED_NAME));
}
