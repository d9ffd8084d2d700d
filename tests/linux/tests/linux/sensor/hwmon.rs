//! Sensors of the five kinds that hwmon knows.

use anyhow::{Context, Result};
use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::Intervals;
use scmi_board::Board;
use scmi_test_kit::{Guest, Refusal, workspace_root};
use scmi_tests_linux::{Channel, channels};

const HWMON: [SensorType; 5] = [
    SensorType::TEMPERATURE_C,
    SensorType::VOLTAGE,
    SensorType::CURRENT,
    SensorType::POWER,
    SensorType::ENERGY,
];

const EXACT: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }]
    sensor = [
        { name = "body", type = "temperature", source = 36.6 },
        { name = "tenths", type = "temperature", exponent = -1, source = 23.4 },
        { name = "a sensor with a name beyond fifteen bytes", type = "voltage", source = "1100 mV" },
        { name = "wire", type = "current", exponent = 0, source = 7 },
        { name = "bulb", type = "power", exponent = -3, source = 12.5 },
        { name = "slow", type = "energy", source = "900 kJ", async = true, read-time = "20 ms" },
        { name = "fan", type = "rpm", source = 1200 },
    ]"#;

fn demo() -> Result<Board> {
    Ok(Board::load(workspace_root().join("examples/demo.toml"))?)
}

fn without_intervals(board: &Board) -> u64 {
    let all = board.sensors.iter().map(|sensor| &sensor.description.intervals);
    all.map(|intervals| u64::from(*intervals == Intervals::None)).sum()
}

#[test]
fn values_and_labels_are_the_boards() -> Result<()> {
    let mut guest = Guest::builder().board(EXACT).boot()?;
    let seen: Vec<(String, i64)> =
        channels(&mut guest)?.into_iter().map(|channel| (channel.label, channel.value)).collect();
    let expected = [
        ("wire", 7000),
        ("slow", 900_000_000_000),
        ("a sensor with a name beyond fifteen bytes", 1100),
        ("bulb", 12_500_000),
        ("body", 36_600),
        ("tenths", 23_400),
    ];
    assert_eq!(seen, expected.map(|(label, value)| (label.to_owned(), value)));
    assert_eq!(guest.counters()?.get("delayed_response_ok")?, 1, "the slow one");
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn the_demo_board_is_all_there() -> Result<()> {
    let mut guest = Guest::builder().board(scmi_test_kit::Board::demo()).boot()?;
    let board = demo()?;
    let seen = channels(&mut guest)?;
    let known = board.sensors.iter().filter(|sensor| HWMON.contains(&sensor.description.kind));
    let known: Vec<_> = known.collect();
    assert_eq!(seen.len(), known.len(), "{seen:?}");
    for sensor in known {
        let Channel { value, exponent, .. } = seen
            .iter()
            .find(|channel| channel.label == sensor.name())
            .with_context(|| format!("hwmon has no {}", sensor.name()))?;
        let (low, high) = sensor.sources[0].bounds().context("the demo board reads no files")?;
        let scale = 10_i64.pow(u32::from(sensor.description.exponent.abs_diff(*exponent)));
        assert!((low * scale..=high * scale).contains(value), "{}: {value}", sensor.name());
    }
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn ten_thousand_reads_leave_no_fault_and_no_refusal_that_is_not_due() -> Result<()> {
    let mut guest = Guest::builder().board(scmi_test_kit::Board::demo()).boot()?;
    guest.ok("cd $(dirname $(grep -l scmi_sensors /sys/class/hwmon/*/name)); i=0\n\
         while [ $i -lt 1000 ]; do i=$((i+1))\n\
         for file in temp1 temp2 in0 in1 in2 in3 curr1 curr2 power1 energy1; do\n\
         read value < ${file}_input || exit 1\n\
         done; done")?;
    let counters = guest.counters()?;
    assert!(counters.get("response_ok")? > 10_000, "{counters:?}");
    assert_eq!(counters.faults(), [].into());
    let refused = guest.scmid()?.counters("vm1")?;
    assert_eq!(counters.get("err_protocol")?, refused.get("refused")?);
    // Linux asks every sensor for its update intervals (message 8); one without any refuses.
    let due = Refusal {
        protocol: 0x15,
        message: 0x8,
        status: "NOT_SUPPORTED".to_owned(),
        count: without_intervals(&demo()?),
    };
    // It switches off what nobody uses (message 4); the processors' domain is not its to switch.
    let denied = Refusal { protocol: 0x11, message: 0x4, status: "DENIED".to_owned(), count: 1 };
    let mut refusals = refused.refusals;
    refusals.sort();
    assert_eq!(refusals, [denied, due]);
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}
