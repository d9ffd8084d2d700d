//! `cargo xtask <verb>`: the one door to every chore of this tree, the same here as in CI.

mod apt;
mod capture;
mod check;
mod command;
mod coverage;
mod dist;
mod guest;
mod module;
mod setup;
mod soak;
mod vm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use scmi_test_kit::workspace_root;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Checks, the guests, the benchmark")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install what the tests need from Debian, or name it if that may not be (not root, or
    /// SCMI_NO_INSTALL=1)
    Setup,
    /// Build the guests into the cache, unless they are there: a Linux kernel with a BusyBox root, and our programs
    /// without an operating system
    Guest {
        /// Run one of them instead
        #[command(subcommand)]
        which: Option<Which>,
    },
    /// Start scmid and a Linux guest, and give you the guest's shell; `poweroff` ends both
    Vm(vm::Options),
    /// Build SCMI's transport over virtio for Linux, linux/scmi-virtio, and say where it is
    Module(module::Options),
    /// Run every check there is: formatting, lints, docs, feature subsets, all tests, the demo
    Test,
    /// Write docs/coverage.md from what the last whole `cargo xtask test` recorded
    Coverage(coverage::Options),
    /// Write anew what a Linux guest and scmid say to each other, for the tests of the wire format
    Capture,
    /// What takes longer than `test` may; docs/soak.md has what came out
    #[command(subcommand)]
    Soak(soak::Soak),
    /// Build the programs and lay them out in target/dist as below /usr/local, with manual pages, completions for bash, zsh
    /// and fish, and the dissector for Wireshark
    Dist,
    /// Measure how much code agent and driver are when they are linked into firmware, and the platform engine
    Size,
    /// Measure speed; arguments go to the benchmark
    Bench {
        /// What the benchmark is told
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[derive(Subcommand)]
enum Which {
    /// Build the programs of guest/ alone, start scmid and run one in QEMU: it finds the SCMI device, lists the
    /// board, sets a clock, watches a sensor, and switches its machine off
    Bare(guest::bare::Options),
    /// Build the guests, and start Linux over the hypervisor of guest/, which answers its SCMI driver: you get the guest's
    /// shell; `poweroff` ends it, and the hypervisor says what it served
    Hypervisor(guest::hypervisor::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode> {
    match verb {
        Verb::Setup => setup::run()?,
        Verb::Guest { which: Some(Which::Bare(options)) } => guest::bare::start(&options)?,
        Verb::Guest { which: Some(Which::Hypervisor(options)) } => {
            guest::hypervisor::start(&options)?;
        }
        Verb::Guest { which: None } => {
            setup::run()?;
            let image = guest::make()?;
            println!("kernel {}\nroot   {}", image.kernel.display(), image.initrd.display());
        }
        Verb::Vm(options) => vm::run(&options)?,
        Verb::Module(options) => module::run(&options)?,
        Verb::Test => return check::run(),
        Verb::Capture => capture::run()?,
        Verb::Coverage(options) => coverage::write(&options, &check::target()?)?,
        Verb::Soak(which) => which.run()?,
        Verb::Dist => println!("{}", dist::run(&check::target()?)?.display()),
        Verb::Size => guest::size::print()?,
        Verb::Bench { arguments } => bench(&arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn bench(arguments: &[String]) -> Result<()> {
    let mut cargo = command::cargo();
    cargo.args(["run", "--release", "--package", "scmi-bench", "--"]).args(arguments);
    command::run(cargo.current_dir(workspace_root()))
}
