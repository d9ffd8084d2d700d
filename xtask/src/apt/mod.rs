//! Debian's package manager, as far as we need it.

mod foreign;
mod source;

use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{output, run};

pub(crate) use foreign::download;
pub(crate) use source::Source;

/// The version of a package if it is installed.
pub(crate) fn installed(package: &str) -> Option<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status} ${Version}", package]);
    let answer = output(&mut query).ok()?;
    answer.strip_prefix("installed ").map(str::to_owned)
}

/// The version that a plain installation would bring, if there is one.
pub(crate) fn candidate(package: &str) -> Option<String> {
    let policy = output(Command::new("apt-cache").args(["policy", package])).ok()?;
    let line = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (line != "(none)").then(|| line.to_owned())
}

/// Whether a version is another one or later, by Debian's order.
pub(crate) fn at_least(version: &str, other: &str) -> bool {
    let mut compare = Command::new("dpkg");
    compare.args(["--compare-versions", version, "ge", other]);
    compare.status().is_ok_and(|status| status.success())
}

/// Fetches the lists of packages. A source that cannot be reached is no error yet: what is
/// needed may be on another.
pub(crate) fn update() {
    if let Err(error) = run(&mut apt_get(&["update"])) {
        eprintln!("xtask: {error:#}; going on with the lists that are there");
    }
}

/// Installs packages; `suite` is where from, if not from where Debian would take them.
pub(crate) fn install(packages: &[&str], suite: Option<&str>) -> Result<()> {
    // Nothing that is there may go for it: a compiler from Debian, say, where ours would take its place.
    let mut command = apt_get(&["install", "--yes", "--no-install-recommends", "--no-remove"]);
    command.args(suite.map(|suite| format!("--target-release={suite}"))).args(packages);
    run(&mut command).with_context(|| format!("cannot install {}", packages.join(" ")))
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    // Wait for another installation on this machine, and ask nobody anything.
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("-oDPkg::Lock::Timeout=600");
    command.args(arguments);
    command
}
