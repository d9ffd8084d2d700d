//! What a driver in Linux does with reset domains, and that it reaches the board: the second agent is told of resets.

use anyhow::{Context, Result};
use scmi_test_kit::{Guest, PATIENCE, Process};
use scmi_tests_linux::{Consumer, Trace, check, due};
use serde_json::Value;

const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]
    reset-domain = [
        { name = "ethernet", latency = "20 ms" },
        { name = "video", latency = "5 ms", async = false },
        { name = "watchdog", hold = false },
        { name = "a reset with a name beyond fifteen bytes", agents = ["vm2"] },
    ]"#;

const PROTOCOL: u8 = 0x16;
const RESET: u8 = 0x4;
const NOTIFY: u8 = 0x5;

fn boot() -> Result<(Guest, Consumer)> {
    let resets = "resets = <&scmi_reset 0>, <&scmi_reset 1>, <&scmi_reset 2>, <&scmi_reset 3>;\
                  reset-names = \"ethernet\", \"video\", \"watchdog\", \"foreign\";";
    let guest = Guest::builder().board(BOARD).consumer("card", resets).boot()?;
    Ok((guest, Consumer::new("card")))
}

/// The second agent, told of all resets.
fn watch(guest: &mut Guest) -> Result<Process> {
    let watch = guest.scmid()?.watch("vm2", ["reset", "watch"])?;
    guest.scmid()?.wait_answered("vm2", PROTOCOL.into(), NOTIFY.into(), 4)?;
    Ok(watch)
}

/// The names of the domains that it was told of, once there are that many.
fn told(watch: &Process, count: usize) -> Result<Vec<String>> {
    watch.output().wait(0, PATIENCE, &format!("{count} resets"), |text| {
        let lines: Vec<&str> = text.lines().collect();
        let names = lines.iter().map(|line| {
            let event: Value = serde_json::from_str(line).ok()?;
            Some(event.get("name")?.as_str()?.to_owned())
        });
        names.collect::<Option<Vec<String>>>().filter(|names| names.len() >= count)
    })
}

#[test]
fn a_reset_is_held_and_let_go() -> Result<()> {
    let (mut guest, card) = boot()?;
    let watch = watch(&mut guest)?;
    let trace = Trace::start(&mut guest, PROTOCOL)?;
    card.write(&mut guest, "resets/ethernet/assert", 1)?;
    assert_eq!(told(&watch, 1)?, ["ethernet"]);
    card.write(&mut guest, "resets/ethernet/assert", 0)?;
    card.write(&mut guest, "resets/video/assert", 1)?;
    card.write(&mut guest, "resets/video/assert", 0)?;
    assert_eq!(told(&watch, 2)?, ["ethernet", "video"], "letting go is none");
    // The domain; hold (2) or let go (0); the architecture's cold reset.
    let sent: Vec<Vec<u32>> = trace.commands(&mut guest)?.into_iter().map(|sent| sent.1).collect();
    assert_eq!(sent, [[0, 2, 0], [0, 0, 0], [1, 2, 0], [1, 0, 0]]);
    assert_eq!(guest.scmid()?.counters("vm1")?.answered(PROTOCOL.into(), RESET.into()), 4);
    // The protocol cannot tell, so Linux does not try: ENOTSUPP, for which C libraries have no words.
    assert_eq!(card.unreadable(&mut guest, "resets/ethernet/status")?, "Unknown error 524");
    check(&mut guest, &[], &[])
}

#[test]
fn a_cycle_is_asynchronous_where_the_domain_can_that() -> Result<()> {
    let (mut guest, card) = boot()?;
    let watch = watch(&mut guest)?;
    let trace = Trace::start(&mut guest, PROTOCOL)?;
    card.write(&mut guest, "resets/ethernet/reset", 1)?;
    let dumped = trace.take(&mut guest)?;
    // Linux waited for the delayed response, which says which domain it was, before the write ended.
    let command = dumped.iter().find(|dumped| dumped.kind == "CMND").context("no command")?;
    assert_eq!((command.message, command.words()?), (RESET, vec![0, 1 | 4, 0]));
    let delayed = dumped.iter().find(|dumped| dumped.kind == "DLYD").context("no response")?;
    assert_eq!((delayed.status, delayed.words()?), (0, vec![0]));
    assert_eq!(guest.counters()?.get("delayed_response_ok")?, 1);
    assert_eq!(told(&watch, 1)?, ["ethernet"]);

    // This one cannot: the answer itself comes when the cycle is over.
    card.write(&mut guest, "resets/video/reset", 1)?;
    assert_eq!(trace.commands(&mut guest)?, [(RESET, vec![1, 1, 0])]);
    assert_eq!(guest.counters()?.get("delayed_response_ok")?, 1);
    card.write(&mut guest, "resets/watchdog/reset", 1)?;
    assert_eq!(told(&watch, 3)?, ["ethernet", "video", "watchdog"]);
    check(&mut guest, &[], &[])
}

#[test]
fn delayed_responses_come_after_their_answers_each_time() -> Result<()> {
    let (mut guest, card) = boot()?;
    // Without a cycle's time between the two, and a guest that has to wait for the host's processors like everybody here.
    for _ in 0..5 {
        guest.ok(&format!(
            "for i in $(seq 30); do echo 1 > {} || exit 1; done",
            card.path("resets/watchdog/reset")
        ))?;
    }
    assert_eq!(guest.counters()?.get("delayed_response_ok")?, 150);
    check(&mut guest, &[], &[])
}

#[test]
fn what_a_domain_cannot_or_the_guest_may_not_is_an_error() -> Result<()> {
    let (mut guest, card) = boot()?;
    let watch = watch(&mut guest)?;
    let refused = card.refused(&mut guest, "resets/watchdog/assert", 1)?;
    assert_eq!(refused, "Operation not supported");
    assert_eq!(card.refused(&mut guest, "resets/foreign/reset", 1)?, "Permission denied");
    assert_eq!(card.refused(&mut guest, "resets/foreign/assert", 1)?, "Permission denied");
    card.write(&mut guest, "resets/ethernet/reset", 1)?;
    assert_eq!(told(&watch, 1)?, ["ethernet"], "the first that anybody was told of");
    let (protocol, reset) = (PROTOCOL.into(), RESET.into());
    let refused = [due(protocol, reset, "NOT_SUPPORTED", 1), due(protocol, reset, "DENIED", 2)];
    check(&mut guest, &refused, &[])
}
