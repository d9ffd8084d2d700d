//! `bare`: the synchronous program, on the demo board.

use core::time::Duration;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Bare, Board, Scmid, Transport};
use scmi_tests_bare::{attached, check_lines};

/// What it must print of the demo board, in this order; it prints more.
const BOARD: [&str; 10] = [
    "platform: acme demo, version 0x10000, SCMI Base 2.1",
    "protocol: POWER",
    "protocol: PINCTRL",
    "clock 0: osc24m, 24000000 Hz, on",
    "clock 3: uart, 24000000 Hz, off",
    "clock 4: pwm, 1000 Hz, off",
    "sensor 6: vdd-ddr, 1.100 VOLTAGE",
    "sensor 16: gyroscope, 3 axes",
    "set: clock uart from 24000000 Hz to 48000000 Hz, on",
    "watch: over",
];

/// The number before a word in the last line that begins so.
fn counted(printed: &str, line: &str, word: &str) -> Result<u32> {
    let mut lines = printed.lines().rev();
    let line = lines.find_map(|found| found.strip_prefix(line)).context("the line is absent")?;
    let mut words = line.split_whitespace();
    let mut before = "";
    let found = words.find(|found| {
        let is_it = *found == word;
        if !is_it && found.parse::<u32>().is_ok() {
            before = found;
        }
        is_it
    });
    found.with_context(|| format!("no {word} in {line}"))?;
    before.parse().with_context(|| format!("no number before {word} in {line}"))
}

/// The temperatures that came by themselves, and when, in nanoseconds of the platform.
fn updates(printed: &str) -> Result<Vec<(f64, u64)>> {
    let lines = printed.lines().filter_map(|line| line.strip_prefix("watch: sensor cpu, "));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [value, "TEMPERATURE_C", "at", at, "ns"] = words.as_slice() else {
                anyhow::bail!("an odd update: {line}");
            };
            Ok((value.parse()?, at.parse()?))
        })
        .collect()
}

fn use_the_board(transport: Transport, gic: u32, device: &str) -> Result<()> {
    let mut scmid = Scmid::start(&Board::demo())?;
    let printed = attached("bare", &scmid, transport, gic)?.run(Some(scmid.board()))?;
    check_lines(&printed, &[&format!("interrupt controller: GIC version {gic}"), device])?;
    check_lines(&printed, &BOARD)?;
    check_lines(&printed, &["done, SCMI devices: 1"])?;

    let updates = updates(&printed)?;
    ensure!(updates.len() == 5, "five updates were asked for:\n{printed}");
    ensure!(updates.iter().all(|(value, _)| (42.0..=78.0).contains(value)), "{updates:?}");
    ensure!(updates.is_sorted_by(|(_, earlier), (_, later)| earlier < later), "{updates:?}");

    // It slept, and was woken, by both.
    ensure!(counted(&printed, "interrupts: ", "device,")? > 0, "{printed}");
    ensure!(counted(&printed, "interrupts: ", "timer,")? > 0, "{printed}");
    ensure!(printed.contains(" 0 others\n"), "{printed}");

    // The other side saw the same: nothing was refused, and what was set is set.
    let counters = scmid.counters("vm1")?;
    ensure!(counters.get("refused")? == 0, "{:?}", counters.refusals);
    ensure!(counters.get("commands")? == counters.get("answered")?, "{counters:?}");
    let clock = scmid.ask("vm2", ["clock", "get", "uart"])?.to_string();
    ensure!(clock.contains("48000000"), "{clock}");
    ensure!(scmid.stop()?.success(), "scmid ends well");
    Ok(())
}

#[test]
fn the_board_is_used_over_pci() -> Result<()> {
    use_the_board(Transport::Pci, 2, "SCMI over PCI at 00:01.0, interrupt 36")
}

#[test]
fn the_board_is_used_over_virtio_mmio() -> Result<()> {
    use_the_board(Transport::Mmio, 2, "SCMI over virtio-mmio at 0xa003e00, interrupt 79")
}

#[test]
fn interrupts_of_a_newer_controller_are_taken() -> Result<()> {
    use_the_board(Transport::Pci, 3, "SCMI over PCI at 00:01.0, interrupt 36")?;
    use_the_board(Transport::Mmio, 3, "SCMI over virtio-mmio at 0xa003e00, interrupt 79")
}

#[test]
fn two_devices_are_two_agents() -> Result<()> {
    let mut scmid = Scmid::start(&Board::demo())?;
    let mut bare = attached("bare", &scmid, Transport::Mmio, 2)?;
    let socket = format!("socket,id=other,path={}", scmid.socket("vm2").display());
    let other = ["-chardev", &socket, "-device", "vhost-user-scmi-pci,chardev=other"];
    bare.machine.extra.extend(other.map(str::to_owned));
    let printed = bare.run(Some(scmid.board()))?;
    check_lines(&printed, &["SCMI over virtio-mmio", "watch: over", "SCMI over PCI"])?;
    check_lines(
        &printed,
        &["set: clock uart from 24000000 Hz", "set: clock uart from 48000000 Hz"],
    )?;
    check_lines(&printed, &["done, SCMI devices: 2"])?;
    for agent in ["vm1", "vm2"] {
        ensure!(scmid.counters(agent)?.get("notifications")? >= 5, "{agent} was notified");
    }
    Ok(())
}

#[test]
fn the_tree_says_how_long_to_wait_and_how_much_fits() -> Result<()> {
    let scmid = Scmid::start(&Board::demo())?;
    let mut bare = attached("bare", &scmid, Transport::Pci, 2)?;
    bare.device_tree(
        "/ { firmware { scmi { arm,max-rx-timeout-ms = <750>; arm,max-msg-size = <80>; }; }; };",
    );
    let printed = bare.run(Some(scmid.board()))?;
    let timeout = Duration::from_millis(750);
    ensure!(printed.contains(&format!("timeout: Some({timeout:?})")), "{printed}");
    ensure!(printed.contains("max_message: Some(80)"), "{printed}");
    // Lists come in more and shorter pages, and are the same.
    check_lines(&printed, &BOARD)
}

#[test]
fn a_machine_without_scmi_is_no_error() -> Result<()> {
    let printed = Bare::new("bare")?.run(None)?;
    check_lines(&printed, &["device tree: nothing of SCMI", "no SCMI device"])
}

#[test]
fn an_exception_is_told() -> Result<()> {
    let mut bare = Bare::new("bare")?;
    // Where the machine has nothing, so that reading there is an abort.
    bare.device_tree(
        "/ { virtio_mmio@b000000 { compatible = \"virtio,mmio\"; reg = <0 0xb000000 0 0x200>; interrupts = <0 1 1>; }; };",
    );
    let printed = bare.run(None)?;
    check_lines(&printed, &["exception at 0x402"])?;
    ensure!(printed.contains("address 0xb000000\n"), "{printed}");
    Ok(())
}
