//! The power of the whole system: what the operator orders reaches Linux, and what a guest asks for reaches the operator.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Guest, PATIENCE, Scmid, program};
use serde_json::json;
use tempfile::TempDir;

/// A guest that controls nothing, and an agent of the operator's own, who does.
const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "manager" }]
    [system]
    agents = ["manager"]
    vendor-states = [0x80000001]"#;

/// The orders that signals stand for, as bash writes them.
const SHUTDOWN: &str = "RTMIN+4";
const REBOOT: &str = "RTMIN+5";
const SUSPEND: &str = "RTMIN+6";

/// What init says last at a shutdown that it sees to itself. What it says before may be lost with the shell's terminal.
const GOING_DOWN: &str = "Requesting system poweroff";

/// Waits until this has appeared on the serial port; QEMU may be gone before all that it said was read.
fn says(guest: &mut Guest, text: &str) -> Result<()> {
    let found = |all: &str| all.contains(text).then_some(());
    guest.qemu().output().wait(0, PATIENCE, text, found)
}

/// Orders by signal.
fn order(guest: &mut Guest, signal: &str) -> Result<()> {
    let pid = guest.scmid()?.process().id();
    let status = Command::new("bash").args(["-c", &format!("kill -s {signal} {pid}")]).status()?;
    ensure!(status.success(), "bash cannot send {signal}");
    Ok(())
}

/// Asks for a state of the system as the operator's own agent.
fn ask(scmid: &Scmid, state: &[&str]) -> Result<()> {
    let target = format!("vhost-user:{}", scmid.socket("manager").display());
    let mut scmictl = Command::new(program("scmictl")?);
    let output = scmictl.args(["--connect", &target, "system", "set"]).args(state).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Nothing went wrong on the way, and nothing was refused.
fn is_clean(guest: &mut Guest) -> Result<()> {
    let counters = guest.counters()?;
    assert_eq!(counters.faults(), [].into());
    assert_eq!(counters.get("err_protocol")?, 0);
    assert_eq!(guest.scmid()?.counters("vm1")?.refusals, []);
    assert_eq!(guest.scmi_complaints()?, [""; 0]);
    Ok(())
}

/// What Linux's driver says of what it does.
fn make_it_talk(guest: &mut Guest) -> Result<()> {
    let control = "/sys/kernel/debug/dynamic_debug/control";
    guest.ok(&format!("echo 'file scmi_power_control.c +p' > {control}")).map(drop)
}

/// Linux's programs do nothing when it is to power off.
fn make_it_deaf(guest: &mut Guest) -> Result<()> {
    guest.ok("echo /bin/true > /proc/sys/kernel/poweroff_cmd").map(drop)
}

#[test]
fn a_graceful_shutdown_powers_the_guest_off() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    is_clean(&mut guest)?;
    order(&mut guest, SHUTDOWN)?;
    assert!(guest.qemu().wait(PATIENCE)?.success(), "QEMU ends with its guest");
    says(&mut guest, GOING_DOWN)?;
    let sent = guest.scmid()?.counters("vm1")?.get("notifications")?;
    assert_eq!(sent, 1);
    Ok(())
}

#[test]
fn a_graceful_reset_reboots_it_each_time() -> Result<()> {
    for versions in ["", "versions = { system = \"1.0\" }"] {
        let board = BOARD.replacen("name = \"vm1\"", &format!("name = \"vm1\", {versions}"), 1);
        let mut guest = Guest::builder().board(board.as_str()).may_reboot().boot()?;
        order(&mut guest, REBOOT)?;
        guest.wait_for_shell(PATIENCE)?;
        says(&mut guest, "Requesting system reboot")?;
        is_clean(&mut guest)?;
        let scmid = guest.scmid()?;
        ask(scmid, &["warm-reset", "--graceful"])?;
        guest.wait_for_shell(PATIENCE)?;
        is_clean(&mut guest)?;
    }
    Ok(())
}

#[test]
fn a_step_of_the_board_file_powers_the_guest_off() -> Result<()> {
    // Many, because only a guest that listens hears one; and it listens once its device was plugged in.
    let steps: String = (1..200)
        .map(|n| {
            format!(
                "[[system.step]]\nat = \"{} s\"\norder = \"shutdown\"\nagent = \"vm1\"\n",
                3 * n
            )
        })
        .collect();
    let mut guest = Guest::builder().board(format!("{BOARD}\n{steps}")).unplugged().boot()?;
    guest.plug_in()?;
    assert!(guest.qemu().wait(PATIENCE)?.success());
    says(&mut guest, GOING_DOWN)?;
    Ok(())
}

/// QEMU's `virt` has no firmware that suspends, so Linux begins and gives up. It tells nobody, and after that its driver
/// heeds no other order: it waits to be resumed.
#[test]
fn a_suspend_reaches_linux_which_cannot_on_this_machine() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    make_it_talk(&mut guest)?;
    order(&mut guest, SUSPEND)?;
    guest.wait_until("dmesg | grep -q 'PM: suspend exit'")?;
    let log = guest.dmesg()?;
    assert!(log.contains("Serving shutdown/reboot request: 4"), "{log}");
    assert!(log.contains("PM: suspend entry (deep)"), "{log}");
    assert_eq!(guest.ok("cat /sys/power/suspend_stats/success")?, "0");
    is_clean(&mut guest)?;
    order(&mut guest, SHUTDOWN)?;
    guest.wait_until("dmesg | grep -q 'Transition already in progress...ignore'")?;
    is_clean(&mut guest)
}

#[test]
fn what_is_not_graceful_linux_ignores_and_says_so() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    for state in ["shutdown", "cold-reset", "power-up", "vendor1"] {
        ask(guest.scmid()?, &[state])?;
    }
    guest.wait_until("dmesg | grep -q '0x80000001'")?;
    let complaints = guest.scmi_complaints()?;
    let endings = [
        "Ignoring forceful notification.",
        "Ignoring forceful notification.",
        "Ignoring unsupported system_state: 0x3",
        "Ignoring unsupported system_state: 0x80000001",
    ];
    let as_expected = complaints.iter().zip(endings).all(|(line, ending)| line.ends_with(ending));
    assert!(as_expected && complaints.len() == endings.len(), "{complaints:#?}");
    // The other way it may ask for nothing: NOT_SUPPORTED.
    assert_eq!(guest.raw().call(0x12, 3, &[1, 0, 0, 0, 0, 0, 0, 0])?.status()?, -1);
    assert_eq!(guest.raw().call(0x12, 4, &[])?.status()?, -1);
    assert_eq!(guest.counters()?.faults(), [].into());
    Ok(())
}

#[test]
fn linux_takes_three_quarters_of_the_timeout_and_then_forces_itself() -> Result<()> {
    let board = format!("{BOARD}\nshutdown-timeout = \"4 s\"");
    let mut guest = Guest::builder().board(board).boot()?;
    make_it_talk(&mut guest)?;
    make_it_deaf(&mut guest)?;
    guest.ok("dmesg -n 8")?;
    order(&mut guest, SHUTDOWN)?;
    assert!(guest.qemu().wait(PATIENCE)?.success());
    says(&mut guest, "Serving graceful req:0 (timeout_ms:4000  adj_timeout_ms:3000)")?;
    says(&mut guest, "Graceful request timed out...forcing !")?;
    assert!(!guest.transcript().contains(GOING_DOWN), "init knew nothing of it");
    Ok(())
}

#[test]
fn without_a_timeout_a_guest_that_does_not_end_is_let_be() -> Result<()> {
    let mut guest = Guest::builder().board(BOARD).boot()?;
    make_it_talk(&mut guest)?;
    make_it_deaf(&mut guest)?;
    order(&mut guest, SHUTDOWN)?;
    guest.wait_until("dmesg | grep -q 'timeout_ms:0  adj_timeout_ms:0'")?;
    is_clean(&mut guest)
}

/// A guest with a QMP socket of the daemon's own beside that of the test.
struct Machine {
    dir: TempDir,
    qmp: PathBuf,
}

impl Machine {
    fn new() -> Result<Self> {
        let dir = TempDir::with_prefix("scmi-power-")?;
        let qmp = dir.path().join("scmid.qmp");
        Ok(Self { dir, qmp })
    }

    /// The guest controls its system; requests are written to a file.
    fn boot(&self, system: &str) -> Result<Guest> {
        let board = format!(
            "platform.vendor = \"acme\"\n\
             agent = [{{ name = \"vm1\", qmp = \"{}\" }}, {{ name = \"manager\" }}]\n\
             [system]\nagents = [\"vm1\", \"manager\"]\n{system}\n\
             on-request.command = [\"sh\", \"-c\", 'echo $SCMI_AGENT $SCMI_STATE $SCMI_GRACEFUL >> \"$0\"', \"{}\"]\n",
            self.qmp.display(),
            self.requests().display(),
        );
        let qmp = format!("unix:{},server=on,wait=off", self.qmp.display());
        Guest::builder().board(board).may_reboot().qemu_args(["-qmp", &qmp]).boot()
    }

    fn requests(&self) -> PathBuf {
        self.dir.path().join("requests")
    }
}

/// Waits until the daemon has logged this.
fn logged(guest: &mut Guest, text: &str) -> Result<()> {
    let found = |log: &str| log.contains(text).then_some(());
    guest.scmid()?.process().errors().wait(0, PATIENCE, text, found)
}

/// Sends SYSTEM_POWER_STATE_SET, not graceful, through raw mode, and waits for nothing: the guest may be gone.
fn state_set(guest: &mut Guest, state: u8) -> Result<()> {
    let raw = "/sys/kernel/debug/scmi/0/raw/message";
    guest.send(&format!(
        "printf '\\x03\\x48\\xfc\\x0f\\0\\0\\0\\0\\x{state:02x}\\0\\0\\0' > {raw}\n"
    ))
}

fn lines(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).context("nothing was requested")?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Linux never sends STATE_SET; raw mode does.
#[test]
fn a_guest_resets_and_ends_its_own_machine() -> Result<()> {
    let machine = Machine::new()?;
    let mut guest = machine.boot("separate = true")?;
    let refused = guest.raw().call(0x12, 3, &[2, 0, 0, 0, 0, 0, 0, 0])?;
    assert_eq!(refused.status()?, -2, "reserved flags");
    let refused = guest.raw().call(0x12, 3, &[0, 0, 0, 0, 5, 0, 0, 0])?;
    assert_eq!(refused.status()?, -2, "a reserved state");
    assert_eq!(guest.raw().call(0x12, 4, &[])?.word(2)?, 3, "it is on");
    assert_eq!(guest.counters()?.faults(), [].into());
    guest.ok("touch /tmp/mark")?;
    state_set(&mut guest, 1)?;
    guest.wait_for_shell(PATIENCE)?;
    assert_eq!(guest.ok("ls /tmp")?, "", "it was reset");
    assert_eq!(guest.raw().call(0x12, 4, &[])?.word(2)?, 3, "it is on again");
    assert_eq!(guest.counters()?.faults(), [].into());
    state_set(&mut guest, 0)?;
    assert!(guest.qemu().wait(PATIENCE)?.success(), "quit is no crash");
    logged(&mut guest, "machine of vm1: system_reset")?;
    logged(&mut guest, "machine of vm1: quit")?;
    assert_eq!(lines(&machine.requests())?, ["vm1 cold-reset no", "vm1 shutdown no"]);
    Ok(())
}

#[test]
fn the_manager_stops_continues_and_ends_a_machine() -> Result<()> {
    let machine = Machine::new()?;
    let mut guest = machine.boot("")?;
    let status = |guest: &mut Guest| -> Result<String> {
        let status = guest.qmp()?.execute("query-status", &json!({}))?;
        Ok(status["status"].as_str().context("no status")?.to_owned())
    };
    ask(guest.scmid()?, &["suspend"])?;
    logged(&mut guest, "machine of vm1: stop")?;
    assert_eq!(status(&mut guest)?, "paused");
    ask(guest.scmid()?, &["power-up"])?;
    logged(&mut guest, "machine of vm1: cont")?;
    assert_eq!(status(&mut guest)?, "running");
    assert_eq!(guest.raw().call(0x12, 0, &[])?.status()?, 0, "it talks on");
    assert_eq!(guest.counters()?.faults(), [].into());
    ask(guest.scmid()?, &["shutdown"])?;
    assert!(guest.qemu().wait(PATIENCE)?.success());
    Ok(())
}

#[test]
fn a_guest_that_does_not_listen_is_ended_when_its_time_is_over() -> Result<()> {
    let machine = Machine::new()?;
    let mut guest = machine.boot("shutdown-timeout = \"2 s\"")?;
    guest.ok("cd /sys/bus/scmi_protocol/drivers/scmi-system-power && echo scmi_dev.* > unbind")?;
    order(&mut guest, SHUTDOWN)?;
    assert!(guest.qemu().wait(PATIENCE)?.success());
    logged(&mut guest, "machine of vm1: still runs 2s after it was to end")?;
    assert!(!guest.transcript().contains(GOING_DOWN));
    Ok(())
}
