//! An unmodified Linux over the hypervisor of `guest/`, which answers its SCMI driver through shared memory and a trapped
//! SMC.

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Guest, guest_program};
use scmi_tests_linux::{Consumer, channels, clock_summary};
use serde_json::Value;

/// What the hypervisor's device tree calls its protocols.
const CLOCKS: &str = "0x5c000014";
const RESETS: &str = "0x5c000016";
const DOMAINS: &str = "0x5c000011";

/// The rates of the hypervisor's board.
const RATES: [(&str, u64); 3] = [("osc32k", 32_768), ("pll", 600_000_000), ("uart", 24_000_000)];

/// The number before a word in the hypervisor's last words.
fn told(printed: &str, line: &str, before: &str) -> Result<u64> {
    let mut lines = printed.lines().rev();
    let line = lines.find_map(|found| found.strip_prefix(line));
    let line = line.with_context(|| format!("no {line:?} in:\n{printed}"))?;
    let (number, _) = line.split_once(before).with_context(|| format!("no {before} in {line}"))?;
    let number = number.rsplit(' ').next().unwrap_or_default();
    number.parse().with_context(|| format!("no number before {before} in {line}"))
}

#[test]
fn linux_finds_the_platform_and_reads_it() -> Result<()> {
    let mut guest = Guest::builder().hypervisor().boot()?;
    let log = guest.dmesg()?;
    for line in [
        "Using scmi_smc_transport",
        "SCMI Protocol v2.1 'scmi-rs:hypervisor' Firmware version 0x1",
        "CPU: All CPU(s) started at EL1",
    ] {
        ensure!(log.contains(line), "no {line:?} in:\n{log}");
    }
    let clocks = clock_summary(&mut guest)?;
    for (name, rate) in RATES {
        let clock = clocks.iter().find(|clock| clock.name == name);
        ensure!(clock.is_some_and(|clock| clock.rate == rate), "{name}: {clock:?}");
    }
    let domains = guest.ok("cat /sys/kernel/debug/pm_genpd/pm_genpd_summary")?;
    ensure!(domains.contains("peripherals"), "{domains}");

    let before = channels(&mut guest)?;
    let labels: Vec<&str> = before.iter().map(|channel| channel.label.as_str()).collect();
    ensure!(labels == ["vdd-core", "soc"], "{before:?}");
    ensure!((790..=830).contains(&before[0].value), "{before:?}");
    ensure!((38_000..=71_000).contains(&before[1].value), "{before:?}");
    guest.wait_until(&format!(
        "[ $(cat /sys/class/hwmon/hwmon0/temp1_input) -ne {} ]",
        before[1].value
    ))?;

    // Both sides saw the same, and nothing went wrong.
    ensure!(guest.scmi_complaints()?.is_empty(), "{:?}", guest.scmi_complaints()?);
    let linux = guest.counters()?;
    ensure!(linux.faults().is_empty(), "{:?}", linux.faults());
    let printed = guest.last_words()?;
    let line = "hypervisor: commands: ";
    ensure!(told(&printed, line, ", answered")? == linux.get("sent_ok")?, "{linux:?}\n{printed}");
    ensure!(
        told(&printed, line, " refused")? == linux.get("err_protocol")?,
        "{linux:?}\n{printed}"
    );
    ensure!(told(&printed, "hypervisor: calls: ", " SCMI")? == linux.get("sent_ok")?, "{printed}");
    Ok(())
}

#[test]
fn what_a_driver_sets_is_set() -> Result<()> {
    let mut guest = Guest::builder()
        .hypervisor()
        .consumer(
            "port",
            &format!(
                "clocks = <{CLOCKS} 2>, <{CLOCKS} 1>; clock-names = \"baud\", \"core\"; \
                 resets = <{RESETS} 0>; reset-names = \"port\"; power-domains = <{DOMAINS} 0>;"
            ),
        )
        .boot()?;
    let port = Consumer::new("port");
    port.write(&mut guest, "clocks/baud/rate", 48_000_000)?;
    port.write(&mut guest, "clocks/baud/enable", 1)?;
    // This one takes two milliseconds, and so does the guest's call.
    port.write(&mut guest, "clocks/core/rate", 792_000_000)?;
    port.write(&mut guest, "resets/port/reset", 1)?;
    let clocks = clock_summary(&mut guest)?;
    for (name, rate) in [("uart", 48_000_000), ("pll", 792_000_000)] {
        let clock = clocks.iter().find(|clock| clock.name == name);
        ensure!(clock.is_some_and(|clock| clock.rate == rate), "{name}: {clock:?}");
    }
    // Asked past Linux's drivers: RATE_GET of both clocks, and CONFIG_GET of the one that was switched on.
    let rate = guest.raw().call(0x14, 6, &2_u32.to_le_bytes())?;
    ensure!(rate.word(1)? == 0 && rate.word(2)? == 48_000_000, "{rate:?}");
    let rate = guest.raw().call(0x14, 6, &1_u32.to_le_bytes())?;
    ensure!(rate.word(1)? == 0 && rate.word(2)? == 792_000_000, "{rate:?}");
    // No protocol has this number.
    let refused = guest.raw().call(0x42, 0, &[])?;
    ensure!(refused.word(1)?.cast_signed() == -1, "{refused:?}");
    ensure!(guest.counters()?.faults().is_empty(), "{:?}", guest.counters()?);
    let printed = guest.last_words()?;
    ensure!(told(&printed, "hypervisor: clock CLOCK_RATE_SET: ", ", refused")? == 2, "{printed}");
    ensure!(told(&printed, "hypervisor: reset RESET: ", ", refused")? == 1, "{printed}");
    ensure!(told(&printed, "hypervisor: commands: ", " late")? >= 2, "{printed}");
    Ok(())
}

#[test]
fn the_hypervisors_platform_breaks_no_rule() -> Result<()> {
    let guest = Guest::builder().hypervisor();
    let mut guest = guest.file("/bin/scmictl", guest_program("scmictl")?).boot()?;
    let report = guest.ok("scmictl --connect raw:/sys/kernel/debug/scmi/0 --json check")?;
    let report: Value = serde_json::from_str(&report).with_context(|| report.clone())?;
    ensure!(report["conforms"] == true, "{report:#}");
    ensure!(guest.counters()?.faults().is_empty(), "{:?}", guest.counters()?);
    Ok(())
}

#[test]
fn a_doorbell_that_there_is_not_is_refused() -> Result<()> {
    // A second platform at the next function, with the same area.
    let mut guest = Guest::builder()
        .hypervisor()
        .device_tree(
            "/ { firmware { wrong { compatible = \"arm,scmi-smc\"; arm,smc-id = <0x86000101>; \
             shmem = <0x5c000000>; #address-cells = <1>; #size-cells = <0>; }; }; };",
        )
        .boot()?;
    let log = guest.dmesg()?;
    ensure!(log.contains("'scmi-rs:hypervisor'"), "the right one is served:\n{log}");
    let complaints = guest.scmi_complaints()?;
    let failed = complaints.iter().any(|line| line.contains("unable to communicate with SCMI"));
    ensure!(failed, "{complaints:?}\n{log}");
    guest.ok("cat /sys/class/hwmon/hwmon0/temp1_input")?;
    let unknown = told(&guest.last_words()?, "hypervisor: calls: ", " unknown")?;
    ensure!(unknown >= 2, "{unknown} calls were unknown: one is Linux's own at each boot");
    Ok(())
}

#[test]
fn the_guest_has_no_access_to_the_hypervisor() -> Result<()> {
    let mut guest = Guest::builder().hypervisor().boot()?;
    // The hypervisor's image, the device with which a guest could make QEMU write there, and PCI.
    for address in ["0x40200000", "0x9020000", "0x3f000000"] {
        let output = guest.run(&format!("devmem {address}"))?;
        ensure!(output.text.contains("Bus error"), "{address}: {output:?}");
    }
    let nodes = guest.ok("ls /proc/device-tree")?;
    for absent in ["pcie", "virtio_mmio", "fw-cfg", "flash"] {
        ensure!(!nodes.contains(absent), "{nodes}");
    }
    let kept_off = "hypervisor: accesses kept off: 3\n";
    let printed = guest.last_words()?;
    ensure!(printed.contains(kept_off), "{printed}");
    Ok(())
}

#[test]
fn a_reboot_begins_anew() -> Result<()> {
    let mut guest = Guest::builder().hypervisor().may_reboot().boot()?;
    guest.ok("touch /tmp/mark")?;
    guest.reboot()?;
    ensure!(guest.ok("ls /tmp")?.is_empty(), "it is another life");
    guest.ok("cat /sys/class/hwmon/hwmon0/temp1_input")?;
    let printed = guest.last_words()?;
    ensure!(printed.matches("hypervisor: the guest begins").count() == 2, "{printed}");
    Ok(())
}
