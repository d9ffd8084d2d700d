//! What a driver in Linux does with performance domains that are power domains to it, and that it reaches the board:
//! other agents look.

use anyhow::{Context, Result};
use scmi_test_kit::{Board, Guest};
use scmi_tests_linux::{Consumer, Trace, check, domain, due, due_on_demo};

/// Levels that are frequencies. On the demo board the processors have such a domain, and they set it all the time.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }, { name = "manager" }]
    performance-domain = [{ name = "dsp", sustained-level = "1.5 GHz", levels = [
        { frequency = "500 MHz" },
        { frequency = "1 GHz" },
        { frequency = "1.5 GHz" },
        { frequency = "2 GHz" },
    ] }]"#;

const PERF: u8 = 0x13;
const LEVEL_SET: u8 = 0x7;

/// The level of a domain as another agent is told.
fn level(guest: &mut Guest, domain: &str) -> Result<u64> {
    let domains = guest.scmid()?.ask("manager", ["perf", "get", domain])?;
    let level = domains.pointer("/0/level").and_then(serde_json::Value::as_u64);
    level.with_context(|| format!("{domains}"))
}

/// The levels that Linux set of a domain, in the words of the protocol.
fn set(guest: &mut Guest, trace: &Trace, domain: u32) -> Result<Vec<u32>> {
    let commands = trace.commands(guest)?.into_iter();
    let levels = commands.filter_map(|(message, words)| match *words {
        [of, level] if (message, of) == (LEVEL_SET, domain) => Some(level),
        _ => None,
    });
    Ok(levels.collect())
}

#[test]
fn a_performance_state_is_the_boards_level() -> Result<()> {
    let mut guest = Guest::builder()
        .board(Board::demo())
        .consumer("gfx", "power-domains = <&scmi_perf 1>; power-domain-names = \"perf\";")
        .boot()?;
    let gfx = Consumer::new("gfx");
    // Two domains of the board are called gpu, a power domain and this. Linux makes their names different.
    assert_eq!(domain(&mut guest, "gpu_1")?.performance, 0);
    assert_eq!(level(&mut guest, "gpu")?, 10);

    // A device that does not run wants nothing; what it asked for holds when it runs.
    let trace = Trace::start(&mut guest, PERF)?;
    gfx.write(&mut guest, "domains/perf/performance", 40)?;
    assert_eq!(level(&mut guest, "gpu")?, 10);
    gfx.write(&mut guest, "domains/perf/on", 1)?;
    assert_eq!(level(&mut guest, "gpu")?, 40);
    assert_eq!(domain(&mut guest, "gpu_1")?.performance, 40);
    for level in [90, 10, 90] {
        gfx.write(&mut guest, "domains/perf/performance", level)?;
        assert_eq!(self::level(&mut guest, "gpu")?, level);
    }
    // The domain's levels have indices, and by these Linux sets them.
    assert_eq!(set(&mut guest, &trace, 1)?, [2, 3, 1, 3]);

    // By frequency, as drivers with operating points do.
    gfx.write(&mut guest, "domains/perf/frequency", 450_000_000)?;
    assert_eq!(level(&mut guest, "gpu")?, 40);
    assert_eq!(
        gfx.refused(&mut guest, "domains/perf/frequency", 900_000_000)?,
        "Numerical result out of range"
    );
    // No level, no command: the board stays where it is.
    gfx.write(&mut guest, "domains/perf/performance", 0)?;
    assert_eq!((domain(&mut guest, "gpu_1")?.performance, level(&mut guest, "gpu")?), (0, 40));
    // A level that is none has no index: Linux refuses by itself.
    assert_eq!(gfx.refused(&mut guest, "domains/perf/performance", 50)?, "Input/output error");
    assert_eq!(set(&mut guest, &trace, 1)?, [2]);
    check(&mut guest, &due_on_demo([])?, &["failed to find OPP for freq 900000000"])
}

#[test]
fn the_highest_of_several_devices_counts() -> Result<()> {
    let of = "power-domains = <&scmi_perf 0>; power-domain-names = \"perf\";";
    let mut guest = Guest::builder().board(BOARD).consumer("one", of).consumer("two", of).boot()?;
    let (one, two) = (Consumer::new("one"), Consumer::new("two"));
    for device in [&one, &two] {
        device.write(&mut guest, "domains/perf/on", 1)?;
    }
    let trace = Trace::start(&mut guest, PERF)?;
    one.write(&mut guest, "domains/perf/performance", 1_500_000)?;
    assert_eq!(level(&mut guest, "dsp")?, 1_500_000);
    two.write(&mut guest, "domains/perf/frequency", 500_000_000)?;
    assert_eq!(level(&mut guest, "dsp")?, 1_500_000);
    one.write(&mut guest, "domains/perf/on", 0)?;
    assert_eq!(level(&mut guest, "dsp")?, 500_000);
    assert_eq!(set(&mut guest, &trace, 0)?, [1_500_000, 500_000]);
    check(&mut guest, &[], &[])
}

#[test]
fn a_level_beyond_the_limits_of_another_agent_is_refused() -> Result<()> {
    let of = "power-domains = <&scmi_perf 0>; power-domain-names = \"perf\";";
    let mut guest = Guest::builder().board(BOARD).consumer("one", of).boot()?;
    let one = Consumer::new("one");
    one.write(&mut guest, "domains/perf/on", 1)?;
    one.write(&mut guest, "domains/perf/performance", 2_000_000)?;
    let limits = ["perf", "limits", "dsp", "--min", "500 MHz", "--max", "1 GHz", "--hold", "1h"];
    let other = guest.scmid()?.watch("vm2", limits)?;
    guest.scmid()?.wait_answered("vm2", PERF.into(), 0x5, 1)?;
    assert_eq!(level(&mut guest, "dsp")?, 1_000_000, "the limits pull it in");
    let refused = one.refused(&mut guest, "domains/perf/performance", 1_500_000)?;
    assert_eq!(refused, "Numerical result out of range");
    one.write(&mut guest, "domains/perf/performance", 500_000)?;
    assert_eq!(level(&mut guest, "dsp")?, 500_000);
    drop(other);
    let refused = due(PERF.into(), LEVEL_SET.into(), "OUT_OF_RANGE", 1);
    check(&mut guest, &[refused], &[])
}
