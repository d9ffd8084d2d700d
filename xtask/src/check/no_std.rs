//! That the core crates really do without the standard library.
//!
//! `#![no_std]` on a crate says nothing of what it depends on. So a static library is built that
//! brings its own panic handler: were `std` anywhere below it, there would be two, and the compiler
//! refuses that. Where a target without `std` is installed, the crates are built for it as well.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use scmi_test_kit::workspace_root;

use crate::command::{cargo, output, run};

/// The crates that promise it, with the features to try.
const CRATES: [(&str, &[&str]); 2] =
    [("scmi", &["agent", "platform"]), ("scmi-virtio", &["device"])];

const PROOF: &str = r#"//! Fails to compile if the standard library is in it.
#![no_std]

extern crate scmi;
extern crate scmi_virtio;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

struct NoMemory;

// SAFETY: it never gives memory out.
unsafe impl core::alloc::GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, _: core::alloc::Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: core::alloc::Layout) {}
}

#[global_allocator]
static NO_MEMORY: NoMemory = NoMemory;
"#;

/// Builds the proof below Cargo's target directory.
pub(crate) fn check(target: &Path) -> Result<()> {
    let dir = target.join("no-std-proof");
    fs::create_dir_all(dir.join("src"))
        .with_context(|| format!("cannot make {}", dir.display()))?;
    fs::write(dir.join("Cargo.toml"), manifest())?;
    fs::write(dir.join("src/lib.rs"), PROOF)?;
    // The same versions as everywhere.
    fs::copy(workspace_root().join("Cargo.lock"), dir.join("Cargo.lock"))?;
    // An unwinding panic needs a function of std's.
    let mut build = cargo();
    build.arg("build").env("CARGO_PROFILE_DEV_PANIC", "abort");
    run(build.current_dir(&dir).env("CARGO_TARGET_DIR", dir.join("target")))?;
    for bare in bare_targets()? {
        println!("building for {bare} as well");
        let mut build = cargo();
        build.args(["build", "--target", &bare]).env("CARGO_PROFILE_DEV_PANIC", "abort");
        run(build.current_dir(&dir).env("CARGO_TARGET_DIR", dir.join("target")))?;
    }
    Ok(())
}

fn manifest() -> String {
    let root = workspace_root();
    let mut text = "[package]\nname = \"no-std-proof\"\nedition = \"2024\"\n\n[lib]\n\
                    crate-type = [\"staticlib\"]\n\n[workspace]\n\n[dependencies]\n"
        .to_owned();
    for (name, features) in CRATES {
        let path = root.join("crates").join(name);
        text.push_str(&format!(
            "{name} = {{ path = {path:?}, default-features = false, features = {features:?} }}\n"
        ));
    }
    text
}

/// The installed targets that have no operating system.
fn bare_targets() -> Result<Vec<String>> {
    let root = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let installed = fs::read_dir(Path::new(root.trim()).join("lib/rustlib"))?;
    let names = installed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| name.contains("-none")).collect())
}
