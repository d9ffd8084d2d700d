//! A board with much of everything: it is all found, and in how many messages.

use std::fs;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Guest, Scmid, big, workspace_root};
use scmi_tests_linux::{CLIENTS, Policy, bound, channels, check, clock_summary, due, zones};

/// The protocols, by number and by name, and how many commands they take: of a Linux that boots, and of `scmictl` that
/// lists them. `SPECIFICATION.md` has the same numbers.
const COMMANDS: [(u32, &str, u64, u64); 10] = [
    (0x10, "Base", 8, 0),
    (0x11, "Power domain", 355, 122),
    (0x12, "System power", 3, 0),
    (0x13, "Performance", 290, 142),
    (0x14, "Clock", 1351, 724),
    (0x15, "Sensor", 476, 979),
    (0x16, "Reset", 123, 122),
    (0x17, "Voltage", 636, 224),
    (0x18, "Powercap", 48, 26),
    (0x19, "Pin control", 286, 1048),
];

/// Which sensors Linux's hwmon does not know, and how many have no intervals, for which they refuse to be asked.
fn odd_sensors() -> (usize, u64) {
    let accelerometers = (0..big::SENSORS).filter(|id| id % 50 == 49).count();
    let humid = (0..big::SENSORS).filter(|id| id % 50 != 49 && id % 6 == 5).count();
    let without = (0..big::SENSORS).filter(|id| id % 50 != 49 && id % 4 != 1).count();
    (accelerometers + humid, u64::try_from(without).unwrap_or(u64::MAX))
}

/// The row of `SPECIFICATION.md` with these numbers must be there.
fn specified(what: &str, counts: impl Iterator<Item = (&'static str, u64)>) -> Result<()> {
    let counts: Vec<(&str, u64)> = counts.collect();
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    let each: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let row = format!("{what} {all} commands: {}", each.join(", "));
    let text = fs::read_to_string(workspace_root().join("SPECIFICATION.md"))?;
    ensure!(text.contains(&row), "SPECIFICATION.md does not say: {row}");
    Ok(())
}

#[test]
fn linux_finds_all_of_a_big_board_in_so_many_messages() -> Result<()> {
    // What Linux does by itself half a minute later would count, or not, by how fast the machine is.
    let quiet = "regulator_ignore_unused cpufreq.default_governor=performance";
    let mut guest = Guest::builder().board(Board::big()).cpus(2).kernel_args(quiet).boot()?;
    let daemon = guest.scmid()?.counters("vm1")?;
    assert_eq!(bound(&mut guest)?, CLIENTS);

    let of_the_board = |name: &str| name.starts_with("clock");
    let clocks = clock_summary(&mut guest)?;
    assert_eq!(clocks.iter().filter(|clock| of_the_board(&clock.name)).count(), big::CLOCKS);
    let rate = |name: &str| clocks.iter().find(|clock| clock.name == name).map(|clock| clock.rate);
    assert_eq!(rate("clock000"), Some(24_000_000));
    assert_eq!(rate("clock299-which-has-a-long-name"), Some(6_000_000), "divided");

    let (unknown, without_intervals) = odd_sensors();
    let sensors = channels(&mut guest)?;
    assert_eq!(sensors.len(), big::SENSORS - unknown);
    let last = sensors.iter().find(|sensor| sensor.label == "sensor294-which-has-a-long-name");
    assert_eq!(last.context("no sensor 294")?.value, 294_000, "thousandths of a degree");
    let iio = guest.ok("ls -1d /sys/bus/iio/devices/iio:device*")?;
    assert_eq!(iio.lines().count(), big::SENSORS / 50);

    let mut count = |command: &str| -> Result<usize> { Ok(guest.ok(command)?.trim().parse()?) };
    let regulators = count("cat /sys/class/regulator/*/name | grep -c ^voltage")?;
    assert_eq!(regulators, big::RAILS);
    let genpd = "/sys/kernel/debug/pm_genpd/pm_genpd_summary";
    assert_eq!(count(&format!("grep -c ^power {genpd}"))?, big::POWER_DOMAINS);
    assert_eq!(count(&format!("grep -c ^performance {genpd}"))?, big::PERFORMANCE_DOMAINS);
    let pins = "/sys/kernel/debug/pinctrl/*scmi*";
    assert_eq!(count(&format!("grep -c '^pin ' {pins}/pins"))?, big::PINS);
    assert_eq!(count(&format!("grep -c ^group: {pins}/pingroups"))?, big::GROUPS);
    assert_eq!(count(&format!("grep -c ^function {pins}/pinmux-functions"))?, big::FUNCTIONS);

    let tree = zones(&mut guest)?;
    assert_eq!(tree.len(), big::POWER_CAPS);
    assert_eq!(tree.get("0:0:0:0").map(String::as_str), Some("cap013"), "{tree:?}");
    let speeds = Policy::of(1).numbers(&mut guest, "scaling_available_frequencies")?;
    assert_eq!(speeds, [100_000, 200_000, 300_000]);

    check(&mut guest, &[due(0x15, 0x8, "NOT_SUPPORTED", without_intervals)], &[])?;
    for (protocol, name, commands, _) in COMMANDS {
        assert_eq!(daemon.commands(protocol), commands, "{name}");
    }
    specified("Linux 6.12", COMMANDS.map(|(_, name, linux, _)| (name, linux)).into_iter())
}

#[test]
fn our_agent_lists_all_of_a_big_board_in_so_many_messages() -> Result<()> {
    let mut scmid = Scmid::start(&Board::big())?;
    let lists = [
        ("clock", big::CLOCKS),
        ("sensor", big::SENSORS),
        ("voltage", big::RAILS),
        ("perf", big::PERFORMANCE_DOMAINS),
        ("power", big::POWER_DOMAINS),
        ("reset", big::RESETS),
        ("powercap", big::POWER_CAPS),
        ("pinctrl", big::PINS),
    ];
    for (what, count) in lists {
        let list = scmid.ask("vm1", [what, "list"])?;
        assert_eq!(list.as_array().map(Vec::len), Some(count), "{what}");
    }
    for (what, count) in [("groups", big::GROUPS), ("functions", big::FUNCTIONS)] {
        let list = scmid.ask("vm1", ["pinctrl", what])?;
        assert_eq!(list.as_array().map(Vec::len), Some(count), "{what}");
    }
    let counters = scmid.counters("vm1")?;
    for (protocol, name, _, commands) in COMMANDS {
        assert_eq!(counters.commands(protocol), commands, "{name}");
    }
    specified("scmictl", COMMANDS.map(|(_, name, _, own)| (name, own)).into_iter())
}
