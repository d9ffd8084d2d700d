//! Processors that change their speed through the Performance protocol.

use core::time::Duration;

use anyhow::{Context, Result};
use scmi_test_kit::Guest;
use scmi_tests_linux::{Policy, check, due, due_on_demo};
use serde_json::Value;

const PERFORMANCE: u8 = 0x13;
const LEVEL_SET: u32 = 0x7;
const NOTIFY_LIMITS: u8 = 0x9;

/// Where Linux counts.
const COUNTERS: &str = "/sys/kernel/debug/scmi/0/transport/counters";

/// Two processors: one whose levels are its frequencies, and one whose levels are called by indexes.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]
    [[performance-domain]]
    name = "little"
    cpus = [0]
    level = "600 MHz"
    sustained-level = "900 MHz"
    rate-limit = "2 ms"
    levels = [
        { frequency = "300 MHz", cost = "100.5 mW" },
        { frequency = "600 MHz", cost = "250 mW", latency = "300 us" },
        { frequency = "900 MHz", cost = "600 mW" },
        { frequency = "1.2 GHz", cost = "1.5 W", latency = "400 us" },
    ]
    [[performance-domain]]
    name = "big, called by its indexes"
    cpus = [1]
    indexed = true
    levels = [
        { level = 7, frequency = "500 MHz", cost = "300 mW", index = 3 },
        { level = 20, frequency = "1.1 GHz", cost = "900 mW", index = 5 },
        { level = 21, frequency = "2.4 GHz", cost = "4 W", index = 11 },
    ]
"#;

const LITTLE: Policy = Policy::of(0);
const BIG: Policy = Policy::of(1);

fn boot() -> Result<Guest> {
    let mut guest = Guest::builder().board(BOARD).cpus(2).boot()?;
    LITTLE.by_hand(&mut guest)?;
    BIG.by_hand(&mut guest)?;
    Ok(guest)
}

/// A domain as another agent sees it: its level, and what it costs in watts.
fn seen_by_another(guest: &mut Guest, domain: usize) -> Result<(u64, f64)> {
    let all = guest.scmid()?.ask("vm2", ["perf", "get"])?;
    let (level, cost) = (all[domain]["level"].as_u64(), all[domain]["power"].as_f64());
    level.zip(cost).context("scmictl shows no level")
}

#[test]
fn each_level_that_is_set_is_the_boards() -> Result<()> {
    let mut guest = boot()?;
    let little = [
        (300_000, 300_000, 0.1005),
        (1_200_000, 1_200_000, 1.5),
        (600_000, 600_000, 0.25),
        (900_000, 900_000, 0.6),
    ];
    let big = [(500_000, 7, 0.3), (2_400_000, 21, 4.0), (1_100_000, 20, 0.9)];
    for (policy, domain, levels) in [(LITTLE, 0, &little[..]), (BIG, 1, &big[..])] {
        for &(khz, level, cost) in levels {
            policy.set(&mut guest, khz)?;
            assert_eq!(policy.speed(&mut guest)?, khz, "what Linux is told");
            let (is, costs) = seen_by_another(&mut guest, domain)?;
            assert_eq!((is, costs), (level, cost), "what another agent is told, at {khz} kHz");
        }
    }
    let before = guest.scmid()?.counters("vm1")?.answered(PERFORMANCE.into(), LEVEL_SET);
    LITTLE.set(&mut guest, 700_000)?;
    assert_eq!(LITTLE.speed(&mut guest)?, 900_000, "the next level above");
    let after = guest.scmid()?.counters("vm1")?.answered(PERFORMANCE.into(), LEVEL_SET);
    assert_eq!(after, before, "it had that level");
    check(&mut guest, &[], &[])
}

#[test]
fn levels_and_what_they_cost_are_the_boards() -> Result<()> {
    let mut guest = boot()?;
    let mut numbers = |policy: Policy, file: &str| policy.numbers(&mut guest, file);
    let available = "scaling_available_frequencies";
    assert_eq!(numbers(LITTLE, available)?, [300_000, 600_000, 900_000]);
    assert_eq!(numbers(LITTLE, "scaling_boost_frequencies")?, [1_200_000], "above the sustained");
    assert_eq!(numbers(BIG, available)?, [500_000, 1_100_000, 2_400_000]);
    assert_eq!(numbers(LITTLE, "cpuinfo_transition_latency")?, [400_000], "of the last level");
    assert_eq!(numbers(LITTLE, "related_cpus")?, [0]);
    assert_eq!(numbers(BIG, "related_cpus")?, [1]);
    let costs =
        [(300_000, 100_500), (600_000, 250_000), (900_000, 600_000), (1_200_000, 1_500_000)];
    assert_eq!(LITTLE.costs(&mut guest)?, costs.into());
    let costs = [(500_000, 300_000), (1_100_000, 900_000), (2_400_000, 4_000_000)];
    assert_eq!(BIG.costs(&mut guest)?, costs.into());

    guest.ok("echo 0 > /sys/devices/system/cpu/cpufreq/boost")?;
    LITTLE.set(&mut guest, 1_200_000)?;
    assert_eq!(
        LITTLE.speed(&mut guest)?,
        900_000,
        "without boost the sustained level is the highest"
    );
    check(&mut guest, &[], &[])
}

#[test]
fn another_agents_limits_hold_a_processor_down() -> Result<()> {
    let mut guest = boot()?;
    LITTLE.set(&mut guest, 1_200_000)?;
    let subscribe = [0_u32, 1].map(u32::to_le_bytes).concat();
    assert_eq!(guest.raw().call(PERFORMANCE, NOTIFY_LIMITS, &subscribe)?.status()?, 0);
    guest.raw().forget()?;

    let limits = ["perf", "limits", "little", "--max", "600MHz", "--hold", "1h"];
    let mut limiting = guest.scmid()?.watch("vm2", limits)?;
    let event = guest.raw().notification(Duration::from_secs(60))?.context("no event")?;
    assert_eq!((event.protocol()?, event.kind()?, event.id()?), (0x13, 3, 0), "LIMITS_CHANGED");
    let said = [event.word(1)?, event.word(2)?, event.word(3)?, event.word(4)?];
    assert_eq!(said, [2, 0, 600_000, 300_000], "who, the domain, the highest and the lowest level");
    assert_eq!(LITTLE.speed(&mut guest)?, 600_000, "it was pulled inside");
    // Linux 6.12 does not listen to limits. It sees that the speed is another one than it set, and tries once more.
    let refused = |count| format!("[ $(cat {COUNTERS}/err_protocol) -eq {count} ]");
    guest.wait_until(&refused(1))?;
    LITTLE.set(&mut guest, 300_000)?;
    // That the platform refuses is not told to user space.
    LITTLE.set(&mut guest, 900_000)?;
    guest.wait_until(&refused(2))?;
    assert_eq!(LITTLE.speed(&mut guest)?, 300_000);

    limiting.kill()?;
    let event = guest.raw().notification(Duration::from_secs(60))?.context("no event")?;
    assert_eq!((event.word(3)?, event.word(4)?), (1_200_000, 300_000), "the limits went with it");
    LITTLE.set(&mut guest, 900_000)?;
    assert_eq!(LITTLE.speed(&mut guest)?, 900_000);
    let due = [due(PERFORMANCE.into(), LEVEL_SET, "OUT_OF_RANGE", 2)];
    check(&mut guest, &due, &["cpufreq: __target_index: Failed to change cpu frequency: -34"])
}

#[test]
fn the_scheduler_speeds_up_for_work_and_down_again() -> Result<()> {
    let mut guest = boot()?;
    guest.ok(&format!("echo schedutil > {}", LITTLE.file("scaling_governor")))?;
    let speed = LITTLE.file("cpuinfo_cur_freq");
    guest.ok("taskset 1 sh -c 'while :; do :; done' >/dev/null 2>&1 & echo $! > /tmp/work")?;
    guest.wait_until(&format!("[ $(cat {speed}) -eq 1200000 ]"))?;
    guest.ok("kill $(cat /tmp/work)")?;
    guest.wait_until(&format!("[ $(cat {speed}) -eq 300000 ]"))?;
    let (level, _) = seen_by_another(&mut guest, 0)?;
    assert!([300_000, 600_000, 900_000, 1_200_000].contains(&level), "{level}");
    check(&mut guest, &[], &[])
}

#[test]
fn the_demo_boards_processors_are_one_domain() -> Result<()> {
    let mut guest = Guest::builder().board(scmi_test_kit::Board::demo()).cpus(2).boot()?;
    LITTLE.by_hand(&mut guest)?;
    assert_eq!(LITTLE.numbers(&mut guest, "related_cpus")?, [0, 1]);
    let levels = guest.scmid()?.ask("vm2", ["perf", "levels", "cpu"])?;
    let levels: Vec<&Value> = levels.as_array().context("no levels")?.iter().collect();
    for level in levels {
        let khz = level["khz"].as_u64().context("no frequency")?;
        LITTLE.set(&mut guest, khz)?;
        assert_eq!(LITTLE.speed(&mut guest)?, khz);
        let (_, cost) = seen_by_another(&mut guest, 0)?;
        assert_eq!(Some(cost), level["power"].as_f64());
    }
    check(&mut guest, &due_on_demo([])?, &[])
}
