//! Thermal zones of the device tree, on SCMI sensors.

use anyhow::{Context, Result};
use scmi_test_kit::Guest;
use scmi_tests_linux::channels;

const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }]
    [[sensor]]
    name = "still"
    type = "temperature"
    source = 51.25
    thermal-zone = { trips = [{ at = 90.0, type = "passive" }] }
    [[sensor]]
    name = "waves"
    type = "temperature"
    source = { wave = "sine", min = 40.0, max = 80.0, period = "4s" }
    thermal-zone = { polling = "100 ms", trips = [
        { at = 60.0, hysteresis = 5.0, type = "passive" },
        { at = 100.0, type = "critical" },
    ] }
"#;

#[test]
fn a_zone_follows_its_sensor_and_crosses_its_trip() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    let zone = |name: &str| format!("$(dirname $(grep -lx {name} /sys/class/thermal/*/type))");
    assert_eq!(guest.ok(&format!("cat {}/temp", zone("still-thermal")))?, "51250");
    let still = channels(&mut guest)?.into_iter().find(|channel| channel.label == "still");
    assert_eq!(still.context("no sensor")?.value, 51_250, "what hwmon says of it");

    let waves = zone("waves-thermal");
    assert_eq!(guest.ok(&format!("cat {waves}/trip_point_0_temp"))?, "60000");
    // This governor reports each crossing to user space, as a kernel event.
    guest.ok(&format!("uevent > /tmp/events & echo user_space > {waves}/policy"))?;
    let crossed = |temperature: &str| {
        format!("grep -A1 NAME=waves-thermal /tmp/events | grep -E 'TEMP={temperature}'")
    };
    guest.wait_until(&crossed("(6|7|80)[0-9]{3}"))?;
    guest.wait_until(&crossed("(4[0-9]|5[0-5])[0-9]{3}"))?;
    guest.ok("grep -x TRIP=0 /tmp/events && ! grep -x TRIP=1 /tmp/events")?;
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn the_demo_board_has_its_zones() -> Result<()> {
    let mut guest = Guest::builder().board(scmi_test_kit::Board::demo()).boot()?;
    let zones = guest.ok("cat /sys/class/thermal/thermal_zone*/type")?;
    assert_eq!(zones.lines().collect::<Vec<_>>(), ["cpu-thermal", "gpu-thermal"]);
    guest.wait_until("[ $(cat /sys/class/thermal/thermal_zone0/temp) -gt 65000 ]")?;
    guest.wait_until("[ $(cat /sys/class/thermal/thermal_zone0/temp) -lt 63000 ]")?;
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}
