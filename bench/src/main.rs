//! Measures, prints, and says by its exit code whether that went well.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use scmi_bench::{Bench, Options, Results};

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    ensure!(!cfg!(debug_assertions), "this is a debug build; measure with cargo run --release");
    let bench = Bench::prepare(options)?;
    let show = io::stderr().is_terminal();
    let results = bench.run(|case, round| {
        if show {
            eprintln!("{case}, round {round}");
        }
    })?;
    match print(&results, options.json) {
        Err(closed) if closed.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed.context("cannot write the results")?,
    }
    let Some(wanted) = options.at_least else { return Ok(()) };
    let ratio = results.readings_to_peer().context("readings were not measured")?.median;
    ensure!(
        ratio >= wanted,
        "sensor readings at depth 32 are {ratio:.2} times as fast as the peer's; {wanted} is wanted"
    );
    Ok(())
}

fn print(results: &Results, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, results)?;
        writeln!(out)
    } else {
        write!(out, "{results}")
    }
}
