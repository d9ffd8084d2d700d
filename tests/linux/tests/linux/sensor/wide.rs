//! Two hundred sensors of every shape.

use anyhow::{Context, Result};
use scmi::protocol::sensor::platform::Intervals;
use scmi_board::{Board, Source};
use scmi_test_kit::{Guest, Refusal, workspace_root};
use scmi_tests_linux::channels;

#[test]
fn a_board_of_two_hundred_sensors_enumerates_completely() -> Result<()> {
    let file = workspace_root().join("examples/sensors-200.toml");
    let mut guest = Guest::builder().board(scmi_test_kit::Board::File(file.clone())).boot()?;
    let board = Board::load(file)?;
    let seen = channels(&mut guest)?;
    let mut constants = 0;
    for channel in &seen {
        let sensor = board.sensors.iter().find(|sensor| sensor.name() == channel.label);
        let sensor = sensor.with_context(|| format!("the board has no {channel:?}"))?;
        if let Source::Constant(value) = sensor.sources[0] {
            let scale = sensor.description.exponent.abs_diff(channel.exponent);
            assert_eq!(channel.value, value * 10_i64.pow(u32::from(scale)), "{channel:?}");
            constants += 1;
        }
    }
    assert!(constants > 5, "{constants} of {} do not move", seen.len());
    let known = board.sensors.iter().filter(|sensor| {
        sensor.description.axes.is_empty()
            && (2..=8).contains(&sensor.description.kind.0)
            && ![3, 4].contains(&sensor.description.kind.0)
    });
    assert_eq!(seen.len(), known.count(), "every sensor of a kind hwmon knows");
    assert_eq!(guest.ok("ls -1d /sys/bus/iio/devices/iio:device*")?.lines().count(), 2);
    let counters = guest.counters()?;
    assert_eq!(counters.faults(), [].into());
    // Linux asks every sensor for its update intervals; one without any refuses.
    let without =
        board.sensors.iter().filter(|sensor| sensor.description.intervals == Intervals::None);
    let refused = guest.scmid()?.counters("vm1")?;
    let due = Refusal {
        protocol: 0x15,
        message: 0x8,
        status: "NOT_SUPPORTED".to_owned(),
        count: u64::try_from(without.count())?,
    };
    assert_eq!(counters.get("err_protocol")?, due.count);
    assert_eq!(refused.refusals, [due]);
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}
