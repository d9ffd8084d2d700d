//! Three axes of motion: an IIO device with a buffer.

use anyhow::Result;
use scmi_test_kit::{Board, Guest};
use scmi_tests_linux::Iio;

#[test]
fn an_accelerometer_samples_at_the_interval_that_was_set() -> Result<()> {
    let mut guest = Guest::builder().board(Board::demo()).boot()?;
    let accelerometer = Iio::find(&mut guest, "accelerometer")?;
    for (hertz, interval) in [("50", 20_000_000_i64), ("10", 100_000_000)] {
        accelerometer.start(&mut guest, "accel", hertz)?;
        let samples = accelerometer.samples(&mut guest, 20)?;
        accelerometer.stop(&mut guest)?;
        let mut steps: Vec<i64> =
            samples.windows(2).map(|pair| pair[1].time - pair[0].time).collect();
        steps.sort_unstable();
        // On a busy machine a single one may come late; half of them do not.
        let near = interval * 3 / 4..interval * 5 / 4;
        assert!(near.contains(&steps[steps.len() / 2]), "at {hertz} Hz: {steps:?}");
        for [x, y, z] in samples.iter().map(|sample| sample.axes) {
            let units = (x.abs() <= 2500, y.abs() <= 1500, (9300..=10_300).contains(&z));
            assert_eq!(units, (true, true, true), "thousandths of m/s^2: {x} {y} {z}");
        }
        assert!(samples.windows(2).any(|pair| pair[0].axes != pair[1].axes), "it moves");
    }
    let counters = guest.counters()?;
    assert!(counters.get("notification_ok")? >= 40, "they came as SENSOR_UPDATE: {counters:?}");
    assert_eq!(counters.faults(), [].into());
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn a_gyroscope_can_be_read_one_axis_at_a_time() -> Result<()> {
    let mut guest = Guest::builder().board(Board::demo()).boot()?;
    let files = Iio::find(&mut guest, "gyroscope")?.files();
    let x: i64 = guest.ok(&format!("cat {files}/in_anglvel_x_raw"))?.parse()?;
    assert!(x.abs() <= 1200, "thousandths of rad/s: {x}");
    assert_eq!(guest.ok(&format!("cat {files}/in_anglvel_x_scale"))?, "0.001000000");
    let range = guest.ok(&format!("cat {files}/in_anglvel_raw_available"))?;
    assert_eq!(range, "[-35000 1 35000]");
    Ok(())
}
