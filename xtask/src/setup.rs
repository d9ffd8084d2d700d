//! What the tests need from Debian.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt::{self, Source};
use crate::command::{self, output};
use crate::guest;

/// Packages in any version: a compiler for the guest's kernel with what its build calls, and
/// the tools that put the guest together; tshark, which reads our traces; shells and man, which read
/// what our programs say of themselves. QEMU's network cards, which the guest of the README has
/// and ours has not, want ipxe-qemu.
const PACKAGES: [&str; 20] = [
    "bc",
    "bison",
    "cpio",
    "device-tree-compiler",
    "fish",
    "flex",
    "gcc",
    "gcc-aarch64-linux-gnu",
    "gzip",
    "ipxe-qemu",
    "kmod",
    "libc6-dev",
    "libc6-dev-arm64-cross",
    "libelf-dev",
    "libssl-dev",
    "make",
    "man-db",
    "tshark",
    "xz-utils",
    "zsh",
];

/// The kernel's source, and the oldest version that the guest was seen to work with.
pub(crate) const KERNEL_SOURCE: &str = "linux-source-6.12";
const KERNEL_VERSION: &str = "6.12.117";

/// A compiler for arm64 Linux, for toolchains that have only the machine they run on; and the oldest that compiles us.
pub(crate) const ARM_RUST: &str = "rustc-web";
const ARM_RUST_VERSION: &str = "1.95";
/// Clippy of the same compiler.
const DEBIAN_CLIPPY: &str = "rust-web-clippy";
/// What Debian's Cargo of that version formats with.
const DEBIAN_RUSTFMT: &str = "rustfmt-web";

/// What a kernel that loads modules in Rust is built with, beside [`ARM_RUST`]; and the library that bindgen reads C with.
const FOR_RUST_KERNEL: [&str; 5] =
    ["clang-19", "libclang-19-dev", "lld-19", "llvm-19", "rust-web-src"];

const QEMU: &str = "qemu-system-arm";
/// The first version with vhost-user-scmi; packages carry an epoch.
const QEMU_VERSION: &str = "1:8.1";
const QEMU_DEVICE: &str = "vhost-user-scmi-pci";

/// Installs what is missing, or says exactly what that is.
pub(crate) fn run() -> Result<()> {
    provide(missing)
}

/// The same, and what is only needed for a kernel that loads modules in Rust.
pub(crate) fn run_for_rust_kernel() -> Result<()> {
    provide(|| {
        let mut all = missing();
        let more = FOR_RUST_KERNEL.iter().chain([&ARM_RUST]);
        let more = more.filter(|package| apt::installed(package).is_none());
        all.extend(more.map(|package| (*package).to_owned()));
        all.dedup();
        all
    })
}

fn provide(find_missing: impl Fn() -> Vec<String>) -> Result<()> {
    let missing = find_missing();
    if missing.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = missing.iter().map(|need| format!("  {need}")).collect();
    let list = list.join("\n");
    if env::var_os("SCMI_NO_INSTALL").is_some_and(|value| value != "0") {
        bail!("missing, and SCMI_NO_INSTALL forbids to install it:\n{list}");
    }
    if !is_root()? {
        bail!("missing, and only root may install it (the same verb as root does):\n{list}");
    }
    println!("installing what is missing:\n{list}");
    install(&missing)?;
    let missing = find_missing();
    if !missing.is_empty() {
        bail!("installed, but still not as needed: {missing:?}");
    }
    Ok(())
}

fn missing() -> Vec<String> {
    let mut missing: Vec<String> = PACKAGES
        .iter()
        .filter(|package| apt::installed(package).is_none())
        .map(|package| (*package).to_owned())
        .collect();
    match apt::installed(KERNEL_SOURCE) {
        Some(version) if apt::at_least(&version, KERNEL_VERSION) => {}
        Some(version) => {
            missing.push(format!("{KERNEL_SOURCE} (at least {KERNEL_VERSION}, here is {version})"));
        }
        None => missing.push(KERNEL_SOURCE.to_owned()),
    }
    if !guest::toolchain_has_target() {
        match apt::installed(ARM_RUST) {
            Some(version) if apt::at_least(&version, ARM_RUST_VERSION) => {}
            here => missing.push(format!(
                "{ARM_RUST} (at least {ARM_RUST_VERSION}{}; or `rustup target add {}`)",
                here.map_or_else(String::new, |version| format!(", here is {version}")),
                guest::TARGET,
            )),
        }
    }
    if !has("fmt") {
        missing.push(format!("{DEBIAN_RUSTFMT} (or `rustup component add rustfmt`)"));
    }
    let for_arm = guest::toolchain_has_target() || apt::installed(DEBIAN_CLIPPY).is_some();
    if !has("clippy") || !for_arm {
        missing.push(format!("{DEBIAN_CLIPPY} (or `rustup component add clippy`)"));
    }
    if !qemu_has_scmi() {
        let here =
            apt::installed(QEMU).map_or_else(String::new, |version| format!(", here is {version}"));
        missing.push(format!("{QEMU} (at least {QEMU_VERSION} with {QEMU_DEVICE}{here})"));
    }
    missing
}

/// Whether Cargo has this verb.
fn has(verb: &str) -> bool {
    output(command::cargo().args([verb, "--version"])).is_ok()
}

fn qemu_has_scmi() -> bool {
    let devices = output(Command::new("qemu-system-aarch64").args(["-device", "help"]));
    devices.is_ok_and(|devices| devices.contains(QEMU_DEVICE))
}

fn install(missing: &[String]) -> Result<()> {
    apt::update();
    let names = missing.iter().filter_map(|need| need.split_whitespace().next());
    let (qemu, plain): (Vec<&str>, Vec<&str>) = names.partition(|name| *name == QEMU);
    if !plain.is_empty() {
        apt::install(&plain, None)?;
    }
    if !qemu.is_empty() {
        install_qemu()?;
    }
    Ok(())
}

/// QEMU from the release itself where it is new enough, else from its backports.
fn install_qemu() -> Result<()> {
    if apt::candidate(QEMU).is_some_and(|version| apt::at_least(&version, QEMU_VERSION)) {
        return apt::install(&[QEMU], None);
    }
    let source = Source::find()?;
    let suite = format!("{}-backports", source.codename);
    if !Source::is_configured(&suite)? {
        let path = format!("/etc/apt/sources.list.d/{suite}.sources");
        fs::write(&path, source.for_suite(&suite))
            .with_context(|| format!("cannot write {path}"))?;
        println!("added {path}");
        apt::update();
    }
    apt::install(&[QEMU], Some(&suite))
}

fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}
