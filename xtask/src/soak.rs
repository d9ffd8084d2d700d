//! The long tests of the agent's engine.

use anyhow::Result;
use clap::Args;
use scmi_test_kit::workspace_root;

use crate::{check, command};

#[derive(Args)]
pub(crate) struct Options {
    /// How many calls
    #[arg(long, default_value_t = 1_000_000)]
    calls: u64,
    /// The seed: the same does the same again
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Calls over a channel that loses, delays and repeats; docs/soak.md has what came out.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut cargo = command::cargo();
    cargo.args(["test", "--release", "--package", "scmi", "--test", "soak", "every_call"]);
    cargo.args(["--", "--nocapture"]);
    cargo.env("SCMI_SOAK_CALLS", options.calls.to_string());
    cargo.env("SCMI_SOAK_SEED", options.seed.to_string());
    command::run(cargo.current_dir(workspace_root()))
}

/// Wakers and slots under `loom`, in a target directory of their own: everything is built with another flag.
pub(crate) fn loom() -> Result<()> {
    let mut cargo = command::cargo();
    cargo.args(["test", "--release", "--package", "scmi", "--no-default-features"]);
    cargo.args(["--features", "agent", "--test", "loom"]);
    cargo.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", check::target()?.join("loom"));
    command::run(cargo.current_dir(workspace_root()))
}
