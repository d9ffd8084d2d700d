//! Linux's regulators on the Voltage protocol.

use anyhow::{Context, Result};
use scmi_test_kit::Guest;
use scmi_tests_linux::{Rail, check, due, due_on_demo};
use serde_json::{Value, json};

const VOLTAGE: u32 = 0x17;
const CONFIG_SET: u32 = 0x5;
const LEVEL_SET: u32 = 0x7;

/// Rails of all kinds: any voltage of a range, one of a list, one only, one that cannot be off, one below zero.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]
    voltage-domain = [
        { name = "core", levels = { min = "600 mV", max = "1.2 V", step = "12.5 mV" }, level = "850 mV",
          async = false, level-change = "2 ms", agents = ["vm1"] },
        { name = "card", levels = ["1.8 V", "2.5 V", "3.3 V"], level = "3.3 V", enabled = false,
          enable-delay = "3 ms", level-change = "20 ms" },
        { name = "single", levels = ["1.2 V"], enabled = false },
        { name = "stuck", levels = ["1 V", "1.1 V"], can-be-off = false },
        { name = "below zero", levels = [-12.0, -5.0] },
        { name = "a rail that nobody in the guest uses", levels = ["5 V"], level = "5 V", agents = ["vm1"] },
    ]
"#;

const CORE: Rail = Rail::new(0, "core");
const CARD: Rail = Rail::new(1, "card");
const SINGLE: Rail = Rail::new(2, "single");
const STUCK: Rail = Rail::new(3, "stuck");

fn boot() -> Result<Guest> {
    let guest = Guest::builder().board(BOARD);
    let guest = [CORE, CARD, SINGLE, STUCK]
        .into_iter()
        .fold(guest, |guest, rail| guest.device_tree(&rail.consumer()));
    guest.boot()
}

/// A rail as another agent sees it, in volts. A rail that only others keep on is off for it, if it could switch it.
fn seen_by_another(guest: &mut Guest, rail: usize) -> Result<(f64, String)> {
    let all = guest.scmid()?.ask("vm2", ["voltage", "get"])?;
    let (level, mode) = (all[rail]["level_v"].as_f64(), all[rail]["mode"].as_str());
    let (level, mode) = level.zip(mode).with_context(|| format!("scmictl shows {all}"))?;
    Ok((level, mode.to_owned()))
}

#[test]
fn rails_are_the_boards() -> Result<()> {
    let mut guest = boot()?;
    let names = guest.ok("cat /sys/class/regulator/*/name")?;
    let names: Vec<&str> = names.lines().collect();
    let of_the_board = ["core", "card", "single", "stuck", "a rail that nobody in the guest uses"];
    assert_eq!(names, [&["regulator-dummy"], &of_the_board[..]].concat(), "none below zero");
    let is = [(CORE, 850_000, true), (CARD, 3_300_000, false), (SINGLE, 1_200_000, false)];
    for (rail, microvolts, on) in is {
        assert_eq!(rail.now(&mut guest)?, (microvolts, on), "{rail:?}");
    }
    assert_eq!(STUCK.now(&mut guest)?, (1_000_000, true));
    let mut bounds = |rail: Rail| -> Result<(String, String)> {
        Ok((rail.read(&mut guest, "min_microvolts")?, rail.read(&mut guest, "max_microvolts")?))
    };
    assert_eq!(bounds(CORE)?, ("600000".into(), "1200000".into()));
    assert_eq!(bounds(CARD)?, ("1800000".into(), "3300000".into()));
    let summary = guest.ok("cat /sys/kernel/debug/regulator/regulator_summary")?;
    for line in
        ["core 850mV 600mV 1200mV", "card 3300mV 1800mV 3300mV", "stuck 1000mV 1000mV 1100mV"]
    {
        let words: Vec<&str> = line.split(' ').collect();
        let shown =
            summary.lines().find(|line| line.split_whitespace().next() == words.first().copied());
        let shown = shown.with_context(|| format!("no {line} in\n{summary}"))?;
        let mut shown = shown.split_whitespace();
        assert!(words.iter().all(|word| shown.any(|shown| shown == *word)), "{line} in\n{summary}");
    }
    check(&mut guest, &[], &[])
}

#[test]
fn a_range_is_set_and_switched() -> Result<()> {
    let mut guest = boot()?;
    assert_eq!(seen_by_another(&mut guest, 0)?, (0.85, "on".into()));
    CORE.ask(&mut guest, 900_000, 900_000)?;
    assert_eq!(CORE.now(&mut guest)?, (900_000, true));
    assert_eq!(seen_by_another(&mut guest, 0)?.0, 0.9);
    // Between two steps it is the one above.
    CORE.ask(&mut guest, 1_000_001, 1_050_000)?;
    assert_eq!(CORE.now(&mut guest)?, (1_012_500, true));
    assert_eq!(seen_by_another(&mut guest, 0)?.0, 1.0125);
    CORE.ask(&mut guest, 0, 0)?;
    assert_eq!(CORE.now(&mut guest)?, (1_012_500, false));
    assert_eq!(seen_by_another(&mut guest, 0)?, (1.0125, "off".into()), "nobody wants it on");
    CORE.ask(&mut guest, 600_000, 600_000)?;
    assert_eq!(CORE.now(&mut guest)?, (600_000, true));
    // What it finds on Linux does not switch on; and at its boot it switches on what is always on.
    assert_eq!(guest.scmid()?.counters("vm1")?.answered(VOLTAGE, CONFIG_SET), 3);
    assert_eq!(guest.counters()?.get("delayed_response_ok")?, 0, "it cannot be set asynchronously");
    check(&mut guest, &[], &[])
}

#[test]
fn one_of_a_list_is_set_asynchronously() -> Result<()> {
    let mut guest = boot()?;
    for (microvolts, volts) in [(1_800_000, 1.8), (2_500_000, 2.5), (3_300_000, 3.3)] {
        CARD.ask(&mut guest, microvolts, microvolts)?;
        assert_eq!(CARD.now(&mut guest)?, (microvolts, true));
        assert_eq!(seen_by_another(&mut guest, 1)?.0, volts);
        let set = guest.scmid()?.counters("vm1")?.answered(VOLTAGE, LEVEL_SET);
        assert!(set > 0, "the level was set");
        assert_eq!(
            guest.counters()?.get("delayed_response_ok")?,
            set,
            "each has its delayed response"
        );
    }
    // Linux knows the list: for what is not in it, it does not ask.
    CARD.ask(&mut guest, 2_600_000, 3_200_000)?;
    assert_eq!(CARD.now(&mut guest)?, (3_300_000, true));
    CARD.ask(&mut guest, 0, 0)?;
    assert_eq!(CARD.now(&mut guest)?, (3_300_000, false));
    let words = ["regulator_set_voltage() failed: -22"];
    check(&mut guest, &[], &words)
}

#[test]
fn a_rail_of_another_agents_is_off_until_linux_asks() -> Result<()> {
    let mut guest = boot()?;
    let hold = ["voltage", "enable", "card", "--hold", "1h"];
    let mut holding = guest.scmid()?.watch("vm2", hold)?;
    guest.scmid()?.wait_answered("vm2", VOLTAGE, CONFIG_SET, 1)?;
    assert_eq!(CARD.now(&mut guest)?, (3_300_000, false), "off for those who did not ask for it");
    CARD.ask(&mut guest, 1_800_000, 1_800_000)?;
    assert_eq!(CARD.now(&mut guest)?, (1_800_000, true));
    CARD.ask(&mut guest, 0, 0)?;
    assert!(!CARD.now(&mut guest)?.1, "off again for the guest");
    holding.kill()?;
    holding.wait(scmi_test_kit::PATIENCE)?;
    CARD.ask(&mut guest, 3_300_000, 3_300_000)?;
    assert_eq!(CARD.now(&mut guest)?, (3_300_000, true));
    check(&mut guest, &[], &[])
}

#[test]
fn a_rail_that_cannot_be_off_refuses() -> Result<()> {
    // The tree that scmictl makes says so to Linux; without that it tries.
    let silent = format!("&{{{}}} {{ /delete-property/ regulator-always-on; }};", STUCK.node());
    let mut guest = Guest::builder().board(BOARD).device_tree(&STUCK.consumer());
    guest = guest.device_tree(&silent);
    let mut guest = guest.boot()?;
    STUCK.ask(&mut guest, 1_100_000, 1_100_000)?;
    STUCK.ask(&mut guest, 0, 0)?;
    assert_eq!(STUCK.now(&mut guest)?, (1_100_000, true));
    assert_eq!(seen_by_another(&mut guest, 3)?.0, 1.1);
    // The consumer tries after each of its two bounds.
    check(
        &mut guest,
        &[due(VOLTAGE, CONFIG_SET, "NOT_SUPPORTED", 2)],
        &["failed: -95", "-EOPNOTSUPP"],
    )
}

#[test]
fn what_nobody_uses_is_switched_off_after_half_a_minute() -> Result<()> {
    let mut guest = boot()?;
    let all =
        |guest: &mut Guest| -> Result<Value> { guest.scmid()?.ask("vm2", ["voltage", "get"]) };
    assert_eq!(all(&mut guest)?[5]["mode"], json!("on"));
    guest.wait_until("dmesg | grep -q 'nobody in the guest uses: disabling'")?;
    let modes: Vec<Value> = all(&mut guest)?
        .as_array()
        .context("no rails")?
        .iter()
        .map(|rail| rail["mode"].clone())
        .collect();
    let expected = ["off", "off", "off", "on", "on", "off"];
    assert_eq!(
        modes, expected,
        "one cannot be off, and of the one below zero the guest knows nothing"
    );
    check(&mut guest, &[], &[])
}

#[test]
fn the_demo_boards_rails_work() -> Result<()> {
    const SD: Rail = Rail::new(1, "vdd_sd");
    const CPU: Rail = Rail::new(0, "vdd_cpu");
    let guest = Guest::builder().board(scmi_test_kit::Board::demo());
    let guest = guest.device_tree(&SD.consumer()).device_tree(&CPU.consumer());
    let mut guest = guest.boot()?;
    assert_eq!(SD.now(&mut guest)?, (3_300_000, false));
    assert_eq!(CPU.now(&mut guest)?, (850_000, true));
    SD.ask(&mut guest, 1_800_000, 1_800_000)?;
    assert_eq!(SD.now(&mut guest)?, (1_800_000, true));
    CPU.ask(&mut guest, 1_000_000, 1_000_000)?;
    assert_eq!(CPU.now(&mut guest)?, (1_000_000, true));
    assert_eq!(seen_by_another(&mut guest, 0)?.0, 1.0);
    check(&mut guest, &due_on_demo([])?, &[])
}
