//! What kernels are built with: Debian's cross compiler, or LLVM and Rust.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::Cache;

use crate::apt;
use crate::command::{cargo, output, run};
use crate::guest::entry;
use crate::guest::rust::DEBIAN_RUSTC;
use crate::setup::ARM_RUST;

const GCC: &str = "aarch64-linux-gnu-";

/// The release of LLVM: a kernel takes more than one, but bindgen and the compiler must be of the same.
pub(crate) const LLVM: &str = "19";

/// What makes Rust of C's headers. Debian's is too old for the kernel.
const BINDGEN: &str = "0.71.1";

/// A compiler that a kernel and its modules are built with, both with the same one.
#[derive(Clone, Debug)]
pub(crate) enum Compiler {
    /// Debian's for arm64. It compiles no Rust for the kernel.
    Gcc,
    /// Clang, and Debian's Rust with the source of its library.
    Llvm {
        /// The program.
        bindgen: PathBuf,
        /// The source of Rust's own library.
        library: PathBuf,
        /// What all of it says of its version.
        version: String,
    },
}

impl Compiler {
    /// LLVM and Rust; bindgen is installed into the cache first, once.
    pub(crate) fn with_rust(cache: &Cache) -> Result<Self> {
        let package =
            apt::installed(ARM_RUST).with_context(|| format!("{ARM_RUST} is not installed"))?;
        let release = package.split_once('+').map_or(package.as_str(), |(release, _)| release);
        let library = PathBuf::from(format!("/usr/src/rustc-{release}/library"));
        ensure!(library.is_dir(), "the source of Rust's library is not in {}", library.display());
        let clang = output(Command::new(format!("clang-{LLVM}")).arg("--version"))?;
        let clang = clang.lines().next().unwrap_or_default();
        let version = format!("{clang}, rustc {package}, bindgen {BINDGEN}");
        Ok(Self::Llvm { bindgen: bindgen(cache)?, library, version })
    }

    /// What goes into the hash of what it builds.
    pub(crate) fn version(&self) -> Result<String> {
        match self {
            Self::Gcc => {
                let version = output(Command::new(format!("{GCC}gcc")).arg("--version"))?;
                Ok(version.lines().next().unwrap_or_default().to_owned())
            }
            Self::Llvm { version, .. } => Ok(version.clone()),
        }
    }

    /// The kernel's `make` in its source, or in what an entry kept of it.
    pub(crate) fn make_in(&self, source: &Path) -> Command {
        let mut make = Command::new("make");
        make.arg("--directory").arg(source);
        make.arg(format!("--jobs={}", thread::available_parallelism().map_or(2, usize::from)));
        make.arg("ARCH=arm64");
        match self {
            Self::Gcc => {
                make.arg(format!("CROSS_COMPILE={GCC}"));
            }
            Self::Llvm { bindgen, library, .. } => {
                make.arg(format!("LLVM=-{LLVM}"));
                make.args([format!("RUSTC={DEBIAN_RUSTC}"), format!("HOSTRUSTC={DEBIAN_RUSTC}")]);
                make.arg(format!("RUST_LIB_SRC={}", library.display()));
                make.arg(format!("BINDGEN={}", bindgen.display()));
            }
        }
        make.args([
            "KBUILD_BUILD_USER=scmi",
            "KBUILD_BUILD_HOST=scmi",
            "KBUILD_BUILD_TIMESTAMP=1970-01-01",
        ]);
        make.env_remove("MAKEFLAGS");
        make
    }
}

fn bindgen(cache: &Cache) -> Result<PathBuf> {
    let dir = entry(cache, "bindgen", &[BINDGEN], |dir| {
        println!("installing bindgen {BINDGEN}, once");
        let target = dir.join("target");
        let mut install = cargo();
        install.args(["install", "bindgen-cli", "--quiet", "--locked", "--version", BINDGEN]);
        run(install.arg("--root").arg(dir).arg("--target-dir").arg(&target))?;
        Ok(std::fs::remove_dir_all(target)?)
    })?;
    Ok(dir.join("bin/bindgen"))
}
