//! `scmictl` in the guest, through the raw mode of its kernel: the platform of any machine that has it.

use anyhow::{Context, Result};
use scmi_test_kit::{Board, Guest, guest_program};
use serde_json::Value;

/// Where the guest's kernel shows its platform.
const RAW: &str = "scmictl --connect raw:/sys/kernel/debug/scmi/0";

/// A guest of the demo board with our tool in it.
fn guest() -> Result<Guest> {
    // The scheduler would change the processors' level between two looks.
    let still = "cpufreq.default_governor=performance";
    let guest = Guest::builder().board(Board::demo()).kernel_args(still);
    guest.file("/bin/scmictl", guest_program("scmictl")?).boot()
}

/// What the tool in the guest says.
fn inside(guest: &mut Guest, arguments: &str) -> Result<Value> {
    let text = guest.ok(&format!("{RAW} --json {arguments}"))?;
    serde_json::from_str(&text).with_context(|| format!("{arguments}: {text}"))
}

/// What another agent of the same platform is told.
fn outside(guest: &mut Guest, arguments: &str) -> Result<Value> {
    guest.scmid()?.ask("vm2", arguments.split_whitespace())
}

#[test]
fn the_tool_sees_through_linux_what_another_agent_sees() -> Result<()> {
    let mut guest = guest()?;
    let list = inside(&mut guest, "list")?;
    assert_eq!(list["agent"]["name"], "vm1");
    let protocols = list["protocols"].as_array().context("a list")?;
    assert_eq!(protocols.len(), 10, "{list}");
    assert_eq!(list["protocols"], outside(&mut guest, "list")?["protocols"]);
    for what in [
        "clock list",
        "perf list",
        // The processors' level and supply are Linux's own to change.
        "perf get gpu",
        "power list",
        "voltage list",
        "reset list",
        "powercap list",
        "sensor list",
        "pinctrl list",
        "pinctrl groups",
        "pinctrl functions",
    ] {
        assert_eq!(inside(&mut guest, what)?, outside(&mut guest, what)?, "{what}");
    }
    let ours = inside(&mut guest, "voltage get vneg")?;
    let theirs = outside(&mut guest, "voltage get vneg")?;
    assert_eq!(ours[0]["level_v"], theirs[0]["level_v"]);
    // Who may switch a rail is told what it asked for itself: Linux found it on, and holds it since.
    assert_eq!((&ours[0]["mode"], &theirs[0]["mode"]), (&"on".into(), &"off".into()));
    assert_eq!(guest.counters()?.faults(), [].into());
    Ok(())
}

#[test]
fn what_the_tool_sets_through_linux_is_set() -> Result<()> {
    let mut guest = guest()?;
    inside(&mut guest, "clock set uart 48MHz")?;
    assert_eq!(outside(&mut guest, "clock get uart")?[0]["rate_hz"], 48_000_000);
    inside(&mut guest, "voltage set vdd_sd 1.8V")?;
    assert_eq!(outside(&mut guest, "voltage get vdd_sd")?[0]["level_v"], 1.8);
    // It takes 30 ms, and comes with a delayed response.
    inside(&mut guest, "clock set pll 1.5GHz --async")?;
    assert_eq!(outside(&mut guest, "clock get pll")?[0]["rate_hz"], 1_500_000_000);
    let reading = inside(&mut guest, "sensor get 3 --async")?;
    assert!(reading[0]["readings"][0]["value"].is_number(), "{reading}");
    let refused = guest.run(&format!("{RAW} clock set osc24m 1Hz"))?;
    assert_eq!(refused.status, 1);
    assert!(refused.text.contains("the platform answered DENIED"), "{}", refused.text);
    assert_eq!(guest.counters()?.faults(), [].into());
    Ok(())
}

#[test]
fn the_tool_watches_while_others_of_it_ask() -> Result<()> {
    let mut guest = guest()?;
    guest.ok(&format!(
        "( {RAW} clock watch uart --count 1 >/tmp/seen 2>&1; echo ended $? >>/tmp/seen ) &"
    ))?;
    let mut seen = String::new();
    for rate in ["48MHz", "24MHz"].iter().cycle().take(200) {
        outside(&mut guest, &format!("clock set uart {rate}"))?;
        // Another of them asks meanwhile, and takes neither the answers nor the events of the first.
        inside(&mut guest, "clock get uart")?;
        seen = guest.ok("cat /tmp/seen")?;
        if seen.contains("ended") {
            break;
        }
    }
    assert!(seen.contains("uart") && seen.contains("by agent 2"), "{seen}");
    assert!(seen.ends_with("ended 0"), "{seen}");

    guest.ok(&format!("{RAW} clock watch osc24m --seconds 5 >/dev/null 2>&1 &"))?;
    // Twice: whoever starts has it for a moment.
    let held = "grep -q \":$(stat -c %i /sys/kernel/debug/scmi/0/raw/notification) \" /proc/locks";
    guest.wait_until(&format!("{held} && usleep 200000 && {held}"))?;
    let second = guest.run(&format!("{RAW} clock watch --seconds 60"))?;
    assert_eq!(second.status, 3, "{}", second.text);
    assert!(second.text.contains("another process reads the notifications"), "{}", second.text);
    Ok(())
}

#[test]
fn the_platform_conforms_through_linux_too() -> Result<()> {
    let mut guest = guest()?;
    let report = inside(&mut guest, "check")?;
    assert_eq!(report["conforms"], true, "{report:#}");
    assert_eq!(report["findings"], serde_json::json!([]));
    // Linux goes on with what it does meanwhile, and finds nothing odd but protocols that it has no channel for.
    assert_eq!(guest.counters()?.faults(), [].into());
    let odd = guest.scmi_complaints()?;
    let odd: Vec<_> = odd.iter().filter(|line| !line.contains("Using Base channel for")).collect();
    assert!(odd.is_empty(), "{odd:?}");
    Ok(())
}

#[test]
fn an_instance_that_is_not_there_is_said_to_be_missing() -> Result<()> {
    let mut guest = guest()?;
    let missing = guest.run("scmictl --connect raw:/sys/kernel/debug/scmi/7 list")?;
    assert_eq!(missing.status, 3);
    assert!(missing.text.contains("no SCMI platform with that number"), "{}", missing.text);
    Ok(())
}
