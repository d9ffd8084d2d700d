//! Linux cleans up when it has booted: what it does not use it switches off. That takes nothing from others.

use core::time::Duration;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Guest, PATIENCE, Process, Scmid};
use serde_json::Value;

const POWER: u32 = 0x11;
const CLOCK: u32 = 0x14;
const VOLTAGE: u32 = 0x17;

/// All but the last rail are on when Linux comes. The agents that hold something have what it may switch off, `eyes` only looks.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [
        { name = "vm1" }, { name = "a" }, { name = "b" }, { name = "c" }, { name = "d" }, { name = "eyes" },
    ]
    clock = [{ name = "clock", rates = ["24 MHz"], enabled = true, agents = ["vm1", "a"] }]
    power-domain = [{ name = "domain", agents = ["vm1", "b"] }]
    voltage-domain = [
        { name = "found", levels = ["1.8 V"], agents = ["vm1", "c"] },
        { name = "free", levels = ["1.8 V"], agents = ["vm1"] },
        { name = "taken", levels = ["3.3 V"], enabled = false, agents = ["vm1", "d"] },
    ]
"#;

/// An agent that wants something on until it ends.
fn holding(scmid: &mut Scmid, agent: &str, words: [&str; 3], set: (u32, u32)) -> Result<Process> {
    let holding = scmid.watch(agent, words.into_iter().chain(["--hold", "1h"]))?;
    scmid.wait_answered(agent, set.0, set.1, 1)?;
    Ok(holding)
}

/// Whether the clock, the domain and the three rails are on, as somebody is told who may not switch them.
fn on(scmid: &Scmid) -> Result<[bool; 5]> {
    let clock = scmid.ask("eyes", ["clock", "get", "clock"])?;
    let domain = scmid.ask("eyes", ["power", "get", "domain"])?;
    let rails = scmid.ask("eyes", ["voltage", "get"])?;
    let says = |value: &Value, field: &str| {
        let says = value.pointer(field).cloned().with_context(|| format!("no {field} in {value}"));
        says.map(|says| says == Value::Bool(true) || says == "on")
    };
    Ok([
        says(&clock, "/0/on")?,
        says(&domain, "/0/state")?,
        says(&rails, "/0/mode")?,
        says(&rails, "/1/mode")?,
        says(&rails, "/2/mode")?,
    ])
}

#[test]
fn what_linux_does_not_use_stays_on_for_others() -> Result<()> {
    let mut scmid = Scmid::start(&Board::from(BOARD))?;
    let mut held = vec![
        holding(&mut scmid, "a", ["clock", "enable", "clock"], (CLOCK, 7))?,
        holding(&mut scmid, "b", ["power", "on", "domain"], (POWER, 4))?,
        holding(&mut scmid, "d", ["voltage", "enable", "taken"], (VOLTAGE, 5))?,
    ];
    let mut guest = Guest::builder().daemon(&scmid).boot()?;
    // Linux has seen this rail on, and asks nobody until it cleans up.
    held.push(holding(&mut scmid, "c", ["voltage", "enable", "found"], (VOLTAGE, 5))?);
    assert_eq!(on(&scmid)?, [true; 5]);

    // Half a minute after its boot.
    for rail in ["found", "free"] {
        guest.wait_until(&format!("dmesg | grep '{rail}: disabling'"))?;
    }
    let dmesg = guest.dmesg()?;
    for does in ["clk: Disabling unused clocks", "genpd: Disabling unused power domains"] {
        assert!(dmesg.contains(does), "{does} in\n{dmesg}");
    }
    assert!(!dmesg.contains("taken: disabling"), "it was told that this one is off");
    let answered = |scmid: &mut Scmid, protocol, message| -> Result<u64> {
        Ok(scmid.counters("vm1")?.answered(protocol, message))
    };
    assert_eq!(answered(&mut scmid, VOLTAGE, 5)?, 2, "both are off for Linux");
    assert_eq!(answered(&mut scmid, POWER, 4)?, 1, "and the domain is");
    assert_eq!(answered(&mut scmid, CLOCK, 7)?, 0, "the clock it never had on");
    assert_eq!(on(&scmid)?, [true, true, true, false, true], "only what nobody else uses is off");

    for process in &mut held {
        process.kill()?;
        process.wait(PATIENCE)?;
    }
    let end = Instant::now() + PATIENCE;
    while on(&scmid)? != [false; 5] {
        ensure!(Instant::now() < end, "the others have gone, and yet {:?}", on(&scmid)?);
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(guest.scmi_complaints()?, Vec::<String>::new());
    Ok(())
}
