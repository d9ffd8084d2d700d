//! `tasks`: the asynchronous program, on the demo board.

use anyhow::{Result, ensure};
use scmi_test_kit::{Board, Scmid, Transport};
use scmi_tests_bare::{attached, check_lines};

/// That each task does its part, and none waits for another to end: commands are answered in their order, and the clocks' first
/// rate is the third of its task, where the others have more to ask before they have anything.
fn share_the_device(transport: Transport) -> Result<()> {
    let mut scmid = Scmid::start(&Board::demo())?;
    let printed = attached("tasks", &scmid, transport, 2)?.run(Some(scmid.board()))?;
    let first = "clocks: clock 0 has 24000000 Hz";
    check_lines(&printed, &[first, "clocks: clock 3 has 24000000 Hz", "clocks: all 5 read"])?;
    check_lines(&printed, &["slow: asks sensor 3", "slow: sensor 3 has "])?;
    check_lines(&printed, &[first, "slow: sensor 3 has "])?;
    let update = "watch: sensor 0 has ";
    check_lines(&printed, &[first, update, update, update, "watch: over"])?;
    check_lines(
        &printed,
        &["counted: Counters { late: 0, unexpected: 0, malformed: 0, events_lost: 0,"],
    )?;
    check_lines(&printed, &["done, SCMI devices: 1"])?;
    let counters = scmid.counters("vm1")?;
    ensure!(counters.get("refused")? == 0, "{:?}", counters.refusals);
    ensure!(counters.get("delayed")? == 1, "{counters:?}");
    Ok(())
}

#[test]
fn tasks_share_a_device_over_pci() -> Result<()> {
    share_the_device(Transport::Pci)
}

#[test]
fn tasks_share_a_device_over_virtio_mmio() -> Result<()> {
    share_the_device(Transport::Mmio)
}
