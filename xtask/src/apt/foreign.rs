//! A package of another architecture, without making this machine a machine of two.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::apt::Source;
use crate::command::output;

/// Downloads a package for arm64 (`name`, or `name=version`) into `dir`, from the release or its security updates,
/// checked by apt against the archive's signatures. Needs no rights: apt gets a state directory of its own there.
pub(crate) fn download(package: &str, dir: &Path) -> Result<PathBuf> {
    let source = Source::find()?;
    for part in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(dir.join(part))?;
    }
    let sources = dir.join("debian.sources");
    let security = format!("{}-security", source.codename);
    let security = Source::find_suite(&security)?.map(|found| found.for_suite(&security));
    let stanzas = [Some(source.for_suite(&source.codename)), security];
    fs::write(&sources, stanzas.into_iter().flatten().collect::<Vec<_>>().join("\n"))?;
    let apt = || {
        let mut command = Command::new("apt-get");
        let mut option = |name: &str, value: &str| {
            command.arg(format!("-o{name}={value}"));
        };
        option("APT::Architecture", "arm64");
        option("APT::Architectures::", "arm64");
        option("APT::Sandbox::User", "");
        option("Acquire::Languages", "none");
        option("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled", "false");
        option("Dir::State::status", "/dev/null");
        option("Dir::State::lists", &dir.join("lists").to_string_lossy());
        option("Dir::Cache", &dir.join("cache").to_string_lossy());
        option("Dir::Etc::sourcelist", &sources.to_string_lossy());
        option("Dir::Etc::sourceparts", "/dev/null");
        command.current_dir(dir);
        command
    };
    output(apt().arg("update"))?;
    output(apt().args(["download", package]))?;
    let is_package = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "deb");
    let mut files = fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path()));
    files.find(is_package).with_context(|| format!("apt downloaded no {package}"))
}
