//! Linux cleans up when it has booted: what it does not use it switches off. That takes nothing from others, whether they have
//! asked for what they use or only found it on.

use core::time::Duration;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Guest, PATIENCE, Process, Scmid};
use scmi_tests_linux::{Rail, domain};
use serde_json::Value;

const POWER: u32 = 0x11;
const CLOCK: u32 = 0x14;
const VOLTAGE: u32 = 0x17;

/// All but the last rail are on when Linux comes. `vm1` finds its three things on and asks for nothing; `vm2` cleans up. The
/// agents that hold something have what it may switch off, `eyes` only looks.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [
        { name = "vm1", power-domains = ["island"], voltage-domains = ["rail"], clocks = ["bus"] },
        { name = "vm2" }, { name = "a" }, { name = "b" }, { name = "c" }, { name = "d" }, { name = "eyes" },
    ]
    clock = [
        { name = "bus", rates = ["100 MHz"], enabled = true, agents = ["vm1", "vm2"] },
        { name = "clock", rates = ["24 MHz"], enabled = true, agents = ["vm2", "a"] },
    ]
    power-domain = [
        { name = "island", agents = ["vm1", "vm2"] },
        { name = "domain", agents = ["vm2", "b"] },
    ]
    voltage-domain = [
        { name = "rail", levels = ["5 V"], level = "5 V", agents = ["vm1", "vm2"] },
        { name = "found", levels = ["1.8 V"], agents = ["vm2", "c"] },
        { name = "free", levels = ["1.8 V"], agents = ["vm2"] },
        { name = "taken", levels = ["3.3 V"], enabled = false, agents = ["vm2", "d"] },
    ]
"#;

const RAIL: Rail = Rail::new(0, "rail");

/// Linux with these leaves on what it finds on.
const KEEPS: &str = "pd_ignore_unused regulator_ignore_unused";

/// An agent that wants something on until it ends.
fn holding(scmid: &mut Scmid, agent: &str, words: [&str; 3], set: (u32, u32)) -> Result<Process> {
    let holding = scmid.watch(agent, words.into_iter().chain(["--hold", "1h"]))?;
    scmid.wait_answered(agent, set.0, set.1, 1)?;
    Ok(holding)
}

/// Whether the clocks, the domains and the rails are on, each in the order of the board, as somebody is told who may not switch
/// them.
fn on(scmid: &Scmid) -> Result<[Vec<bool>; 3]> {
    let all = |verb: &str, field: &str| -> Result<Vec<bool>> {
        let shown = scmid.ask("eyes", [verb, "get"])?;
        let shown = shown.as_array().with_context(|| format!("no list: {shown}"))?;
        let says = |item: &Value| {
            let says = item.get(field).with_context(|| format!("no {field} in {item}"))?;
            Ok(*says == Value::Bool(true) || says == "on")
        };
        shown.iter().map(says).collect()
    };
    Ok([all("clock", "on")?, all("power", "state")?, all("voltage", "mode")?])
}

fn wait_for(scmid: &Scmid, wanted: &[Vec<bool>; 3]) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while on(scmid)? != *wanted {
        ensure!(Instant::now() < end, "it is still {:?}", on(scmid)?);
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn a_late_clean_up_of_linux_takes_nothing_from_others() -> Result<()> {
    let mut scmid = Scmid::start(&Board::from(BOARD))?;
    let at_start = [vec![true; 2], vec![true; 2], vec![true, true, true, false]];
    assert_eq!(on(&scmid)?, at_start);
    let mut held = vec![
        holding(&mut scmid, "a", ["clock", "enable", "clock"], (CLOCK, 7))?,
        holding(&mut scmid, "b", ["power", "on", "domain"], (POWER, 4))?,
        holding(&mut scmid, "d", ["voltage", "enable", "taken"], (VOLTAGE, 5))?,
    ];
    let mut finds = Guest::builder().daemon(&scmid).kernel_args(KEEPS).boot()?;
    assert_eq!(domain(&mut finds, "island")?.status, "on");
    assert_eq!(RAIL.read(&mut finds, "state")?, "enabled");
    let sets = [(POWER, 4), (VOLTAGE, 5), (CLOCK, 7)];
    let answered = |scmid: &mut Scmid, agent: &str| -> Result<[u64; 3]> {
        let counters = scmid.counters(agent)?;
        Ok(sets.map(|(protocol, message)| counters.answered(protocol, message)))
    };
    assert_eq!(answered(&mut scmid, "vm1")?, [0; 3], "it asks for nothing");

    let mut cleans = Guest::builder().agent("vm2").daemon(&scmid).boot()?;
    // Linux has seen this rail on, and asks nobody until it cleans up.
    held.push(holding(&mut scmid, "c", ["voltage", "enable", "found"], (VOLTAGE, 5))?);
    assert_eq!(on(&scmid)?, [vec![true; 2], vec![true; 2], vec![true; 4]]);

    // Half a minute after its boot.
    for rail in ["found", "free"] {
        cleans.wait_until(&format!("dmesg | grep '{rail}: disabling'"))?;
    }
    let dmesg = cleans.dmesg()?;
    for does in ["clk: Disabling unused clocks", "genpd: Disabling unused power domains"] {
        assert!(dmesg.contains(does), "{does} in\n{dmesg}");
    }
    for rail in ["taken", "rail"] {
        assert!(
            !dmesg.contains(&format!(" {rail}: disabling")),
            "it was told that this one is off"
        );
    }
    assert_eq!(RAIL.read(&mut cleans, "state")?, "disabled", "there is nothing to clean up");
    // Both domains, the two rails that it saw on, and no clock: it never had any on.
    assert_eq!(answered(&mut scmid, "vm2")?, [2, 2, 0]);
    let only_free_is_off = [vec![true; 2], vec![true; 2], vec![true, true, false, true]];
    assert_eq!(on(&scmid)?, only_free_is_off, "only what nobody else uses");
    assert_eq!(domain(&mut finds, "island")?.status, "on");
    assert_eq!(RAIL.now(&mut finds)?, (5_000_000, true));
    for guest in [&mut finds, &mut cleans] {
        assert_eq!(guest.counters()?.faults(), [].into());
        assert_eq!(guest.scmi_complaints()?, [""; 0]);
    }

    for process in &mut held {
        process.kill()?;
        process.wait(PATIENCE)?;
    }
    let without = [vec![true, false], vec![true, false], vec![true, false, false, false]];
    wait_for(&scmid, &without)?;
    // With the guest goes what it kept on; the rail and the clock, of which nobody has said anything, are as at start.
    finds.kill()?;
    wait_for(&scmid, &[vec![true, false], vec![false; 2], vec![true, false, false, false]])
}
