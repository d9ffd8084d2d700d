//! `hypervisor`, and over it a guest that means it ill: `hostile`.

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Bare, bare_program};
use scmi_tests_bare::check_lines;
use tempfile::NamedTempFile;

/// What becomes of each deed, in this order.
const DEEDS: [&str; 21] = [
    "area at 0x40400000, function 0x86000100",
    "asked: scmi-rs hypervisor, 4 protocols",
    "function 0x86000101: -1 by smc, -1 by hvc",
    "function 0xc6000100: -1 by smc, -1 by hvc",
    "function 0xffffffff: -1 by smc, -1 by hvc",
    "function 0x0: -1 by smc, -1 by hvc",
    "nothing: returned 0, free true",
    "registers: true by a reset, SUCCESS, true by nothing",
    "length 0: returned 0, free true, error true",
    "length 137: returned 0, free true, error false, header 0x5544000, PROTOCOL_ERROR",
    "length 232: returned 0, free true, error false, header 0x5544000, PROTOCOL_ERROR",
    "length 233: returned 0, free true, error true",
    "length 4294967295: returned 0, free true, error true",
    "protocol 0x42: returned 0, free true, 8 bytes, header echoed, NOT_SUPPORTED",
    "message 0xee of Clock: returned 0, free true, 8 bytes, header echoed, NOT_FOUND",
    "a notification: returned 0, free true, 8 bytes, header echoed, PROTOCOL_ERROR",
    "a header of ones: returned 0, free true, 8 bytes, header echoed, PROTOCOL_ERROR",
    "garbage: 10000 times, 0 calls failed, 0 areas stuck",
    "asked: scmi-rs hypervisor, 4 protocols",
    "reading 0x40200000",
    // An external abort of the guest's own.
    "exception at 0x4100",
];

fn over_the_hypervisor() -> Result<Bare> {
    let mut bare = Bare::new("hostile")?;
    bare.machine.hypervisor = Some(bare_program("hypervisor")?);
    Ok(bare)
}

#[test]
fn a_hostile_guest_is_answered_and_kept_off() -> Result<()> {
    let printed = over_the_hypervisor()?.run(None)?;
    check_lines(&printed, &DEEDS)?;
    ensure!(printed.contains("syndrome 0x96000010, address 0x40200000\n"), "{printed}");
    // The hypervisor goes on, serves the guest's switch, and tells.
    check_lines(&printed, &["hypervisor: accesses kept off: 1"])?;
    let calls = printed.lines().find_map(|line| line.strip_prefix("hypervisor: calls: "));
    let calls = calls.with_context(|| printed.clone())?;
    ensure!(calls.ends_with(" SCMI, 1 PSCI, 9 unknown"), "{calls}");
    let area = printed.lines().find(|line| line.starts_with("hypervisor: area: "));
    let area = area.with_context(|| printed.clone())?;
    ensure!(area.contains("long_commands: 2,") && area.contains("spurious: 1,"), "{area}");
    Ok(())
}

#[test]
fn without_level_2_it_says_what_is_missing() -> Result<()> {
    let printed = Bare::new("hypervisor")?.run(None)?;
    check_lines(&printed, &["this is exception level 1, not 2"])
}

#[test]
fn a_machine_that_does_not_fit_is_named() -> Result<()> {
    let mut newer = over_the_hypervisor()?;
    newer.machine.gic = 3;
    let printed = newer.run(None)?;
    check_lines(
        &printed,
        &["hypervisor: the device tree has no interrupt controller of version 2"],
    )?;
    let file = NamedTempFile::new()?;
    file.as_file().set_len(4096)?;
    let mut other = over_the_hypervisor()?;
    file.path().clone_into(&mut other.machine.kernel);
    let printed = other.run(None)?;
    check_lines(&printed, &["hypervisor: no arm64 Image is at 0x41000000"])
}
