//! `cargo xtask module`: SCMI's transport over virtio for Linux, `linux/scmi-virtio`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use scmi_test_kit::workspace_root;

use crate::check;
use crate::command::{cargo, run as run_command};
use crate::guest::{self, Transport};
use crate::setup;

/// For which kernel, and what is done with it.
#[derive(Args)]
pub(crate) struct Options {
    /// The build directory of a kernel with CONFIG_RUST, as README.md of linux/ says it must be built; without it, a
    /// kernel for the guests is built into the cache first, once
    #[arg(long, value_name = "DIR")]
    kernel: Option<PathBuf>,
    #[command(subcommand)]
    verb: Option<Verb>,
    /// More arguments for the kernel's `make`, after `--`, which come after ours: LLVM=1, say
    #[arg(last = true, requires = "kernel")]
    make: Vec<String>,
}

#[derive(Subcommand)]
enum Verb {
    /// Boot the kernel for modules in Rust with one transport, and run what is asked of a guest
    Test {
        /// With which one
        #[arg(long, value_enum, default_value = "rust")]
        transport: Transport,
        /// All that Linux guests are asked in this tree, not only what is about the transport
        #[arg(long)]
        all: bool,
        /// Only tests with this in their name
        filter: Option<String>,
    },
}

/// Does it.
pub(crate) fn run(options: &Options) -> Result<()> {
    setup::run_for_rust_kernel()?;
    match (&options.verb, &options.kernel) {
        (Some(Verb::Test { transport, all, filter }), None) => {
            test(*transport, *all, filter.as_deref())
        }
        (Some(Verb::Test { .. }), Some(_)) => {
            anyhow::bail!("the tests boot the kernel of the cache, not one of --kernel")
        }
        (None, Some(kernel)) => build_for(kernel, &options.make),
        (None, None) => {
            println!("{}", guest::transport()?.display());
            Ok(())
        }
    }
}

/// Against somebody's kernel, in our own target directory.
fn build_for(kernel: &Path, arguments: &[String]) -> Result<()> {
    let kernel = fs::canonicalize(kernel)
        .with_context(|| format!("there is no directory {}", kernel.display()))?;
    let symbols = kernel.join("Module.symvers");
    ensure!(symbols.is_file(), "{} was not built: it has no Module.symvers", kernel.display());
    let mut make = guest::rust_compiler()?.make_in(&kernel);
    make.args(arguments);
    let module = guest::transport_with(make, &check::target()?.join("module"))?;
    println!("{}", module.display());
    Ok(())
}

/// The tests find the guest by a note of their own, so that those of the suite keep theirs.
fn test(transport: Transport, all: bool, filter: Option<&str>) -> Result<()> {
    let image = guest::make_with(transport)?;
    let target = check::target()?;
    let note = target.join("module-guest.json");
    image.note(&note)?;
    run_command(cargo().args(["build", "--package", "scmid", "--package", "scmictl"]))?;
    let mut tests = cargo();
    tests.args(["test", "--package", "scmi-tests-linux", "--no-fail-fast"]);
    tests.args(["--test", "transport"]);
    if all {
        guest::make_tool()?;
        tests.args(["--test", "linux"]);
    }
    tests.args(filter).env("SCMI_GUEST", &note).env("SCMI_BIN_DIR", target.join("debug"));
    run_command(tests.current_dir(workspace_root()))
}
