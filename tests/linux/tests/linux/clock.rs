//! What a driver in Linux can do with the clocks of a board, and that it reaches the board: the second agent looks.

use std::fs;

use anyhow::{Context, Result, ensure};
use scmi_board::Board;
use scmi_test_kit::{Guest, workspace_root};
use scmi_tests_linux::{ClockSummary, Consumer, Trace, check, clock_summary, due};
use serde_json::Value;

/// Who may not switch a clock is told whether it really runs, so the second agent is such a one.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]
    clock = [
        { name = "osc", rates = ["24 MHz"], enabled = true, agents = [] },
        { name = "pll", parents = ["osc"], rates = { min = "200 MHz", max = "2 GHz", step = "100 MHz" },
          rate = "1.2 GHz", rate-change = "30 ms", agents = ["vm1"] },
        { name = "pll_div4", parents = ["pll"], divide = 4, agents = ["vm1"] },
        { name = "uart", parents = ["osc", "pll_div4"], rates = ["1.8432 MHz", "24 MHz", "48 MHz"],
          rate = "24 MHz", enable-delay = "1 ms", agents = ["vm1"] },
        { name = "pwm", parents = ["osc"], rates = { min = 1, max = "24 MHz", step = 1 }, rate = "1 kHz",
          duty-cycle = 50, phase = 90 },
        { name = "display", rates = ["65 MHz"], enabled = true, agents = ["vm1"] },
    ]"#;

const CLOCK: u8 = 0x14;
const RATE_SET: u8 = 0x5;
const CONFIG_SET: u8 = 0x7;
const PARENT_SET: u8 = 0xd;

fn boot() -> Result<(Guest, Consumer)> {
    let clocks = "clocks = <&scmi_clock 0>, <&scmi_clock 1>, <&scmi_clock 2>, <&scmi_clock 3>, <&scmi_clock 4>,\
                  <&scmi_clock 5>; clock-names = \"osc\", \"pll\", \"div\", \"baud\", \"pwm\", \"pixels\";";
    let guest = Guest::builder().board(BOARD).consumer("serial", clocks).boot()?;
    Ok((guest, Consumer::new("serial")))
}

/// A field of what the second agent sees of a clock.
fn seen(guest: &mut Guest, clock: &str, field: &str) -> Result<Value> {
    let clocks = guest.scmid()?.ask("vm2", ["clock", "get", clock])?;
    clocks.pointer(&format!("/0/{field}")).cloned().with_context(|| format!("{clocks}"))
}

fn summary(guest: &mut Guest, clock: &str) -> Result<ClockSummary> {
    let found = clock_summary(guest)?.into_iter().find(|summary| summary.name == clock);
    found.with_context(|| format!("no clock {clock}"))
}

/// The commands of one kind that Linux sent.
fn sent(guest: &mut Guest, trace: &Trace, message: u8) -> Result<Vec<Vec<u32>>> {
    let commands = trace.commands(guest)?.into_iter().filter(|(sent, _)| *sent == message);
    Ok(commands.map(|(_, words)| words).collect())
}

#[test]
fn clk_summary_is_the_board() -> Result<()> {
    let demo = fs::read_to_string(workspace_root().join("examples/demo.toml"))?;
    for text in [BOARD, &demo] {
        let board = Board::parse(text, "the test")?;
        let mut guest = Guest::builder().board(text).boot()?;
        let all = clock_summary(&mut guest)?;
        let name = |id: usize| board.clocks.get(id).map(|clock| clock.description.name.clone());
        ensure!(!board.clocks.is_empty(), "there are clocks to compare");
        for clock in &board.clocks {
            let seen = all.iter().find(|seen| seen.name == clock.description.name);
            let seen = seen.with_context(|| format!("no {clock:?} in {all:#?}"))?;
            let rates = guest.scmid()?.ask("vm2", ["clock", "get", &seen.name])?;
            assert_eq!(rates.pointer("/0/rate_hz"), Some(&seen.rate.into()), "{seen:?}");
            // Linux learns of a parent only where there is one to choose.
            let chosen = !clock.description.parents.is_empty();
            assert_eq!(seen.parent, clock.parent.filter(|_| chosen).and_then(name), "{seen:?}");
            assert_eq!((seen.enabled, seen.prepared), (0, 0), "nobody uses {seen:?}");
        }
    }
    Ok(())
}

#[test]
fn a_rate_that_is_set_is_the_boards() -> Result<()> {
    let (mut guest, serial) = boot()?;
    let trace = Trace::start(&mut guest, CLOCK)?;
    assert_eq!(serial.number(&mut guest, "clocks/baud/rate")?, 24_000_000);
    serial.write(&mut guest, "clocks/baud/rate", 48_000_000)?;
    assert_eq!(serial.number(&mut guest, "clocks/baud/rate")?, 48_000_000);
    assert_eq!(seen(&mut guest, "uart", "rate_hz")?, 48_000_000);
    // Asynchronous, clock 3, a rate of two words: the platform can have changes under way.
    assert_eq!(sent(&mut guest, &trace, RATE_SET)?, [[1, 3, 48_000_000, 0]]);

    // Linux rounds nothing, the platform does. Linux asks for the rate afterwards.
    serial.write(&mut guest, "clocks/baud/round", 40_000_000)?;
    assert_eq!(serial.number(&mut guest, "clocks/baud/round")?, 40_000_000);
    serial.write(&mut guest, "clocks/baud/rate", 40_000_000)?;
    assert_eq!(serial.number(&mut guest, "clocks/baud/rate")?, 24_000_000);
    // Beyond the ends Linux does not ask for more than there is.
    serial.write(&mut guest, "clocks/pll/rate", 3_000_000_000_u64)?;
    assert_eq!(seen(&mut guest, "pll", "rate_hz")?, 2_000_000_000);
    assert_eq!(summary(&mut guest, "pll_div4")?.rate, 500_000_000, "it follows its parent");

    // What others do is seen: Linux keeps no rate of an SCMI clock.
    guest.scmid()?.ask("vm2", ["clock", "set", "pwm", "2 kHz"])?;
    assert_eq!(serial.number(&mut guest, "clocks/pwm/rate")?, 2000);
    let delayed = guest.counters()?.get("delayed_response_ok")?;
    assert_eq!(delayed, 3, "each of the rates that was set");
    check(&mut guest, &[], &[])
}

#[test]
fn a_rate_that_may_not_be_set_is_not_asked_for() -> Result<()> {
    let (mut guest, serial) = boot()?;
    let trace = Trace::start(&mut guest, CLOCK)?;
    // Linux gives the clocks below one that gets another rate their old rates again. The one that divides has none
    // of its own, which the platform says in its permissions; of the crystal nobody may change anything.
    serial.write(&mut guest, "clocks/pll/rate", 800_000_000)?;
    serial.write(&mut guest, "clocks/div/rate", 100_000_000)?;
    serial.write(&mut guest, "clocks/osc/enable", 1)?;
    assert_eq!(sent(&mut guest, &trace, RATE_SET)?, [[1, 1, 800_000_000, 0]]);
    assert_eq!(serial.number(&mut guest, "clocks/div/rate")?, 200_000_000);
    check(&mut guest, &[], &[])
}

#[test]
fn a_refused_rate_is_no_error_in_linux() -> Result<()> {
    // Before version 3.0 there are no permissions: Linux asks.
    let board = BOARD.replace("{ name = \"vm1\" }", "{ name = \"vm1\", versions.clock = \"2.0\" }");
    let clock = "clocks = <&scmi_clock 2>; clock-names = \"div\";";
    let mut guest = Guest::builder().board(board).consumer("serial", clock).boot()?;
    let serial = Consumer::new("serial");
    let trace = Trace::start(&mut guest, CLOCK)?;
    serial.write(&mut guest, "clocks/div/rate", 100_000_000)?;
    assert_eq!(serial.number(&mut guest, "clocks/div/rate")?, 300_000_000, "what it was");
    assert_eq!(sent(&mut guest, &trace, RATE_SET)?, [[1, 2, 100_000_000, 0]]);
    let refused = [
        due(CLOCK.into(), RATE_SET.into(), "DENIED", 1),
        // The crystal runs and nobody uses it: Linux switches such clocks off when it has booted.
        due(CLOCK.into(), CONFIG_SET.into(), "DENIED", 1),
    ];
    check(&mut guest, &refused, &[])
}

#[test]
fn a_gate_opens_with_the_first_user_and_closes_with_the_last() -> Result<()> {
    let (mut guest, serial) = boot()?;
    let trace = Trace::start(&mut guest, CLOCK)?;
    let counts = |guest: &mut Guest, clock: &str| -> Result<(u32, u32)> {
        let summary = summary(guest, clock)?;
        Ok((summary.enabled, summary.prepared))
    };
    assert_eq!(seen(&mut guest, "uart", "on")?, false);
    serial.write(&mut guest, "clocks/baud/enable", 1)?;
    assert_eq!(seen(&mut guest, "uart", "on")?, true);
    serial.write(&mut guest, "clocks/baud/enable", 1)?;
    assert_eq!(counts(&mut guest, "uart")?, (2, 2));
    assert_eq!(sent(&mut guest, &trace, CONFIG_SET)?, [[3, 1, 0]], "once");

    serial.write(&mut guest, "clocks/baud/enable", 0)?;
    assert_eq!(seen(&mut guest, "uart", "on")?, true, "somebody uses it");
    assert_eq!(sent(&mut guest, &trace, CONFIG_SET)?, [[0; 0]; 0]);
    serial.write(&mut guest, "clocks/baud/enable", 0)?;
    assert_eq!(seen(&mut guest, "uart", "on")?, false);
    assert_eq!(sent(&mut guest, &trace, CONFIG_SET)?, [[3, 0, 0]]);

    // A clock below others switches them on first, and a driver that goes leaves nothing on.
    serial.write(&mut guest, "clocks/baud/parent", "div")?;
    serial.write(&mut guest, "clocks/baud/enable", 1)?;
    assert_eq!(sent(&mut guest, &trace, CONFIG_SET)?, [[1, 1, 0], [2, 1, 0], [3, 1, 0]]);
    assert_eq!(seen(&mut guest, "pll", "on")?, true);
    serial.bind(&mut guest, false)?;
    assert_eq!(sent(&mut guest, &trace, CONFIG_SET)?, [[3, 0, 0], [2, 0, 0], [1, 0, 0]]);
    for clock in ["uart", "pll_div4", "pll"] {
        assert_eq!(seen(&mut guest, clock, "on")?, false, "{clock}");
        assert_eq!(counts(&mut guest, clock)?, (0, 0), "{clock}");
    }
    check(&mut guest, &[], &[])
}

#[test]
fn what_firmware_left_running_runs_until_linux_had_a_use_for_it() -> Result<()> {
    let (mut guest, serial) = boot()?;
    assert!(guest.dmesg()?.contains("clk: Disabling unused clocks"), "Linux has looked for them");
    assert_eq!(seen(&mut guest, "display", "on")?, true, "not for Linux, and so left alone");
    serial.write(&mut guest, "clocks/pixels/enable", 1)?;
    assert_eq!(seen(&mut guest, "display", "on")?, true);
    serial.write(&mut guest, "clocks/pixels/enable", 0)?;
    assert_eq!(seen(&mut guest, "display", "on")?, false);
    check(&mut guest, &[], &[])
}

#[test]
fn a_parent_that_is_chosen_is_the_boards() -> Result<()> {
    let (mut guest, serial) = boot()?;
    let trace = Trace::start(&mut guest, CLOCK)?;
    assert_eq!(serial.read(&mut guest, "clocks/baud/parent")?, "osc");
    serial.write(&mut guest, "clocks/baud/parent", "div")?;
    assert_eq!(serial.read(&mut guest, "clocks/baud/parent")?, "pll_div4");
    assert_eq!(seen(&mut guest, "uart", "parent")?, "pll_div4");
    assert_eq!(summary(&mut guest, "uart")?.parent.as_deref(), Some("pll_div4"));
    serial.write(&mut guest, "clocks/baud/parent", "osc")?;
    assert_eq!(seen(&mut guest, "uart", "parent")?, "osc");
    assert_eq!(sent(&mut guest, &trace, PARENT_SET)?, [[3, 2], [3, 0]], "by the ids of clocks");

    // Linux knows which clocks can be parents, and asks for no other.
    let refused = serial.refused(&mut guest, "clocks/baud/parent", "pwm")?;
    assert_eq!(refused, "Invalid argument");
    assert_eq!(sent(&mut guest, &trace, PARENT_SET)?, [[0; 0]; 0]);
    check(&mut guest, &[], &[])
}

#[test]
fn a_duty_cycle_reaches_the_board_and_a_phase_does_not() -> Result<()> {
    let (mut guest, serial) = boot()?;
    let trace = Trace::start(&mut guest, CLOCK)?;
    assert_eq!(serial.number(&mut guest, "clocks/pwm/duty")?, 50);
    serial.write(&mut guest, "clocks/pwm/duty", 25)?;
    assert_eq!(serial.number(&mut guest, "clocks/pwm/duty")?, 25);
    assert_eq!(seen(&mut guest, "pwm", "duty_percent")?, 25);
    assert_eq!(summary(&mut guest, "pwm")?.duty, 25_000);
    // The gate stays as it is (3), the extended type 1 is the duty cycle.
    assert_eq!(sent(&mut guest, &trace, CONFIG_SET)?, [[4, 0x0001_0003, 25]]);

    // Linux 6.12 knows no phase of an SCMI clock. Of a clock without a duty cycle it says 50 %, and takes any.
    assert_eq!(serial.refused(&mut guest, "clocks/pwm/phase", 180)?, "Invalid argument");
    assert_eq!(serial.number(&mut guest, "clocks/pwm/phase")?, 0);
    assert_eq!(seen(&mut guest, "pwm", "phase_degrees")?, 90);
    serial.write(&mut guest, "clocks/baud/duty", 25)?;
    assert_eq!(serial.number(&mut guest, "clocks/baud/duty")?, 50);
    assert_eq!(sent(&mut guest, &trace, CONFIG_SET)?, [[0; 0]; 0]);
    check(&mut guest, &[], &[])
}
