//! Linux's power capping on the Powercap protocol.

use core::time::Duration;

use anyhow::{Context, Result};
use scmi_test_kit::{Guest, Message, PATIENCE};
use scmi_tests_linux::{Policy, Zone, check, due_on_demo, zones};
use serde_json::{Value, json};

const POWERCAP: u8 = 0x18;
const CAP_SET: u8 = 0x5;
const CAP_NOTIFY: u8 = 0xA;
const MEASUREMENTS_NOTIFY: u8 = 0xB;

/// A tree of three storeys: caps that take time and caps that do not, one that cannot be set, one that is not measured.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]

    [[performance-domain]]
    name = "cpu"
    cpus = [0]
    levels = [
        { frequency = "500 MHz", cost = "200 mW" },
        { frequency = "1 GHz", cost = "800 mW" },
        { frequency = "2 GHz", cost = "3 W" },
    ]

    [[power-cap]]
    name = "package"
    power = "500 mW"
    cap = { min = "1 W", max = "12 W", step = "100 mW" }
    averaging = { min = "10 ms", max = "1 s", step = "10 ms" }
    averaging-interval = "100 ms"
    async = false

    [[power-cap]]
    name = "cores"
    parent = "package"
    measures = ["cpu"]
    cap = { min = "500 mW", max = "5 W", step = "100 mW" }
    averaging = { min = "10 ms", max = "1 s", step = "10 ms" }
    averaging-interval = "100 ms"
    set-time = "30 ms"

    [[power-cap]]
    name = "memory"
    parent = "package"
    power = "750 mW"
    cap = "2 W"
    averaging = "100 ms"

    [[power-cap]]
    name = "the bank of memory that is farthest"
    parent = "memory"
    power = "50 mW"
    cap = { min = "100 mW", max = "1 W", step = "50 mW" }
    monitoring = false
"#;

const PACKAGE: Zone = Zone("0");
const CORES: Zone = Zone("0:0");
const MEMORY: Zone = Zone("0:1");
const BANK: Zone = Zone("0:1:0");

fn boot() -> Result<Guest> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    Policy::of(0).by_hand(&mut guest)?;
    Ok(guest)
}

/// A domain as another agent sees it.
fn seen_by_another(guest: &mut Guest, domain: usize) -> Result<Value> {
    Ok(guest.scmid()?.ask("vm2", ["powercap", "get"])?[domain].clone())
}

/// Waits for a notification of the protocol through raw mode.
fn event(guest: &mut Guest) -> Result<Message> {
    let event = guest.raw().notification(Duration::from_secs(60))?.context("no event")?;
    assert_eq!((event.protocol()?, event.kind()?), (POWERCAP.into(), 3), "{event:?}");
    Ok(event)
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn zones_are_the_boards() -> Result<()> {
    let mut guest = boot()?;
    let names = [
        ("0", "package"),
        ("0:0", "cores"),
        ("0:1", "memory"),
        ("0:1:0", "the bank of memory that is farthest"),
    ];
    assert_eq!(zones(&mut guest)?, names.map(|(place, name)| (place.into(), name.into())).into());
    // The least and the greatest cap in microwatts, the least and the greatest interval in microseconds.
    let bounds = [
        (PACKAGE, [1_000_000, 12_000_000, 10_000, 1_000_000]),
        (CORES, [500_000, 5_000_000, 10_000, 1_000_000]),
        (MEMORY, [2_000_000, 2_000_000, 100_000, 100_000]),
        (BANK, [100_000, 1_000_000, 1_000_000, 1_000_000]),
    ];
    for (zone, bounds) in bounds {
        for (file, bound) in
            ["min_power_uw", "max_power_uw", "min_time_window_us", "max_time_window_us"]
                .into_iter()
                .zip(bounds)
        {
            assert_eq!(
                zone.number(&mut guest, &format!("constraint_0_{file}"))?,
                bound,
                "{zone:?}: {file}"
            );
        }
        assert_eq!(zone.cap(&mut guest)?, (0, false), "{zone:?}");
    }
    assert_eq!(BANK.read(&mut guest, "power_uw").map_err(drop), Err(()), "it is not measured");
    check(&mut guest, &[], &[])
}

#[test]
fn a_cap_is_enabled_set_and_disabled() -> Result<()> {
    let mut guest = boot()?;
    for (zone, domain, async_) in [(PACKAGE, 0, false), (CORES, 1, true)] {
        zone.set_cap(&mut guest, 3_000_000)?;
        assert_eq!(zone.cap(&mut guest)?, (0, false), "until it is enabled it is only remembered");
        zone.enable(&mut guest, true)?;
        assert_eq!(zone.cap(&mut guest)?, (3_000_000, true));
        let before = guest.counters()?.get("delayed_response_ok")?;
        // Linux rounds down to a step, and keeps to the bounds.
        for (asked, is) in
            [(2_550_000, 2_500_000), (1, zone_min(zone)), (99_000_000, zone_max(zone))]
        {
            zone.set_cap(&mut guest, asked)?;
            assert_eq!(zone.cap(&mut guest)?, (is, true), "{asked} was asked for");
            let seen = seen_by_another(&mut guest, domain)?;
            let watts = seen["cap"].as_f64().map(|watts| (watts * 1e6).round());
            assert_eq!(watts, Some(f64::from(u32::try_from(is)?)), "{seen}");
        }
        let delayed = guest.counters()?.get("delayed_response_ok")? - before;
        assert_eq!(delayed, if async_ { 3 } else { 0 }, "each with its delayed response, or none");
        zone.enable(&mut guest, false)?;
        assert_eq!(zone.cap(&mut guest)?, (0, false));
        guest.wait_until(&format!("[ $(cat {}) -eq 0 ]", zone.file("enabled")))?;
        zone.enable(&mut guest, true)?;
        assert_eq!(zone.cap(&mut guest)?, (zone_max(zone), true), "Linux remembers the last cap");
    }
    check(&mut guest, &[], &[])
}

fn zone_min(zone: Zone) -> u64 {
    if zone == PACKAGE { 1_000_000 } else { 500_000 }
}

fn zone_max(zone: Zone) -> u64 {
    if zone == PACKAGE { 12_000_000 } else { 5_000_000 }
}

#[test]
fn what_cannot_be_set_is_refused_by_linux_itself() -> Result<()> {
    let mut guest = boot()?;
    for (file, value) in [
        ("constraint_0_power_limit_uw", 2_000_000),
        ("constraint_0_time_window_us", 100_000),
        ("enabled", 1),
    ] {
        let refused = MEMORY.write(&mut guest, file, value);
        assert_eq!(refused.map_err(drop), Err(()), "{file}");
    }
    let never_set = CORES.enable(&mut guest, true);
    assert_eq!(never_set.map_err(drop), Err(()), "there is no cap to enable");
    let daemon = guest.scmid()?.counters("vm1")?;
    assert_eq!(daemon.answered(POWERCAP.into(), CAP_SET.into()), 0, "nobody asked the platform");
    // What Linux would not send: beyond the bounds, and with bits that there are not.
    for command in [[1, 0, 400_000], [1, 0, 5_000_001], [1, 4, 1_000_000]] {
        let answer = guest.raw().call(POWERCAP, CAP_SET, &words(&command))?;
        assert_eq!(answer.status()?, -2, "INVALID_PARAMETERS for {command:?}");
    }
    assert_eq!(CORES.cap(&mut guest)?, (0, false));
    assert_eq!(guest.counters()?.faults(), [].into());
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn measured_power_follows_the_processors_level() -> Result<()> {
    let mut guest = boot()?;
    let power = |zone: Zone, is: u64| format!("[ $(cat {}) -eq {is} ]", zone.file("power_uw"));
    for (khz, cores) in [(500_000, 200_000), (2_000_000, 3_000_000), (1_000_000, 800_000)] {
        Policy::of(0).set(&mut guest, khz)?;
        guest.wait_until(&power(CORES, cores))?;
        // 500 mW of its own, the memory's 750 mW, and the bank's 50 mW.
        guest.wait_until(&power(PACKAGE, cores + 1_300_000))?;
        let seen = seen_by_another(&mut guest, 1)?;
        assert_eq!(seen["power"].as_f64(), Some(f64::from(u32::try_from(cores)?) / 1e6), "{seen}");
    }
    assert_eq!(MEMORY.power(&mut guest)?, 800_000);
    // A cap holds what is measured.
    Policy::of(0).set(&mut guest, 2_000_000)?;
    CORES.set_cap(&mut guest, 700_000)?;
    CORES.enable(&mut guest, true)?;
    guest.wait_until(&power(CORES, 700_000))?;
    guest.wait_until(&power(PACKAGE, 2_000_000))?;
    check(&mut guest, &[], &[])
}

#[test]
fn the_averaging_interval_is_set_and_read_back() -> Result<()> {
    let mut guest = boot()?;
    assert_eq!(CORES.interval(&mut guest)?, 100_000);
    for (asked, is) in [(20_000, 20_000), (35_000, 30_000), (5, 10_000), (50_000_000, 1_000_000)] {
        CORES.write(&mut guest, "constraint_0_time_window_us", asked)?;
        assert_eq!(CORES.interval(&mut guest)?, is, "{asked} was asked for");
        let seen = seen_by_another(&mut guest, 1)?;
        assert_eq!(
            seen["interval_s"].as_f64(),
            Some(f64::from(u32::try_from(is)?) / 1e6),
            "{seen}"
        );
    }
    // Over a second of history a new level counts little by little.
    Policy::of(0).set(&mut guest, 500_000)?;
    guest.wait_until(&format!("[ $(cat {}) -eq 200000 ]", CORES.file("power_uw")))?;
    // In one go, so that nothing comes between the change and the look.
    let between = guest.ok(&format!(
        "echo 2000000 > {}; while p=$(cat {}); do [ $p -gt 200000 ] && echo $p && break; done",
        Policy::of(0).file("scaling_setspeed"),
        CORES.file("power_uw")
    ))?;
    let between: u64 = between.parse()?;
    assert!((200_001..3_000_000).contains(&between), "{between}");
    guest.wait_until(&format!("[ $(cat {}) -eq 3000000 ]", CORES.file("power_uw")))?;
    check(&mut guest, &[], &[])
}

#[test]
fn the_lowest_cap_of_all_agents_counts() -> Result<()> {
    let mut guest = boot()?;
    let subscribe = guest.raw().call(POWERCAP, CAP_NOTIFY, &words(&[1, 1]))?;
    assert_eq!(subscribe.status()?, 0);
    let mut capping =
        guest.scmid()?.watch("vm2", ["powercap", "set", "cores", "900mW", "--hold", "1h"])?;
    let told = event(&mut guest)?;
    // CAP_CHANGED: who, the domain, the cap in the domain's unit, and the averaging interval.
    let said = [told.id()?, told.word(1)?, told.word(2)?, told.word(3)?, told.word(4)?];
    assert_eq!(said, [0, 2, 1, 900_000, 100_000]);
    assert_eq!(CORES.cap(&mut guest)?, (900_000, true), "Linux sees what counts");
    CORES.set_cap(&mut guest, 2_000_000)?;
    assert_eq!(CORES.cap(&mut guest)?, (900_000, true), "the other's is lower");
    CORES.set_cap(&mut guest, 600_000)?;
    assert_eq!(CORES.cap(&mut guest)?, (600_000, true));
    CORES.enable(&mut guest, false)?;
    assert_eq!(CORES.cap(&mut guest)?, (900_000, true), "only its own is withdrawn");
    capping.kill()?;
    capping.wait(PATIENCE)?;
    guest.wait_until(&format!("[ $(cat {}) -eq 0 ]", CORES.file("enabled")))?;
    check(&mut guest, &[], &[])
}

#[test]
fn who_asks_for_thresholds_is_told_when_they_are_left() -> Result<()> {
    let mut guest = boot()?;
    Policy::of(0).set(&mut guest, 1_000_000)?;
    guest.wait_until(&format!("[ $(cat {}) -eq 800000 ]", CORES.file("power_uw")))?;
    let thresholds = words(&[1, 1, 500_000, 1_000_000]);
    assert_eq!(guest.raw().call(POWERCAP, MEASUREMENTS_NOTIFY, &thresholds)?.status()?, 0);
    for (khz, outside) in
        [(2_000_000, 1_000_001..=3_000_000), (1_000_000, 0..=0), (500_000, 200_000..=499_999)]
    {
        Policy::of(0).set(&mut guest, khz)?;
        if outside == (0..=0) {
            // Back inside: of that nobody is told.
            guest.wait_until(&format!("[ $(cat {}) -eq 800000 ]", CORES.file("power_uw")))?;
            guest.ok("sleep 1")?;
            continue;
        }
        let told = event(&mut guest)?;
        assert_eq!((told.id()?, told.word(2)?), (1, 1), "MEASUREMENTS_CHANGED of cores");
        assert!(outside.contains(&told.word(3)?), "{told:?}");
    }
    check(&mut guest, &[], &[])
}

#[test]
fn the_demo_boards_caps_work() -> Result<()> {
    let mut guest = Guest::builder().board(scmi_test_kit::Board::demo()).boot()?;
    let names = [("0", "package"), ("0:0", "cores"), ("0:1", "graphics")];
    assert_eq!(zones(&mut guest)?, names.map(|(place, name)| (place.into(), name.into())).into());
    CORES.set_cap(&mut guest, 1_500_000)?;
    CORES.enable(&mut guest, true)?;
    assert_eq!(CORES.cap(&mut guest)?, (1_500_000, true));
    assert_eq!(seen_by_another(&mut guest, 1)?["name"], json!("cores"));
    CORES.enable(&mut guest, false)?;
    assert_eq!(CORES.cap(&mut guest)?, (0, false));
    check(&mut guest, &due_on_demo([])?, &[])
}
