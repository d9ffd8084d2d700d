//! What takes longer than `cargo xtask test` may: each finds by length or by other means what the usual tests can miss.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use scmi_test_kit::{Cache, workspace_root};

use crate::check;
use crate::command::{self, output, run};

#[derive(Subcommand)]
pub(crate) enum Soak {
    /// Make very many calls at once over a bad channel: each must end in its own answer or its own timeout
    Calls(Calls),
    /// Have agents share a board at random for very many steps, and hold each against a reference of the rules
    Sharing(Sharing),
    /// Try the wakers and slots of the agent under every interleaving of a few threads
    Loom,
    /// Run the tests of the crates with `unsafe` under AddressSanitizer
    Asan,
    /// Run a body of tests on bytes that libFuzzer thinks up, under AddressSanitizer; fuzz/README.md has the targets
    Fuzz(Fuzz),
}

#[derive(Args)]
pub(crate) struct Calls {
    /// How many calls
    #[arg(long, default_value_t = 1_000_000)]
    calls: u64,
    /// The seed: the same does the same again
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
pub(crate) struct Sharing {
    /// How many steps
    #[arg(long, default_value_t = 1_000_000)]
    steps: u64,
    /// The seed: the same does the same again
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args)]
pub(crate) struct Fuzz {
    /// Which target; all, one after the other, without it
    target: Option<String>,
    /// How long, each
    #[arg(long, default_value_t = 600)]
    seconds: u32,
    /// The seed
    #[arg(long, default_value_t = 1)]
    seed: u32,
}

impl Soak {
    pub(crate) fn run(&self) -> Result<()> {
        match self {
            Self::Calls(options) => calls(options),
            Self::Sharing(options) => sharing(options),
            Self::Loom => loom(),
            Self::Asan => asan(),
            Self::Fuzz(options) => fuzz(options),
        }
    }
}

/// Calls over a channel that loses, delays and repeats; docs/soak.md has what came out.
fn calls(options: &Calls) -> Result<()> {
    let mut cargo = here();
    cargo.args(["test", "--release", "--package", "scmi", "--test", "soak", "every_call"]);
    cargo.args(["--", "--nocapture"]);
    cargo.env("SCMI_SOAK_CALLS", options.calls.to_string());
    cargo.env("SCMI_SOAK_SEED", options.seed.to_string());
    run(&mut cargo)
}

/// Agents that share a board; docs/soak.md has what came out.
fn sharing(options: &Sharing) -> Result<()> {
    let mut cargo = here();
    cargo.args([
        "test",
        "--release",
        "--package",
        "scmi-board",
        "--test",
        "sharing",
        "agents_share",
    ]);
    cargo.args(["--", "--nocapture"]);
    cargo.env("SCMI_SHARING_STEPS", options.steps.to_string());
    cargo.env("SCMI_SHARING_SEED", options.seed.to_string());
    run(&mut cargo)
}

/// In a target directory of its own: everything is built with another flag.
fn loom() -> Result<()> {
    let mut cargo = here();
    cargo.args(["test", "--release", "--package", "scmi", "--no-default-features"]);
    cargo.args(["--features", "agent", "--test", "loom"]);
    cargo.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", check::target()?.join("loom"));
    run(&mut cargo)
}

/// Leaks are not looked for: the tests leave the memory that their two ends share behind.
fn asan() -> Result<()> {
    let host = host()?;
    let mut cargo = unstable();
    cargo.args(["test", "--no-fail-fast", "--target", &host, "--lib", "--tests"]);
    cargo.args(["--package", "scmi-virtio", "--package", "scmi-shmem"]);
    cargo.env("RUSTFLAGS", "-Zsanitizer=address").env("ASAN_OPTIONS", "detect_leaks=0");
    run(cargo.env("CARGO_TARGET_DIR", check::target()?.join("asan")))
}

/// What is new goes to a corpus beside the build, not into the tree; a finding stays in `fuzz/artifacts`.
fn fuzz(options: &Fuzz) -> Result<()> {
    let program = cargo_fuzz()?;
    let known = output(unstable_in(&program).args(["fuzz", "list"]))?;
    let known: Vec<&str> = known.lines().collect();
    let targets = match options.target.as_deref() {
        Some(target) => vec![target],
        None => known.clone(),
    };
    for target in targets {
        ensure!(known.contains(&target), "no target {target}; there are {}", known.join(", "));
        let found = check::target()?.join("fuzz-corpus").join(target);
        std::fs::create_dir_all(&found)
            .with_context(|| format!("cannot make {}", found.display()))?;
        let mut command = unstable_in(&program);
        command.args(["fuzz", "run", "--target-dir"]).arg(check::target()?.join("fuzz"));
        command.arg(target).arg(found).arg(format!("fuzz/corpus/{target}")).arg("--");
        command.args(["-max_len=2000", "-len_control=0", "-print_final_stats=1"]);
        command.arg(format!("-max_total_time={}", options.seconds));
        command.arg(format!("-seed={}", options.seed));
        run(&mut command)?;
    }
    Ok(())
}

/// `cargo-fuzz`, installed into the cache if it is not there.
fn cargo_fuzz() -> Result<PathBuf> {
    const VERSION: &str = "0.13.2";
    let cache = Cache::find()?;
    let root = cache.root().join(format!("cargo-fuzz-{VERSION}"));
    let program = root.join("bin/cargo-fuzz");
    if !program.is_file() {
        let mut install = command::cargo();
        install.args(["install", "cargo-fuzz", "--version", VERSION, "--locked", "--root"]);
        run(install.arg(&root).current_dir(cache.root()).env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(program)
}

/// The machine that the compiler runs on, as it calls it.
fn host() -> Result<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

fn here() -> Command {
    let mut cargo = command::cargo();
    cargo.current_dir(workspace_root());
    cargo
}

/// Cargo with a stable compiler that takes flags of the nightly one.
fn unstable() -> Command {
    let mut cargo = here();
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo
}

fn unstable_in(program: &std::path::Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace_root()).env("RUSTC_BOOTSTRAP", "1");
    command
}
