//! Two Linux guests at once on a board that is divided among them.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use scmi_test_kit::{Board, Guest, Scmid, workspace_root};
use scmi_tests_linux::clock_summary;

/// What stands in files of the guest, a line each.
fn lines(guest: &mut Guest, files: &str) -> Result<BTreeSet<String>> {
    Ok(guest.ok(&format!("cat {files}"))?.lines().map(str::to_owned).collect())
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn each_of_two_guests_finds_its_own_part_of_the_board() -> Result<()> {
    let board = workspace_root().join("examples/two-guests.toml");
    let scmid = Scmid::start(&Board::File(board))?;
    let mut media = Guest::builder().agent("media").daemon(&scmid).boot()?;
    let mut gateway = Guest::builder().agent("gateway").daemon(&scmid).boot()?;
    let cases = [
        (
            &mut media,
            &["gpu", "osc", "pixel"][..],
            &["vdd-display", "vdd-io"][..],
            &["board", "gpu"][..],
        ),
        (&mut gateway, &["osc", "uart"], &["vdd-io"], &["board"]),
    ];
    for (guest, clocks, rails, sensors) in cases {
        let found = clock_summary(guest)?.into_iter().map(|clock| clock.name);
        // One is of QEMU's machine.
        let found = found.filter(|name| name != "clk24mhz").collect::<BTreeSet<_>>();
        assert_eq!(found, set(clocks));
        let mut found = lines(guest, "/sys/class/regulator/*/name")?;
        found.remove("regulator-dummy");
        assert_eq!(found, set(rails));
        assert_eq!(lines(guest, "/sys/class/hwmon/*/temp*_label")?, set(sensors));
        let complaints = guest.scmi_complaints()?;
        ensure!(complaints.is_empty(), "Linux complains:\n{}", complaints.join("\n"));
        let counters = guest.counters()?;
        ensure!(counters.faults().is_empty(), "Linux counted {:?}", counters.faults());
    }
    Ok(())
}
