//! It is loaded, works, and goes, also when it is being used.

use anyhow::{Result, ensure};
use scmi_test_kit::{Carrier, Guest};
use scmi_tests_linux::{Iio, channels};

use crate::{carrier, load, module};

/// A sensor to read, and one that notifies a hundred times a second.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }]
    sensor = [
        { name = "still", type = "temperature", source = 36.6 },
        { name = "busy", type = "acceleration", update-intervals = ["10 ms"], timestamps = true, axis = [
            { name = "a_X", source = { wave = "ramp", min = 0, max = 2, period = "1s" } },
            { name = "a_Y", source = 0 },
            { name = "a_Z", source = 9.81 },
        ] },
    ]"#;

fn reads(guest: &mut Guest) -> Result<()> {
    let all: Vec<i64> = channels(guest)?.iter().map(|channel| channel.value).collect();
    assert_eq!(all, [36_600]);
    Ok(())
}

fn is_told(guest: &mut Guest) -> Result<()> {
    let device = Iio::find(guest, "busy")?;
    device.start(guest, "accel", "100")?;
    assert_eq!(device.samples(guest, 20)?.len(), 20);
    device.stop(guest)
}

fn is_clean(guest: &mut Guest) -> Result<()> {
    assert_eq!(guest.counters()?.faults(), [].into());
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    let log = guest.dmesg()?;
    ensure!(!log.contains("Call trace"), "the kernel is not happy:\n{log}");
    Ok(())
}

#[test]
fn answers_and_notifications_come_and_it_can_be_loaded_again() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    let module = module(&guest)?;
    guest.ok(&format!("lsmod | grep -q '^{module} '"))?;
    reads(&mut guest)?;
    is_told(&mut guest)?;
    guest.ok(&format!("rmmod {module}"))?;
    assert!(!guest.ok("ls /sys/bus")?.is_empty(), "the guest lives");
    guest.ok("! grep -q scmi_sensors /sys/class/hwmon/*/name 2>/dev/null")?;
    load(&mut guest, "")?;
    reads(&mut guest)?;
    is_told(&mut guest)?;
    is_clean(&mut guest)
}

/// Ours is also unbound from its node, which ends the kernel's own: its list of messages is in memory that was freed.
#[test]
fn it_goes_and_comes_while_it_is_used() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).cpus(2).boot()?;
    let module = module(&guest)?;
    guest.ok("for reader in 1 2 3; do while [ ! -e /tmp/enough ]; do \
         cat /sys/class/hwmon/*/temp1_input >/dev/null 2>&1; done & done")?;
    for _ in 0..3 {
        guest.ok(&format!("rmmod {module}"))?;
        load(&mut guest, "")?;
        rebind(&mut guest, "virtio/drivers/scmi-virtio", "virtio0")?;
        if carrier(&guest) == Carrier::Ours {
            rebind(&mut guest, "platform/drivers/scmi_virtio_transport", "firmware:scmi")?;
        }
    }
    guest.ok("touch /tmp/enough; wait")?;
    reads(&mut guest)?;
    is_clean(&mut guest)
}

fn rebind(guest: &mut Guest, driver: &str, device: &str) -> Result<()> {
    guest.ok(&format!("cd /sys/bus/{driver} && echo {device} > unbind && echo {device} > bind"))?;
    guest.wait_until("grep -q scmi_sensors /sys/class/hwmon/*/name 2>/dev/null")?;
    Ok(())
}

/// The kernel's own cannot be told to.
#[test]
fn calls_can_spin_for_their_answers() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).cpus(2).boot()?;
    if carrier(&guest) == Carrier::Kernel {
        let module = module(&guest)?;
        guest.ok(&format!("! ls /sys/module/{module}/parameters 2>/dev/null"))?;
        return Ok(());
    }
    guest.ok("rmmod scmi_virtio")?;
    load(&mut guest, "force_polling=1")?;
    guest.ok(
        "for reader in 1 2 3; do for round in $(seq 50); do \
         cat /sys/class/hwmon/*/temp1_input >/dev/null || touch /tmp/failed; done & done; wait; [ ! -e /tmp/failed ]",
    )?;
    is_told(&mut guest)?;
    let counters = guest.counters()?;
    ensure!(counters.get("response_polled_ok")? > 150, "they were polled for");
    assert_eq!(counters.get("response_ok")?, 0, "and nothing else");
    is_clean(&mut guest)
}
