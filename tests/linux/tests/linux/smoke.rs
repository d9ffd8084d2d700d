//! The guest itself, before any SCMI: it boots, has what the other tests need, and ends.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use anyhow::Result;
use scmi_test_kit::{Guest, Image, Machine, Output, PATIENCE, Process};
use scmi_tests_linux::CLIENTS;

#[test]
fn the_guest_runs_the_kernel_that_was_built_for_it() -> Result<()> {
    let mut guest = Guest::builder().boot()?;
    let release = guest.image().release.clone();
    assert_eq!(guest.ok("uname -r")?, release);
    assert!(release.starts_with("6.12."), "{release}");
    assert!(guest.power_off()?.success(), "QEMU ends well when the guest switches itself off");
    Ok(())
}

#[test]
fn the_kernel_has_every_scmi_client() -> Result<()> {
    let mut guest = Guest::builder().boot()?;
    let drivers = guest.ok("ls -1 /sys/bus/scmi_protocol/drivers")?;
    for driver in CLIENTS {
        assert!(drivers.lines().any(|line| line == driver), "no {driver} in:\n{drivers}");
    }
    guest.ok("ls -d /sys/bus/virtio/drivers/scmi-virtio")?;
    Ok(())
}

#[test]
fn the_console_tells_what_a_command_did() -> Result<()> {
    let mut guest = Guest::builder().boot()?;
    let said = |text: &str, status| Output { text: text.to_owned(), status };
    assert_eq!(guest.run("echo 'it is'; echo here >&2")?, said("it is\nhere\n", 0));
    assert_eq!(guest.run("printf 'no newline'; exit 7")?, said("no newline", 7));
    assert_ne!(guest.run("syntax ( error")?.status, 0);
    let long = "x".repeat(20_000);
    assert_eq!(guest.ok(&format!("echo {long} | wc -c"))?, "20001");
    let terminal = guest.ok("stty -a < /dev/ttyAMA0")?;
    assert!(terminal.contains("-ixoff"), "it says stop and go among what commands say: {terminal}");
    guest.wait_until("[ $(cut -d. -f1 /proc/uptime) -ge 1 ]")?;
    Ok(())
}

#[test]
fn a_reboot_comes_back_and_a_reset_too() -> Result<()> {
    let mut guest = Guest::builder().cpus(2).may_reboot().boot()?;
    assert_eq!(guest.ok("nproc; touch /tmp/mark; ls /tmp")?, "2\nmark");
    guest.reboot()?;
    assert_eq!(guest.ok("ls /tmp")?, "");
    guest.reset()?;
    assert!(guest.dmesg()?.contains("Linux version"), "the log of the new boot");
    Ok(())
}

#[test]
fn the_line_that_is_printed_for_people_gives_them_a_shell() -> Result<()> {
    let mut machine = Machine::new(&Image::find()?);
    machine.interactive = true;
    let line = format!("exec {}", machine.shell_line());
    let mut qemu = Process::start("QEMU", Command::new("sh").args(["-c", &line]))?;
    let prompt = |text: &str| text.contains("guest# ").then_some(());
    qemu.output().wait(0, PATIENCE, "a prompt", prompt)?;
    qemu.write(b"poweroff\n")?;
    assert!(qemu.wait(PATIENCE)?.success(), "QEMU ends well");
    Ok(())
}

#[test]
fn a_test_brings_files_and_devices_that_use_what_the_board_gives() -> Result<()> {
    let script = tempfile::NamedTempFile::new()?;
    fs::write(script.path(), "#!/bin/sh\necho brought\n")?;
    fs::set_permissions(script.path(), Permissions::from_mode(0o755))?;
    let mut guest = Guest::builder()
        .board(scmi_test_kit::Board::demo())
        .file("/opt/own/script", script.path())
        .consumer("serial", "clocks = <&scmi_clock 3>; clock-names = \"baud\";")
        .boot()?;
    assert_eq!(guest.ok("/opt/own/script")?, "brought");
    let rate = "/sys/kernel/debug/scmi-consumer/serial/clocks/baud/rate";
    assert_eq!(guest.ok(&format!("cat {rate}"))?, "24000000");
    Ok(())
}
