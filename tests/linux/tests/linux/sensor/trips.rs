//! SENSOR_TRIP_POINT_EVENT, through raw mode: no driver of Linux's asks for it.

use core::time::Duration;

use anyhow::{Context, Result};
use scmi_test_kit::{Guest, Message};

const SENSOR: u8 = 0x15;
const TRIP_POINT_NOTIFY: u8 = 0x4;
const TRIP_POINT_CONFIG: u8 = 0x5;

const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }]
    sensor = [
        { name = "still", type = "temperature", source = 20 },
        { name = "waves", type = "temperature", trip-points = 2,
          source = { wave = "sine", min = 20.0, max = 60.0, period = "2s" } },
    ]"#;

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Watches trip point 1 of sensor 1 at 40 degrees, in one direction: 1 up, 2 down.
fn watch(guest: &mut Guest, direction: u32) -> Result<()> {
    let config = words(&[1, direction | 1 << 4, 40_000, 0]);
    assert_eq!(guest.raw().call(SENSOR, TRIP_POINT_CONFIG, &config)?.status()?, 0);
    assert_eq!(guest.raw().call(SENSOR, TRIP_POINT_NOTIFY, &words(&[1, 1]))?.status()?, 0);
    Ok(())
}

#[test]
fn a_trip_that_was_programmed_is_reported_each_time_it_is_crossed() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    for (direction, upwards) in [(1, 1), (2, 0)] {
        watch(&mut guest, direction)?;
        guest.raw().forget()?;
        for _ in 0..3 {
            let event = guest.raw().notification(Duration::from_secs(30))?.context("no event")?;
            assert_eq!((event.protocol()?, event.kind()?, event.id()?), (0x15, 3, 0));
            // The platform's own number, the sensor, the trip point and the direction.
            let said = (event.word(1)?, event.word(2)?, event.word(3)?);
            assert_eq!(said, (0, 1, 1 | upwards << 16), "{event:?}");
        }
    }
    Ok(())
}

#[test]
fn commands_that_must_be_refused_are() -> Result<()> {
    /// Statuses by number: INVALID_PARAMETERS, NOT_FOUND.
    const INVALID: i32 = -2;
    const NOT_FOUND: i32 = -4;
    let mut guest = Guest::builder().board(BOARD).boot()?;
    let before = guest.scmid()?.counters("vm1")?.get("refused")?;
    let mut refuse = |message: u8, parameters: &[u32], status: i32| -> Result<()> {
        let answer: Message = guest.raw().call(SENSOR, message, &words(parameters))?;
        assert_eq!(answer.status()?, status, "message {message:#x} with {parameters:?}");
        assert_eq!(answer.0.len(), 8, "an error has a status and nothing else");
        Ok(())
    };
    refuse(TRIP_POINT_NOTIFY, &[9, 1], NOT_FOUND)?;
    refuse(TRIP_POINT_NOTIFY, &[1, 2], INVALID)?;
    refuse(TRIP_POINT_CONFIG, &[1, 1 | 2 << 4, 0, 0], INVALID)?;
    refuse(0x77, &[], NOT_FOUND)?;
    let counters = guest.counters()?;
    let refused = guest.scmid()?.counters("vm1")?;
    assert_eq!(refused.get("refused")?, before + 4, "{refused:?}");
    assert_eq!(counters.get("err_protocol")?, before, "Linux does not count what raw mode sends");
    assert_eq!(counters.faults(), [].into());
    Ok(())
}
