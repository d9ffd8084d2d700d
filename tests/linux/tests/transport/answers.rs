//! Answers that are none: the kernel's own takes most of them, ours counts each and ends its call at once.

use anyhow::Result;
use scmi_test_kit::{Board, Carrier, Guest, workspace_root};

use crate::{carrier, counted};

/// Linux waits no longer than a second for an answer instead of a minute.
const TREE: &str = "/ { firmware { scmi { arm,max-rx-timeout-ms = <1000>; }; }; };";

/// A sensor of `examples/faults/wrong.toml`, what reading it gives with the kernel's own transport, what with ours, and
/// which of its counters rises.
const CASES: [(&str, &str, &str, Option<&str>); 10] = [
    ("fine", "30000", "30000", None),
    ("busy", "Device or resource busy", "Device or resource busy", None),
    ("no-status", "4", "Protocol error", Some("answers_short")),
    ("nothing", "Connection timed out", "Protocol error", Some("answers_short")),
    ("token", "Connection timed out", "Protocol error", Some("answers_header")),
    ("type-2", "Connection timed out", "Protocol error", Some("answers_header")),
    ("protocol", "41000", "Protocol error", Some("answers_header")),
    ("reserved", "43000", "Protocol error", Some("answers_header")),
    ("used-none", "14", "Protocol error", Some("answers_short")),
    ("used-more", "46000", "Protocol error", Some("answers_long")),
];

#[test]
fn what_is_no_answer_ends_its_call() -> Result<()> {
    let board = Board::File(workspace_root().join("examples/faults/wrong.toml"));
    let mut guest = Guest::builder().board(board).device_tree(TREE).boot()?;
    let ours = carrier(&guest) == Carrier::Ours;
    for (sensor, kernels, by_ours, counter) in CASES {
        let before = counter.filter(|_| ours).map(|name| counted(&mut guest, name)).transpose()?;
        let read = guest.run(&format!(
            "cd $(dirname $(grep -l scmi_sensors /sys/class/hwmon/*/name)) &&\n\
             dd bs=64 count=1 2>/tmp/why if=$(grep -lx {sensor} *_label | sed s/label/input/) || sed 's/.*: //' /tmp/why"
        ))?;
        assert_eq!(read.text.trim(), if ours { by_ours } else { kernels }, "{sensor}");
        if let (Some(name), Some(before)) = (counter, before) {
            assert_eq!(counted(&mut guest, name)?, before + 1, "{sensor}");
        }
    }
    Ok(())
}

/// The ring refuses a buffer that is used twice, and does not work any more: ours has the device reset.
#[test]
fn a_buffer_that_is_used_twice_costs_one_reset() -> Result<()> {
    let board = Board::File(workspace_root().join("examples/faults/twice.toml"));
    let mut guest = Guest::builder().board(board).device_tree(TREE).boot()?;
    let read = |guest: &mut Guest, sensor: &str| {
        guest.run(&format!(
            "cd $(dirname $(grep -l scmi_sensors /sys/class/hwmon/*/name)) && cat $(grep -lx {sensor} *_label | sed s/label/input/)"
        ))
    };
    assert_eq!(read(&mut guest, "twice")?.text.trim(), "31000");
    if carrier(&guest) == Carrier::Kernel {
        assert_ne!(read(&mut guest, "fine")?.status, 0, "nothing works any more");
        return Ok(());
    }
    guest.wait_until("[ $(cat /sys/kernel/debug/scmi_virtio/resets) -gt 0 ] && dmesg | grep -q 'the device works again'")?;
    assert_eq!(read(&mut guest, "fine")?.text.trim(), "30000");
    Ok(())
}
