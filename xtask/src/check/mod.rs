//! `cargo xtask test`: every check there is, in the order in which they fail soonest.

mod features;
mod no_std;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{RECORD_VARIABLE, TRACES_VARIABLE, peer_program, workspace_root};
use serde_json::Value;

use crate::check::report::{Report, Tests};
use crate::command::{self, output};
use crate::{coverage, guest, setup};

/// The packages whose tests boot guests: Linux, and programs of ours without an operating system.
const GUEST_TESTS: [&str; 2] = ["scmi-tests-linux", "scmi-tests-bare"];

/// Runs all of them, also after a failure, so that one run tells everything.
pub(crate) fn run() -> Result<ExitCode> {
    let metadata = metadata()?;
    let target = target_of(&metadata)?;
    let records = coverage::begin(&target)?;
    let mut report = Report::new();

    report.step("setup", setup::run);
    report.step("format", || {
        succeeds("fmt --all --check")?;
        succeeds("fmt --all --check --manifest-path guest/Cargo.toml")?;
        succeeds("fmt --check --manifest-path bench/size/Cargo.toml")
    });
    report.step("lints", || succeeds("clippy --workspace --all-targets -- -D warnings"));
    report.step("lints of guest", guest::bare::lints);
    report.step("docs", || {
        let mut doc = cargo("doc --workspace --no-deps");
        command::run(doc.env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    for subset in features::subsets(&metadata)? {
        report.step(&subset.to_string(), || command::run(cargo("clippy").args(subset.arguments())));
    }
    report.step("no_std", || no_std::check(&target));
    report.step("programs", || succeeds("build --package scmid --package scmictl"));
    let programs = target.join("debug");
    // Installed once into the cache, for the tests that hold it against ours.
    report.step("peer", || peer_program().map(drop));
    let mut whole = report.tests("tests without a guest", || {
        let mut tests = cargo("test --workspace --no-fail-fast");
        tests.args(GUEST_TESTS.map(|package| format!("--exclude={package}")));
        Tests::run(tests.envs(variables(&programs, &records)))
    });
    report.step("guest", || guest::make().map(drop));
    let traces = traces(&target)?;
    for package in GUEST_TESTS {
        whole &= report.tests(&format!("tests in {package}"), || {
            let mut tests = cargo("test --no-fail-fast --package");
            tests.arg(package).envs(variables(&programs, &records)).env(TRACES_VARIABLE, &traces);
            let tests = Tests::run(&mut tests)?;
            ensure!(tests.passed + tests.failed > 0, "there is no test in {package}");
            Ok(tests)
        });
    }
    report.step("coverage", || {
        ensure!(whole, "not all tests passed, so not all that they see of the messages was seen");
        coverage::compare(&records)
    });
    report.step("demo", || succeeds("run --release -- demo --seconds 2"));

    report.print();
    // The table says it all, and its last line is to be the last.
    Ok(if report.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// An empty folder for the traces that daemons leave: what guests said is of use when a test fails.
fn traces(target: &Path) -> Result<PathBuf> {
    let folder = target.join("traces");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// What the tests are told: where our programs are, and where to record the messages that they see.
fn variables<'path>(
    programs: &'path Path,
    records: &'path Path,
) -> [(&'static str, &'path Path); 2] {
    [("SCMI_BIN_DIR", programs), (RECORD_VARIABLE, records)]
}

/// Cargo's target directory.
pub(crate) fn target() -> Result<PathBuf> {
    target_of(&metadata()?)
}

fn target_of(metadata: &Value) -> Result<PathBuf> {
    let target = metadata.get("target_directory").and_then(Value::as_str);
    Ok(PathBuf::from(target.context("Cargo names no target directory")?))
}

/// Cargo in the workspace, with arguments that have no spaces in them.
fn cargo(arguments: &str) -> Command {
    let mut cargo = command::cargo();
    cargo.args(arguments.split_whitespace()).current_dir(workspace_root());
    cargo
}

fn succeeds(arguments: &str) -> Result<()> {
    command::run(&mut cargo(arguments))
}

fn metadata() -> Result<Value> {
    let text = output(&mut cargo("metadata --no-deps --format-version=1"))?;
    serde_json::from_str(&text).context("cargo metadata gave no JSON")
}
