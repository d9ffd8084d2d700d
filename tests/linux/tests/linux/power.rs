//! What a driver in Linux does with power domains, through runtime power management, and that it reaches the board: the
//! second agent looks.

use anyhow::{Context, Result};
use scmi_test_kit::{Board, Guest};
use scmi_tests_linux::{Consumer, Trace, check, domain, due_on_demo};
use serde_json::Value;

const POWER: u8 = 0x11;
const STATE_SET: u8 = 0x4;
const STATE_GET: u8 = 0x5;
const ON: u32 = 0;
/// 0, and that what was in the domain is lost.
const OFF: u32 = 0x4000_0000;

/// The state of a domain as the second agent is told.
fn state(guest: &mut Guest, domain: &str) -> Result<String> {
    let domains = guest.scmid()?.ask("vm2", ["power", "get", domain])?;
    let state = domains.pointer("/0/state").and_then(Value::as_str);
    Ok(state.with_context(|| format!("{domains}"))?.to_owned())
}

/// The words of each STATE_SET.
fn sets(commands: &[(u8, Vec<u32>)]) -> Vec<&[u32]> {
    let sets = commands.iter().filter(|(message, _)| *message == STATE_SET);
    sets.map(|(_, words)| words.as_slice()).collect()
}

#[test]
fn a_domain_goes_off_and_on_with_its_device() -> Result<()> {
    let of = "power-domains = <&scmi_power 1>; power-domain-names = \"gpu\";";
    let mut guest = Guest::builder().board(Board::demo()).consumer("gfx", of).boot()?;
    let gfx = Consumer::new("gfx");
    // The driver needs nothing yet.
    assert_eq!(
        guest.wait_until("grep off-0 /sys/kernel/debug/pm_genpd/gpu/current_state")?,
        "off-0"
    );
    assert_eq!(state(&mut guest, "gpu")?, "off");

    let trace = Trace::start(&mut guest, POWER)?;
    gfx.write(&mut guest, "domains/gpu/on", 1)?;
    assert_eq!(state(&mut guest, "gpu")?, "on");
    let gpu = domain(&mut guest, "gpu")?;
    assert_eq!(
        (gpu.status.as_str(), &*gpu.devices),
        ("on", &[("gfx".into(), "active".into())][..])
    );
    gfx.write(&mut guest, "domains/gpu/on", 1)?;
    gfx.write(&mut guest, "domains/gpu/on", 0)?;
    assert_eq!(state(&mut guest, "gpu")?, "on", "it was taken twice");
    gfx.write(&mut guest, "domains/gpu/on", 0)?;
    assert_eq!(state(&mut guest, "gpu")?, "off");
    let gpu = domain(&mut guest, "gpu")?;
    assert_eq!(
        (gpu.status.as_str(), &*gpu.devices),
        ("off-0", &[("gfx".into(), "suspended".into())][..])
    );
    // No flag: the answer comes when the change is over. Then Linux reads it back.
    let sent = trace.commands(&mut guest)?;
    let order: Vec<u8> = sent.iter().map(|(message, _)| *message).collect();
    assert_eq!(order, [STATE_SET, STATE_GET, STATE_SET, STATE_GET]);
    assert_eq!(sets(&sent), [[0, 1, ON], [0, 1, OFF]]);
    check(&mut guest, &due_on_demo([])?, &[])
}

#[test]
fn a_domain_is_on_as_long_as_one_of_its_devices_is() -> Result<()> {
    let of = "power-domains = <&scmi_power 1>; power-domain-names = \"gpu\";";
    let both =
        "power-domains = <&scmi_power 1>, <&scmi_power 2>; power-domain-names = \"gpu\", \"usb\";";
    let mut guest = Guest::builder()
        .board(Board::demo())
        .consumer("gfx", of)
        .consumer("display", both)
        .boot()?;
    let (gfx, display) = (Consumer::new("gfx"), Consumer::new("display"));
    guest.wait_until("grep off-0 /sys/kernel/debug/pm_genpd/gpu/current_state")?;
    let trace = Trace::start(&mut guest, POWER)?;
    gfx.write(&mut guest, "domains/gpu/on", 1)?;
    display.write(&mut guest, "domains/gpu/on", 1)?;
    gfx.write(&mut guest, "domains/gpu/on", 0)?;
    assert_eq!(state(&mut guest, "gpu")?, "on");
    display.write(&mut guest, "domains/gpu/on", 0)?;
    assert_eq!(state(&mut guest, "gpu")?, "off");
    assert_eq!(sets(&trace.commands(&mut guest)?), [[0, 1, ON], [0, 1, OFF]], "no more");

    // A device in several domains switches each by itself, and gives all back when its driver goes.
    display.write(&mut guest, "domains/usb/on", 1)?;
    assert_eq!((state(&mut guest, "usb")?, state(&mut guest, "gpu")?), ("on".into(), "off".into()));
    display.write(&mut guest, "domains/gpu/on", 1)?;
    display.bind(&mut guest, false)?;
    guest.wait_until("grep off-0 /sys/kernel/debug/pm_genpd/usb/current_state")?;
    guest.wait_until("grep off-0 /sys/kernel/debug/pm_genpd/gpu/current_state")?;
    assert_eq!(
        (state(&mut guest, "usb")?, state(&mut guest, "gpu")?),
        ("off".into(), "off".into())
    );
    check(&mut guest, &due_on_demo([])?, &[])
}

#[test]
fn what_nobody_uses_is_switched_off_when_linux_has_booted() -> Result<()> {
    let board = r#"
        platform.vendor = "acme"
        agent = [{ name = "vm1" }, { name = "vm2" }]
        power-domain = [{ name = "idle" }, { name = "used" }, { name = "off", enabled = false }]"#;
    let used = "power-domains = <&scmi_power 1>; power-domain-names = \"used\";";
    let all = |guest: &mut Guest| -> Result<[String; 3]> {
        Ok([state(guest, "idle")?, state(guest, "used")?, state(guest, "off")?])
    };

    let mut guest = Guest::builder().board(board).consumer("user", used).boot()?;
    Consumer::new("user").write(&mut guest, "domains/used/on", 1)?;
    // It is done beside the rest.
    guest.wait_until("grep off-0 /sys/kernel/debug/pm_genpd/idle/current_state")?;
    assert_eq!(all(&mut guest)?, ["off", "on", "off"]);
    assert!(guest.dmesg()?.contains("Disabling unused power domains"), "that is why");
    check(&mut guest, &[], &[])?;
    drop(guest);

    let mut guest = Guest::builder().board(board).kernel_args("pd_ignore_unused").boot()?;
    assert_eq!(all(&mut guest)?, ["on", "on", "off"], "as the platform left them");
    assert_eq!(domain(&mut guest, "off")?.status, "off-0");
    check(&mut guest, &[], &[])
}

#[test]
fn a_domain_that_others_keep_on_is_off_for_linux_unless_the_board_says_otherwise() -> Result<()> {
    let board = r#"
        platform.vendor = "acme"
        agent = [{ name = "vm1" }, { name = "vm2" }]
        power-domain = [
            { name = "shared", enabled = false },
            { name = "plain", shared = false, enabled = false },
        ]"#;
    let both = "power-domains = <&scmi_power 0>, <&scmi_power 1>; power-domain-names = \"shared\", \"plain\";";
    let mut guest = Guest::builder().board(board).consumer("user", both).boot()?;
    let user = Consumer::new("user");
    let other = guest.scmid()?.watch("vm2", ["power", "on", "shared", "--hold", "1h"])?;
    guest.scmid()?.wait_answered("vm2", POWER.into(), STATE_SET.into(), 1)?;
    user.write(&mut guest, "domains/shared/on", 1)?;
    user.write(&mut guest, "domains/shared/on", 0)?;
    assert_eq!(domain(&mut guest, "shared")?.status, "off-0", "Linux is told what it asked for");
    drop(other);

    // Where the real state is told, Linux takes what others do for its own failure.
    let other = guest.scmid()?.watch("vm2", ["power", "on", "plain", "--hold", "1h"])?;
    guest.scmid()?.wait_answered("vm2", POWER.into(), STATE_SET.into(), 2)?;
    user.write(&mut guest, "domains/plain/on", 1)?;
    user.write(&mut guest, "domains/plain/on", 0)?;
    assert_eq!(domain(&mut guest, "plain")?.status, "on");
    drop(other);
    check(&mut guest, &[], &[])
}
