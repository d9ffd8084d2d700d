//! That the core crates really do without the standard library, and some without an allocator.
//!
//! `#![no_std]` on a crate says nothing of what it depends on. So static libraries are built that
//! bring their own panic handler: were `std` anywhere below them, there would be two, and the
//! compiler refuses that; were `alloc` below one that has no allocator, it refuses that as well.
//! Where a target without `std` is installed, they are built for it too.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use scmi_test_kit::workspace_root;

use crate::command::{cargo, output, run};

/// A static library that must build.
struct Proof {
    name: &'static str,
    /// Crates with all the features to try.
    crates: &'static [(&'static str, &'static [&'static str])],
    allocator: bool,
}

const PROOFS: [Proof; 2] = [
    Proof {
        name: "no-allocator",
        crates: &[
            ("scmi", &["agent"]),
            ("scmi-virtio", &["driver"]),
            ("scmi-shmem", &["agent", "arm-scmi"]),
            ("scmi-fdt", &[]),
        ],
        allocator: false,
    },
    Proof {
        name: "no-std",
        crates: &[
            ("scmi", &["agent", "platform"]),
            ("scmi-virtio", &["device", "driver"]),
            ("scmi-shmem", &["agent", "platform", "arm-scmi"]),
        ],
        allocator: true,
    },
];

const PANIC_HANDLER: &str = r#"//! Fails to compile if the standard library is in it.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
"#;

const ALLOCATOR: &str = r#"
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

/// Builds the proofs below Cargo's target directory.
pub(crate) fn check(target: &Path) -> Result<()> {
    let bare = bare_targets()?;
    for proof in &PROOFS {
        let dir = target.join("proofs").join(proof.name);
        proof.write(&dir)?;
        proof.build(&dir, None)?;
        for bare in &bare {
            proof.build(&dir, Some(bare))?;
        }
    }
    Ok(())
}

impl Proof {
    fn write(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir.join("src"))
            .with_context(|| format!("cannot make {}", dir.display()))?;
        fs::write(dir.join("Cargo.toml"), self.manifest())?;
        fs::write(dir.join("src/lib.rs"), self.source())?;
        // The same versions as everywhere.
        fs::copy(workspace_root().join("Cargo.lock"), dir.join("Cargo.lock"))?;
        Ok(())
    }

    fn build(&self, dir: &Path, target: Option<&str>) -> Result<()> {
        println!("{} for {}", self.name, target.unwrap_or("this machine"));
        let mut build = cargo();
        build.arg("build").args(target.map(|target| format!("--target={target}")));
        // Unwinding needs a function of std's.
        build.env("CARGO_PROFILE_DEV_PANIC", "abort").env("CARGO_TARGET_DIR", dir.join("target"));
        run(build.current_dir(dir))
    }

    fn manifest(&self) -> String {
        let name = self.name;
        let mut text = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"staticlib\"]\n\n\
             [workspace]\n\n[dependencies]\n"
        );
        for (name, features) in self.crates {
            let path = workspace_root().join("crates").join(name);
            text.push_str(&format!(
                "{name} = {{ path = {path:?}, default-features = false, features = {features:?} }}\n"
            ));
        }
        text
    }

    fn source(&self) -> String {
        let mut text = PANIC_HANDLER.to_owned();
        if self.allocator {
            text.push_str(ALLOCATOR);
        }
        for (name, _) in self.crates {
            text.push_str(&format!("extern crate {};\n", name.replace('-', "_")));
        }
        text
    }
}

/// The installed targets that have no operating system.
fn bare_targets() -> Result<Vec<String>> {
    let root = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let installed = fs::read_dir(Path::new(root.trim()).join("lib/rustlib"))?;
    let names = installed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| name.contains("-none")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_without_an_allocator_has_none() {
        for proof in &PROOFS {
            assert_eq!(
                proof.source().contains("global_allocator"),
                proof.allocator,
                "{}",
                proof.name
            );
            assert!(proof.source().contains("extern crate scmi;"), "{}", proof.name);
            assert!(proof.manifest().contains("default-features = false"), "{}", proof.name);
        }
    }
}
