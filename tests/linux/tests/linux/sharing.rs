//! Linux guests that share a board: what one does not use it switches off when it has booted, and the other one has not asked
//! for what it found on.

use core::time::Duration;
use std::thread::sleep;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Guest, PATIENCE, Scmid};
use scmi_tests_linux::{Rail, domain};
use serde_json::Value;

/// Everything is on at start. The watcher may only look, so it keeps nothing on.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [
        { name = "vm1" },
        { name = "vm2" },
        { name = "watcher", power-domains = [{ name = "island", may = "read" }],
          voltage-domains = [{ name = "rail", may = "read" }], clocks = [{ name = "bus", may = "read" }] },
    ]
    power-domain = [{ name = "island" }]
    voltage-domain = [{ name = "rail", levels = ["5 V"], level = "5 V" }]
    clock = [{ name = "bus", rates = ["100 MHz"], enabled = true }]
"#;

const RAIL: Rail = Rail::new(0, "rail");

/// What the watcher sees: the domain's state, the rail's mode, whether the clock runs.
fn seen(scmid: &Scmid) -> Result<[Value; 3]> {
    let look = |what: [&str; 2], key: &str| {
        let shown = scmid.ask("watcher", what)?;
        shown.pointer(key).cloned().with_context(|| format!("no {key} in {shown}"))
    };
    Ok([
        look(["power", "get"], "/0/state")?,
        look(["voltage", "get"], "/0/mode")?,
        look(["clock", "get"], "/0/on")?,
    ])
}

#[test]
fn a_late_clean_up_of_linux_takes_nothing_from_another_guest() -> Result<()> {
    let mut scmid = Scmid::start(&Board::from(BOARD))?;
    let all_on: [Value; 3] = ["on".into(), "on".into(), true.into()];
    assert_eq!(seen(&scmid)?, all_on);
    // It finds all of it on, leaves it so, and asks for nothing.
    let keeps = "pd_ignore_unused regulator_ignore_unused";
    let mut one = Guest::builder().daemon(&scmid).kernel_args(keeps).boot()?;
    assert_eq!(domain(&mut one, "island")?.status, "on");
    assert_eq!(RAIL.read(&mut one, "state")?, "enabled");
    let asked = scmid.counters("vm1")?;
    let sets = [(0x11, 0x4), (0x17, 0x5), (0x14, 0x7)];
    assert_eq!(sets.map(|(protocol, message)| asked.answered(protocol, message)), [0; 3]);

    let mut two = Guest::builder().agent("vm2").daemon(&scmid).boot()?;
    two.wait_until("dmesg | grep -q 'Disabling unused power domains'")?;
    assert!(scmid.counters("vm2")?.answered(0x11, 0x4) > 0, "it asks for the domain to be off");
    assert_eq!(RAIL.read(&mut two, "state")?, "disabled", "there is nothing to clean up");
    assert_eq!(seen(&scmid)?, all_on, "for the one that found it on");
    assert_eq!(domain(&mut one, "island")?.status, "on");
    assert_eq!(RAIL.now(&mut one)?, (5_000_000, true));
    for guest in [&mut one, &mut two] {
        assert_eq!(guest.counters()?.faults(), [].into());
        assert_eq!(guest.scmi_complaints()?, [""; 0]);
    }

    // With it goes what it kept on; the rail, of which nobody has said anything, is as at start.
    one.kill()?;
    let without: [Value; 3] = ["off".into(), "on".into(), true.into()];
    let deadline = Instant::now() + PATIENCE;
    while seen(&scmid)? != without {
        ensure!(Instant::now() < deadline, "it is still {:?}", seen(&scmid)?);
        sleep(Duration::from_millis(100));
    }
    Ok(())
}
