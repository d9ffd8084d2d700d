//! Guests that leave and come back, in every way there is. The daemon serves on, and never writes
//! to memory of an earlier life.

use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};
use scmi_test_kit::{Board, Guest, Memory, Scmid};
use scmi_tests_linux::{Iio, channels};
use serde_json::json;
use tempfile::TempDir;

/// A hundred updates a second, so that a daemon that goes on writing is caught soon.
const BUSY: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]
    [[sensor]]
    name = "still"
    type = "temperature"
    source = 36.6
    [[sensor]]
    name = "busy"
    type = "acceleration"
    update-intervals = ["10 ms", "20 ms"]
    timestamps = true
    axis = [
        { name = "a_X", source = { wave = "ramp", min = 0, max = 2, period = "1s" } },
        { name = "a_Y", source = 0 },
        { name = "a_Z", source = 9.81 },
    ]"#;

/// Fifty updates of the busy sensor.
const FIFTY_UPDATES: Duration = Duration::from_millis(500);

/// The guest's memory as a file that outlives QEMU. It is on a file system in memory.
fn memory(dir: &TempDir, name: &str) -> PathBuf {
    dir.path().join(name)
}

fn memory_dir() -> Result<TempDir> {
    TempDir::with_prefix_in("scmi-memory-", "/dev/shm").context("no file system in memory")
}

/// Makes updates flow and takes some, which shows that everything works.
fn busy(guest: &mut Guest) -> Result<Iio> {
    let device = Iio::find(guest, "busy")?;
    device.start(guest, "accel", "100")?;
    assert_eq!(device.samples(guest, 50)?.len(), 50);
    Ok(device)
}

fn reads(guest: &mut Guest) -> Result<()> {
    let still: Vec<i64> = channels(guest)?.iter().map(|channel| channel.value).collect();
    assert_eq!(still, [36_600]);
    Ok(())
}

/// Whether nobody writes to the memory while fifty updates are due.
fn is_left_alone(memory: &Path) -> Result<bool> {
    let before = fs::read(memory)?;
    // That nothing happens cannot be waited for.
    thread::sleep(FIFTY_UPDATES);
    Ok(fs::read(memory)? == before)
}

#[test]
fn a_guest_killed_with_its_memory_full_of_buffers_is_forgotten() -> Result<()> {
    /// No byte of a message or a ring has this value in all its places.
    const MARK: u8 = 0xa5;
    let dir = memory_dir()?;
    let mut scmid = Scmid::start(&Board::from(BUSY))?;
    let first_memory = memory(&dir, "first");
    let boot = |memory| Guest::builder().daemon(&scmid).memory(Memory::File(memory)).boot();
    let mut first = boot(first_memory.clone())?;
    busy(&mut first)?;
    first.kill()?;
    drop(first);
    let size = usize::try_from(fs::metadata(&first_memory)?.len())?;
    fs::write(&first_memory, vec![MARK; size])?;

    let mut second = boot(memory(&dir, "second"))?;
    busy(&mut second)?;
    reads(&mut second)?;
    let touched = fs::read(&first_memory)?.iter().position(|byte| *byte != MARK);
    assert_eq!(touched, None, "the daemon wrote to the memory of a dead guest");
    assert!(scmid.process().is_running(), "the daemon serves on");
    Ok(())
}

#[test]
fn a_guest_that_reboots_or_is_reset_starts_anew() -> Result<()> {
    let mut guest = Guest::builder().board(BUSY).may_reboot().boot()?;
    busy(&mut guest)?;
    guest.reboot()?;
    busy(&mut guest)?;
    guest.reset()?;
    busy(&mut guest)?;
    reads(&mut guest)?;
    assert_eq!(guest.counters()?.faults(), [].into());
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn nothing_is_written_to_a_guest_that_is_paused_or_was_reset() -> Result<()> {
    let dir = memory_dir()?;
    let path = memory(&dir, "guest");
    let builder = Guest::builder().board(BUSY).memory(Memory::File(path.clone()));
    let mut guest = builder.may_reboot().boot()?;
    let device = busy(&mut guest)?;

    guest.qmp()?.command("stop")?;
    assert!(is_left_alone(&path)?, "paused");
    guest.qmp()?.command("cont")?;
    device.samples(&mut guest, 50)?;

    guest.qmp()?.command("stop")?;
    guest.qmp()?.command("system_reset")?;
    guest.qmp()?.event("RESET")?;
    assert!(is_left_alone(&path)?, "reset, and not running again yet");
    guest.qmp()?.command("cont")?;
    guest.wait_for_shell(scmi_test_kit::PATIENCE)?;
    busy(&mut guest)?;
    reads(&mut guest)
}

#[test]
fn a_driver_can_be_unbound_and_bound_again() -> Result<()> {
    let mut guest = Guest::builder().board(BUSY).boot()?;
    for _ in 0..5 {
        busy(&mut guest)?;
        reads(&mut guest)?;
        guest.ok("cd /sys/bus/virtio/drivers/scmi-virtio && echo virtio0 > unbind")?;
        assert_eq!(guest.ok("ls /sys/class/hwmon")?, "", "no sensors without the driver");
        guest.ok("cd /sys/bus/virtio/drivers/scmi-virtio && echo virtio0 > bind")?;
        guest.wait_until("grep -q scmi_sensors /sys/class/hwmon/*/name")?;
    }
    assert_eq!(guest.counters()?.faults(), [].into());
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn memory_regions_come_and_go_under_a_running_guest() -> Result<()> {
    let args = ["-device", "pcie-root-port,id=slot1,chassis=1,slot=1"];
    let mut guest = Guest::builder().board(BUSY).qemu_args(args).boot()?;
    let device = busy(&mut guest)?;
    let exchanges = |guest: &mut Guest| -> Result<usize> {
        Ok(guest.scmid()?.log().matches("guest memory set").count())
    };
    let before = exchanges(&mut guest)?;
    for extra in ["extra1", "extra2"] {
        let backend = json!({
            "qom-type": "memory-backend-memfd", "id": extra, "size": 1 << 20, "share": true,
        });
        guest.qmp()?.execute("object-add", &backend)?;
        let card = json!({
            "driver": "ivshmem-plain", "memdev": extra, "bus": "slot1", "id": "ivshmem",
        });
        guest.qmp()?.execute("device_add", &card)?;
        // The region appears in the guest's memory when the device is enabled.
        let slot = guest.wait_until("grep -l 0x1af4 $(grep -l 0x1110 /sys/bus/pci/devices/*/device | sed s/device$/vendor/)")?;
        guest.ok(&format!("echo 1 > $(dirname {slot})/enable"))?;
        device.samples(&mut guest, 50)?;
        reads(&mut guest)?;
        guest.qmp()?.execute("device_del", &json!({ "id": "ivshmem" }))?;
        guest.qmp()?.event("DEVICE_DELETED")?;
        device.samples(&mut guest, 50)?;
        reads(&mut guest)?;
    }
    let seen = exchanges(&mut guest)? - before;
    assert!(seen >= 4, "memory came twice and went twice, the daemon was told {seen} times");
    assert_eq!(guest.counters()?.faults(), [].into());
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn one_guest_does_not_feel_the_death_of_another() -> Result<()> {
    let scmid = Scmid::start(&Board::from(BUSY))?;
    let mut one = Guest::builder().daemon(&scmid).boot()?;
    let mut two = Guest::builder().agent("vm2").daemon(&scmid).boot()?;
    busy(&mut one)?;
    let device = busy(&mut two)?;
    one.kill()?;
    device.samples(&mut two, 50)?;
    reads(&mut two)?;
    assert_eq!(two.counters()?.faults(), [].into());
    assert_eq!(two.scmi_complaints()?, [""; 0]);
    Ok(())
}

#[test]
fn a_device_that_is_plugged_in_later_is_found() -> Result<()> {
    let mut guest = Guest::builder().board(BUSY).unplugged().boot()?;
    guest.plug_in()?;
    guest.wait_until("grep -q busy /sys/bus/iio/devices/*/name")?;
    busy(&mut guest)?;
    reads(&mut guest)?;
    assert_eq!(guest.counters()?.faults(), [].into());
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}
