//! Whether all went well between Linux and the daemon.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use scmi::protocol::sensor::platform::Intervals;
use scmi_board::Board;
use scmi_test_kit::{Guest, Refusal, workspace_root};

/// Refusals that are due, and how often each.
#[must_use]
pub fn due(protocol: u32, message: u32, status: &str, count: u64) -> Refusal {
    Refusal { protocol, message, status: status.to_owned(), count }
}

/// The refusals that are due whenever Linux boots on the demo board, and these.
///
/// # Errors
/// When the demo board cannot be read.
pub fn due_on_demo(more: impl IntoIterator<Item = Refusal>) -> Result<Vec<Refusal>> {
    let board = Board::load(workspace_root().join("examples/demo.toml"))?;
    let without =
        board.sensors.iter().filter(|sensor| sensor.description.intervals == Intervals::None);
    let mut all = vec![
        // Every sensor is asked for its update intervals, also those that have none.
        due(0x15, 0x8, "NOT_SUPPORTED", u64::try_from(without.count())?),
        // The domain of the processors is on, and no device is in it: Linux tries to switch it off. Nobody may.
        due(0x11, 0x4, "DENIED", 1),
    ];
    all.extend(more);
    Ok(all)
}

/// Checks that Linux and the daemon agree that nothing went wrong but what was due: no complaint of Linux beside those
/// that have one of `words` in them, none of its counters of faults, and the daemon refused `refusals` and nothing else, all of
/// which Linux counted.
///
/// # Errors
/// When it is not so.
pub fn check(guest: &mut Guest, refusals: &[Refusal], words: &[&str]) -> Result<()> {
    let mut complaints = guest.scmi_complaints()?;
    complaints.retain(|line| !words.iter().any(|word| line.contains(word)));
    ensure!(complaints.is_empty(), "Linux complains:\n{}", complaints.join("\n"));
    let counters = guest.counters()?;
    ensure!(counters.faults().is_empty(), "Linux counted {:?}", counters.faults());
    let daemon = guest.scmid()?.counters("vm1")?;
    let sorted = |refusals: &[Refusal]| refusals.iter().cloned().collect::<BTreeSet<_>>();
    ensure!(
        sorted(&daemon.refusals) == sorted(refusals),
        "scmid refused {:#?}\nbut due is {refusals:#?}",
        daemon.refusals
    );
    let (seen, refused) = (counters.get("err_protocol")?, daemon.get("refused")?);
    ensure!(seen == refused, "Linux saw {seen} refusals, scmid counted {refused}");
    Ok(())
}
