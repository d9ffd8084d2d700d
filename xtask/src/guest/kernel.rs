//! The guest's kernel, from the source that Debian ships.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use scmi_test_kit::Cache;

use crate::apt;
use crate::command::{output, run};
use crate::guest::entry;
use crate::setup::KERNEL_SOURCE;

/// What the kernel has beyond the bare minimum.
const CONFIG: &str = include_str!("../../guest/kernel.config");

const COMPILER: &str = "aarch64-linux-gnu-";

/// Goes into the hash: count up when the steps below change what comes out.
const RECIPE: &str = "2";

/// What of the built source a module needs that is compiled later: `make -C build M=...`. The kernel is built inside
/// its source because nothing then knows where that is, so the entry may be renamed.
const FOR_MODULES: [&str; 7] = [
    "Makefile",
    ".config",
    "Module.symvers",
    "include",
    "scripts",
    "arch/arm64/Makefile",
    "arch/arm64/include",
];

/// The directory with the finished `Image`, its `config` and its `release`, and in `build` what modules are built with.
pub(crate) fn make(cache: &Cache) -> Result<PathBuf> {
    let version = apt::installed(KERNEL_SOURCE)
        .with_context(|| format!("{KERNEL_SOURCE} is not installed"))?;
    let compiler = output(Command::new(format!("{COMPILER}gcc")).arg("--version"))?;
    let compiler = compiler.lines().next().unwrap_or_default();
    entry(cache, "kernel", &[RECIPE, &version, compiler, CONFIG], |dir| {
        let log = cache.root().join("kernel-build.log");
        println!(
            "building the guest's kernel, linux {version}, once: about 5 minutes on two cores"
        );
        println!("  its log is {}", log.display());
        let started = Instant::now();
        build(dir, &log)?;
        println!("  done after {} s", started.elapsed().as_secs());
        Ok(())
    })
}

fn build(dir: &Path, log: &Path) -> Result<()> {
    let source = dir.join("source");
    fs::create_dir(&source)?;
    let archive = format!("/usr/src/{KERNEL_SOURCE}.tar.xz");
    let mut unpack = Command::new("tar");
    unpack.args(["--extract", "--strip-components=1", "--file", &archive, "--directory"]);
    run(unpack.arg(&source))?;

    let fragment = dir.join("fragment");
    fs::write(&fragment, CONFIG)?;
    let log_file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let build = |target: &str| {
        let mut make = make_in(&source);
        make.arg("--silent").arg(target);
        make.env("KCONFIG_ALLCONFIG", &fragment);
        make.stdout(log_file.try_clone()?).stderr(log_file.try_clone()?);
        run(&mut make).map_err(|error| error.context(tail(log)))
    };
    build("allnoconfig")?;
    build("olddefconfig")?;
    check_config(&fs::read_to_string(source.join(".config"))?)?;
    build("Image")?;
    // There are no modules: this writes down which symbols the kernel exports.
    build("modules")?;

    fs::rename(source.join("arch/arm64/boot/Image"), dir.join("Image"))?;
    fs::copy(source.join(".config"), dir.join("config"))?;
    fs::copy(source.join("include/config/kernel.release"), dir.join("release"))?;
    keep_for_modules(&source, &dir.join("build"))?;
    fs::remove_dir_all(source)?;
    fs::remove_file(fragment)?;
    Ok(())
}

/// The kernel's `make` in its source, or in what an entry kept of it.
pub(super) fn make_in(source: &Path) -> Command {
    let mut make = Command::new("make");
    make.arg("--directory").arg(source);
    make.arg(format!("--jobs={}", thread::available_parallelism().map_or(2, usize::from)));
    make.args(["ARCH=arm64", &format!("CROSS_COMPILE={COMPILER}")]);
    make.args([
        "KBUILD_BUILD_USER=scmi",
        "KBUILD_BUILD_HOST=scmi",
        "KBUILD_BUILD_TIMESTAMP=1970-01-01",
    ]);
    make.env_remove("MAKEFLAGS");
    make
}

fn keep_for_modules(source: &Path, kept: &Path) -> Result<()> {
    for path in FOR_MODULES {
        let (from, to) = (source.join(path), kept.join(path));
        fs::create_dir_all(to.parent().unwrap_or(kept))?;
        fs::rename(&from, &to).with_context(|| format!("the built kernel has no {path}"))?;
    }
    Ok(())
}

/// Kconfig drops what it does not know or what lacks a dependency without a word; we do not.
fn check_config(config: &str) -> Result<()> {
    let missing: Vec<&str> = CONFIG
        .lines()
        .filter(|line| line.starts_with("CONFIG_") && !config.lines().any(|set| set == *line))
        .collect();
    if !missing.is_empty() {
        bail!(
            "the kernel does not take these symbols of xtask/guest/kernel.config: {}",
            missing.join(", ")
        );
    }
    ensure!(
        config.contains("CONFIG_ARM64=y"),
        "the kernel was configured for another architecture"
    );
    Ok(())
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().saturating_sub(30);
    format!(
        "the last lines of {}:\n{}\n",
        log.display(),
        lines.get(last..).unwrap_or_default().join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_that_did_not_take_is_named() {
        let full = format!("CONFIG_ARM64=y\n{CONFIG}");
        assert!(check_config(&full).is_ok(), "all of them are there");
        let without = full.replace("CONFIG_IIO_SCMI=y", "# CONFIG_IIO_SCMI is not set");
        let error = check_config(&without).unwrap_err().to_string();
        assert!(error.ends_with(": CONFIG_IIO_SCMI=y"), "{error}");
    }
}
