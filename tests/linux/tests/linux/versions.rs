//! The demo board as older platforms would show it, under the same kernel: what there is has the same values.

use anyhow::{Context, Result};
use scmi_test_kit::{Guest, workspace_root};
use scmi_tests_linux::{
    CLIENTS, Policy, Rail, Zone, bound, channels, check, clock_summary, domain, due, due_on_demo,
    zones,
};

/// A release of SCMI: what the board file says of the guest, and what of it Linux can tell.
struct Release {
    versions: &'static str,
    /// Sensors have no axes before Sensor 2.0, so there is nothing for IIO.
    iio: bool,
    /// Names have 15 characters before there are extended ones.
    long_names: bool,
    /// Who asks for events that there are not yet is refused: of clocks two kinds, of sensors one.
    clock_events: bool,
    sensor_events: bool,
    /// Of Sensor 1.0 Linux does not ask which intervals a sensor has.
    intervals: bool,
}

const ONE: Release = Release {
    versions: r#"base = "1.0", power = "1.0", system = "1.0", perf = "1.0", clock = "1.0", sensor = "1.0",
        reset = "1.0", voltage = "1.0", powercap = "1.0", pinctrl = "1.0""#,
    iio: false,
    long_names: false,
    clock_events: false,
    sensor_events: false,
    intervals: false,
};

const TWO: Release = Release {
    versions: r#"base = "2.0", power = "2.0", system = "1.0", perf = "2.0", clock = "1.0", sensor = "1.0",
        reset = "1.0", voltage = "1.0", powercap = "1.0""#,
    ..ONE
};

const THREE: Release = Release {
    versions: r#"base = "2.0", power = "2.0", system = "1.0", perf = "2.0", clock = "1.0", sensor = "2.0",
        reset = "2.0", voltage = "1.0", powercap = "1.0""#,
    iio: true,
    sensor_events: true,
    intervals: true,
    ..ONE
};

const THREE_ONE: Release = Release {
    versions: r#"base = "2.0", power = "3.0", system = "2.0", perf = "3.0", clock = "2.0", sensor = "3.0",
        reset = "3.0", voltage = "2.0", powercap = "1.0""#,
    clock_events: true,
    long_names: true,
    ..THREE
};

/// A guest that is told these versions by the demo board.
fn boot(release: &Release) -> Result<Guest> {
    let demo = std::fs::read_to_string(workspace_root().join("examples/demo.toml"))?;
    let versions = release.versions.replace('\n', " ");
    let agent = format!("name = \"vm1\"\nversions = {{ {versions} }}\n");
    let board = demo.replacen("name = \"vm1\"\n", &agent, 1);
    anyhow::ensure!(board != demo, "the demo board has no vm1");
    let mut guest = Guest::builder().board(board).device_tree(&CARD.consumer()).boot()?;
    Policy::of(0).by_hand(&mut guest)?;
    Ok(guest)
}

const CARD: Rail = Rail::new(1, "vdd_sd");
const CORES: Zone = Zone("0:0");

/// What is the same in all releases.
fn everything_works(release: &Release) -> Result<()> {
    let mut guest = boot(release)?;
    let clients = CLIENTS.into_iter().filter(|name| release.iio || *name != "scmi-sensor-iiodev");
    assert_eq!(bound(&mut guest)?, clients.collect::<Vec<_>>());

    let cpu = Policy::of(0);
    let speeds = cpu.numbers(&mut guest, "scaling_available_frequencies")?;
    assert_eq!(speeds, [500_000, 1_000_000, 1_500_000]);
    for khz in [500_000, 2_000_000, 1_000_000] {
        cpu.set(&mut guest, khz)?;
        assert_eq!(cpu.speed(&mut guest)?, khz);
    }
    assert_eq!(cpu.costs(&mut guest)?.get(&2_000_000), Some(&2_400_000), "microwatts");

    let clocks = clock_summary(&mut guest)?;
    for (name, rate) in [
        ("osc24m", 24_000_000),
        ("pll", 1_200_000_000),
        ("pll_div4", 300_000_000),
        ("uart", 24_000_000),
        ("pwm", 1000),
    ] {
        let clock = clocks.iter().find(|clock| clock.name == name);
        assert_eq!(clock.with_context(|| format!("no clock {name}"))?.rate, rate, "{name}");
    }

    let sensors = channels(&mut guest)?;
    assert_eq!(sensors.len(), 12, "{sensors:?}");
    let sensor = |label: &str| sensors.iter().find(|channel| channel.label == label);
    assert_eq!(sensor("vdd-ddr").context("no vdd-ddr")?.value, 1100);
    let long = "Exhaust air behind the power supply";
    let exhaust = if release.long_names { long } else { &long[..15] };
    assert!(
        (28_000..=48_000).contains(&sensor(exhaust).context("no exhaust")?.value),
        "{sensors:?}"
    );

    assert_eq!(domain(&mut guest, "usb")?.status, "off-0");
    assert_eq!(domain(&mut guest, "gpu")?.status, "off-0", "nobody uses it");

    assert_eq!(CARD.now(&mut guest)?, (3_300_000, false));
    CARD.ask(&mut guest, 1_800_000, 1_800_000)?;
    assert_eq!(CARD.now(&mut guest)?, (1_800_000, true));

    let names = [("0", "package"), ("0:0", "cores"), ("0:1", "graphics")];
    assert_eq!(zones(&mut guest)?, names.map(|(place, name)| (place.into(), name.into())).into());
    // Before Powercap 2.0 capping cannot be switched off, and nothing says that there is no cap.
    assert_eq!(CORES.cap(&mut guest)?, (5_000_000, true));
    CORES.set_cap(&mut guest, 1_500_000)?;
    assert_eq!(CORES.cap(&mut guest)?, (1_500_000, true));

    check(&mut guest, &refusals(release)?, &[LEVELS_ARE_NO_FREQUENCIES])
}

/// Before Performance 4.0 levels have no frequencies of their own. Linux makes them from the sustained level, and one of
/// the board's domains has levels that are called 10, 40 and 90.
const LEVELS_ARE_NO_FREQUENCIES: &str = "multiplier for domain 1 rounded";

/// What is refused because it is not there yet.
fn refusals(release: &Release) -> Result<Vec<scmi_test_kit::Refusal>> {
    // Before Clock 3.0 Linux cannot know what it may not: it switches off the crystal that nobody uses.
    let mut all = due_on_demo([due(0x14, 0x7, "DENIED", 1)])?;
    if !release.intervals {
        all.retain(|refusal| refusal.protocol != 0x15);
    }
    if !release.clock_events {
        all.push(due(0x14, 0x2, "NOT_FOUND", 2));
    }
    if !release.sensor_events {
        all.push(due(0x15, 0x2, "NOT_FOUND", 1));
    }
    Ok(all)
}

#[test]
fn scmi_1_0_works() -> Result<()> {
    everything_works(&ONE)
}

#[test]
fn scmi_2_0_works() -> Result<()> {
    everything_works(&TWO)
}

#[test]
fn scmi_3_0_works() -> Result<()> {
    everything_works(&THREE)
}

#[test]
fn scmi_3_1_with_perf_3_and_clock_2_works() -> Result<()> {
    everything_works(&THREE_ONE)
}
