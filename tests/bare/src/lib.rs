//! What the tests in `tests/` share: each runs a program of `guest/` in QEMU and reads what it printed.

use anyhow::{Result, ensure};
use scmi_test_kit::{Bare, Port, Scmid, Transport};

/// A program in a machine with a device that is the daemon's first agent.
///
/// # Errors
/// When it was not built.
pub fn attached(program: &str, scmid: &Scmid, transport: Transport, gic: u32) -> Result<Bare> {
    let mut bare = Bare::new(program)?;
    bare.machine.gic = gic;
    bare.machine.port = Some(Port { socket: scmid.socket("vm1"), transport });
    Ok(bare)
}

/// Checks that the lines are there, in their order, each at the begin of a line.
///
/// # Errors
/// When one is not, with all that was printed.
pub fn check_lines(printed: &str, wanted: &[&str]) -> Result<()> {
    let mut lines = printed.lines();
    for wanted in wanted {
        let found = lines.any(|line| line.starts_with(wanted));
        ensure!(found, "`{wanted}` is not there, or not in its place, in:\n{printed}");
    }
    Ok(())
}
