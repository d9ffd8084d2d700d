//! The guest's kernels, from the source that Debian ships: the one that the tests boot, and one that loads modules in Rust
//! and has SCMI's transport over virtio as a module, so that ours can take its place.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use scmi_test_kit::Cache;

use crate::apt;
use crate::command::run;
use crate::guest::compiler::Compiler;
use crate::guest::entry;
use crate::setup::KERNEL_SOURCE;

/// What the kernel has beyond the bare minimum.
const CONFIG: &str = include_str!("../../guest/kernel.config");

/// What differs in the kernel for modules in Rust.
const RUST_CONFIG: [(&str, &str); 1] =
    [("CONFIG_ARM_SCMI_TRANSPORT_VIRTIO=y", "CONFIG_ARM_SCMI_TRANSPORT_VIRTIO=m\nCONFIG_RUST=y")];

/// Goes into the hash: count up when the steps below change what comes out.
const RECIPE: &str = "2";

/// What of the built source a module needs that is compiled later: `make -C build M=...`. The kernel is built inside
/// its source because nothing then knows where that is, so the entry may be renamed.
const FOR_MODULES: &[&str] = &[
    "Makefile",
    ".config",
    "Module.symvers",
    "include",
    "scripts",
    "arch/arm64/Makefile",
    "arch/arm64/include",
];

/// What a module in Rust needs beside that, one of SCMI's core among it. The kernel's own transport is in there, too.
const FOR_RUST: &[&str] = &["rust", "drivers/firmware/arm_scmi", ".rustfmt.toml", ".clippy.toml"];

/// The kernel's own transport, in `build` of the kernel that has it as a module.
const C_TRANSPORT: &str = "build/drivers/firmware/arm_scmi/transports/scmi_transport_virtio.ko";

/// A finished kernel: a directory with its `Image`, its `config` and its `release`, and in `build` what modules are built with.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    dir: PathBuf,
    compiler: Compiler,
}

impl Kernel {
    /// The one that the tests boot.
    pub(crate) fn ordinary(cache: &Cache) -> Result<Self> {
        Self::make(cache, "kernel", CONFIG.to_owned(), Compiler::Gcc)
    }

    /// The one that loads modules in Rust.
    pub(crate) fn with_rust(cache: &Cache) -> Result<Self> {
        Self::make(cache, "kernel-rust", rust_config(), Compiler::with_rust(cache)?)
    }

    fn make(cache: &Cache, name: &str, config: String, compiler: Compiler) -> Result<Self> {
        let version = apt::installed(KERNEL_SOURCE)
            .with_context(|| format!("{KERNEL_SOURCE} is not installed"))?;
        let inputs = [RECIPE, &version, &compiler.version()?, &config];
        let dir = entry(cache, name, &inputs, |dir| {
            let log = cache.root().join(format!("{name}-build.log"));
            println!(
                "building the guest's {name}, linux {version}, once: 5 to 13 minutes on two cores"
            );
            println!("  its log is {}", log.display());
            let started = Instant::now();
            build(dir, &config, &compiler, &log)?;
            println!("  done after {} s", started.elapsed().as_secs());
            Ok(())
        })?;
        Ok(Self { dir, compiler })
    }

    /// Where it is; the name says what it was made from.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// `make`, to build a module.
    pub(crate) fn modules(&self) -> Command {
        self.compiler.make_in(&self.dir.join("build"))
    }

    /// The kernel itself.
    pub(crate) fn image(&self) -> PathBuf {
        self.dir.join("Image")
    }

    /// What `uname -r` says.
    pub(crate) fn release(&self) -> Result<String> {
        let path = self.dir.join("release");
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text.trim().to_owned())
    }

    /// The kernel's own transport as a module, if it has it as one.
    pub(crate) fn c_transport(&self) -> PathBuf {
        self.dir.join(C_TRANSPORT)
    }
}

/// The configuration with what differs.
fn rust_config() -> String {
    RUST_CONFIG.iter().fold(CONFIG.to_owned(), |config, (from, to)| config.replace(from, to))
}

fn build(dir: &Path, config: &str, compiler: &Compiler, log: &Path) -> Result<()> {
    let source = dir.join("source");
    fs::create_dir(&source)?;
    let archive = format!("/usr/src/{KERNEL_SOURCE}.tar.xz");
    let mut unpack = Command::new("tar");
    unpack.args(["--extract", "--strip-components=1", "--file", &archive, "--directory"]);
    run(unpack.arg(&source))?;

    let fragment = dir.join("fragment");
    fs::write(&fragment, config)?;
    let log_file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let build = |target: &str| {
        let mut make = compiler.make_in(&source);
        make.arg("--silent").arg(target);
        make.env("KCONFIG_ALLCONFIG", &fragment);
        make.stdout(log_file.try_clone()?).stderr(log_file.try_clone()?);
        run(&mut make).map_err(|error| error.context(tail(log)))
    };
    build("allnoconfig")?;
    build("olddefconfig")?;
    check_config(config, &fs::read_to_string(source.join(".config"))?)?;
    build("Image")?;
    // Even without modules: this writes down which symbols the kernel exports.
    build("modules")?;

    fs::rename(source.join("arch/arm64/boot/Image"), dir.join("Image"))?;
    fs::copy(source.join(".config"), dir.join("config"))?;
    fs::copy(source.join("include/config/kernel.release"), dir.join("release"))?;
    let rust = if matches!(compiler, Compiler::Llvm { .. }) { FOR_RUST } else { &[] };
    keep_for_modules(&source, &dir.join("build"), FOR_MODULES.iter().chain(rust))?;
    fs::remove_dir_all(source)?;
    fs::remove_file(fragment)?;
    Ok(())
}

fn keep_for_modules<'paths>(
    source: &Path,
    kept: &Path,
    paths: impl Iterator<Item = &'paths &'paths str>,
) -> Result<()> {
    for path in paths {
        let (from, to) = (source.join(path), kept.join(path));
        fs::create_dir_all(to.parent().unwrap_or(kept))?;
        fs::rename(&from, &to).with_context(|| format!("the built kernel has no {path}"))?;
    }
    Ok(())
}

/// Kconfig drops what it does not know or what lacks a dependency without a word; we do not.
fn check_config(wanted: &str, config: &str) -> Result<()> {
    let missing: Vec<&str> = wanted
        .lines()
        .filter(|line| line.starts_with("CONFIG_") && !config.lines().any(|set| set == *line))
        .collect();
    if !missing.is_empty() {
        bail!(
            "the kernel does not take these symbols of its configuration: {}",
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
        assert!(check_config(CONFIG, &full).is_ok(), "all of them are there");
        let without = full.replace("CONFIG_IIO_SCMI=y", "# CONFIG_IIO_SCMI is not set");
        let error = check_config(CONFIG, &without).unwrap_err().to_string();
        assert!(error.ends_with(": CONFIG_IIO_SCMI=y"), "{error}");
    }

    #[test]
    fn the_kernel_for_rust_has_the_transport_as_a_module() {
        let config = rust_config();
        let has = |line| config.lines().any(|set| set == line);
        assert!(has("CONFIG_ARM_SCMI_TRANSPORT_VIRTIO=m") && has("CONFIG_RUST=y"));
        assert!(!has("CONFIG_ARM_SCMI_TRANSPORT_VIRTIO=y"));
    }
}
