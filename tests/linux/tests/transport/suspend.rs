//! A suspend, as far as the devices go: the virtio device is reset in it.

use anyhow::{Result, ensure};
use scmi_test_kit::{Carrier, Guest};
use scmi_tests_linux::channels;

use crate::{carrier, counted};

const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }]
    sensor = [{ name = "still", type = "temperature", source = 36.6 }]"#;

/// Linux waits no longer than a second for an answer instead of a minute.
const TREE: &str = "/ { firmware { scmi { arm,max-rx-timeout-ms = <1000>; }; }; };";

/// How often it goes to sleep.
const ROUNDS: u64 = 2;

#[test]
fn after_a_suspend_ours_works_and_the_kernels_own_does_not() -> Result<()> {
    suspend(Guest::builder())
}

#[test]
fn after_a_suspend_on_virtio_mmio_too() -> Result<()> {
    suspend(Guest::builder().mmio())
}

fn suspend(builder: scmi_test_kit::GuestBuilder) -> Result<()> {
    let mut guest = builder.board(BOARD).device_tree(TREE).cpus(2).boot()?;
    guest.ok("echo devices > /sys/power/pm_test && echo 0 > /sys/module/suspend/parameters/pm_test_delay")?;
    guest.ok("for reader in 1 2 3; do while [ ! -e /tmp/enough ]; do \
         cat /sys/class/hwmon/*/temp1_input >/dev/null 2>&1; done & done")?;
    for _ in 0..ROUNDS {
        guest.ok("echo freeze > /sys/power/state")?;
        if carrier(&guest) == Carrier::Kernel {
            break;
        }
    }
    guest.ok("touch /tmp/enough; wait")?;
    match carrier(&guest) {
        Carrier::Ours => {
            let all: Vec<i64> = channels(&mut guest)?.iter().map(|channel| channel.value).collect();
            assert_eq!(all, [36_600]);
            assert_eq!(counted(&mut guest, "suspends")?, ROUNDS);
            assert_eq!(guest.scmi_complaints()?, [""; 0]);
        }
        Carrier::Kernel => {
            let reading = guest.run("cat /sys/class/hwmon/*/temp1_input")?;
            ensure!(reading.status != 0, "it works: {}", reading.text);
            ensure!(guest.dmesg()?.contains("timed out in resp("), "nothing comes any more");
        }
    }
    Ok(())
}
