//! The guest's device tree: QEMU's own, with a board's SCMI node and a test's additions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::machine::Machine;
use crate::programs::program;

/// Writes the device tree for `machine` into `dir`: QEMU's own, then what `scmictl dt` makes of
/// the board as `agent` sees it (which need not be said where all see the same), then the fragments, which are device-tree source that may refer to nodes by the
/// labels of `scmictl dt` (`&scmi_sensor`) and by path.
///
/// # Errors
/// When QEMU, `scmictl` or `dtc` fails, with what it said.
pub fn make_device_tree(
    machine: &Machine,
    board: Option<&Path>,
    agent: Option<&str>,
    fragments: &[String],
    dir: &Path,
) -> Result<PathBuf> {
    let mut tree = dir.join("virt.dtb");
    run(&mut machine.dump_device_tree(&tree))?;
    let scmictl = |board: &Path| -> Result<Command> {
        let mut command = Command::new(program("scmictl")?);
        command.arg("dt").arg("--board").arg(board);
        if let Some(agent) = agent {
            command.arg("--agent").arg(agent);
        }
        Ok(command)
    };
    if let Some(board) = board {
        let with_scmi = dir.join("scmi.dtb");
        run(scmictl(board)?.arg("--base").arg(&tree).arg("-o").arg(&with_scmi))?;
        tree = with_scmi;
    }
    if !fragments.is_empty() {
        // The same nodes a second time, as source, which adds nothing but their labels.
        let labels = board.map(|board| run(&mut scmictl(board)?)).transpose()?;
        tree = merge(&tree, labels.as_deref().unwrap_or_default(), fragments, dir)?;
    }
    Ok(tree)
}

fn merge(tree: &Path, labels: &str, fragments: &[String], dir: &Path) -> Result<PathBuf> {
    let mut source = run(Command::new("dtc").args(["-q", "-I", "dtb", "-O", "dts"]).arg(tree))?;
    // The line that starts a file may stand at its start only.
    source.extend(labels.lines().filter(|line| *line != "/dts-v1/;").flat_map(|line| ["\n", line]));
    source.extend(fragments.iter().flat_map(|fragment| ["\n", fragment.as_str()]));
    let (text, merged) = (dir.join("merged.dts"), dir.join("merged.dtb"));
    fs::write(&text, source).with_context(|| format!("cannot write {}", text.display()))?;
    run(Command::new("dtc").args(["-q", "-I", "dts", "-O", "dtb", "-o"]).arg(&merged).arg(&text))?;
    Ok(merged)
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} failed ({}):\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
