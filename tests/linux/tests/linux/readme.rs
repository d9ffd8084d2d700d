//! The commands of README.md, run as they are printed there.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use anyhow::{Context, Result};
use scmi_test_kit::{Image, PATIENCE, Process, program, workspace_root};
use tempfile::TempDir;

/// The block of shell commands that has `needle` in it.
fn block<'text>(text: &'text str, needle: &str) -> Option<&'text str> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.into_iter().find(|block| block.contains(needle))
}

#[test]
fn a_guest_of_your_own_boots_and_sees_the_demo_board() -> Result<()> {
    let readme = fs::read_to_string(workspace_root().join("README.md"))?;
    let commands = block(&readme, "-kernel Image").context("README.md starts no guest")?;
    // The programs are built already, and stand elsewhere.
    let build = |line: &&str| !line.starts_with("cargo build") && !line.starts_with("PATH=");
    let commands: Vec<&str> = commands.lines().filter(build).collect();
    let script = format!("set -e\ntrap 'kill $!' EXIT\n{}\n", commands.join("\n"));

    let dir = TempDir::with_prefix("scmi-readme-")?;
    let image = Image::find()?;
    symlink(image.kernel, dir.path().join("Image"))?;
    symlink(image.initrd, dir.path().join("root.cpio.gz"))?;
    symlink(workspace_root().join("examples"), dir.path().join("examples"))?;
    let programs = program("scmid")?;
    let programs = programs.parent().context("scmid is nowhere")?;
    let path = format!("{}:{}", programs.display(), std::env::var("PATH")?);
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(dir.path()).env("PATH", path);
    let mut shell = Process::start_group("the commands of README.md", &mut shell)?;

    let wait = |shell: &Process, needle: &str| {
        let seen = |text: &str| text.contains(needle).then_some(());
        let result = shell.output().wait(0, PATIENCE, needle, seen);
        result.with_context(|| shell.errors().since(0))
    };
    wait(&shell, "guest# ")?;
    shell.write(b"cat /sys/class/hwmon/*/temp1_label; echo label $?\n")?;
    wait(&shell, "\ncpu\nlabel 0\n")?;
    shell.write(b"poweroff\n")?;
    let status = shell.wait(PATIENCE)?;
    assert!(status.success(), "{status}: {}", shell.errors().since(0));
    Ok(())
}
