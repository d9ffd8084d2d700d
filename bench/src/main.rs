//! Measures, prints, and says by its exit code whether that went well.

use core::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use scmi_bench::{Bench, Neighbours, Options};
use serde::Serialize;

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
    let show = io::stderr().is_terminal();
    if options.neighbours {
        let felt = Neighbours::prepare(options)?.run(|situation, round| {
            if show {
                eprintln!("{situation}, round {round}");
            }
        })?;
        return print(&felt, options.json);
    }
    let bench = Bench::prepare(options)?;
    let results = bench.run(|case, round| {
        if show {
            eprintln!("{case}, round {round}");
        }
    })?;
    print(&results, options.json)?;
    let Some(wanted) = options.at_least else { return Ok(()) };
    let ratio = results.readings_to_peer().context("readings were not measured")?.median;
    ensure!(
        ratio >= wanted,
        "sensor readings at depth 32 are {ratio:.2} times as fast as the peer's; {wanted} is wanted"
    );
    Ok(())
}

/// Whoever does not read on has seen enough.
fn print(results: &(impl Serialize + Display), json: bool) -> Result<()> {
    match write(results, json) {
        Err(closed) if closed.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the results"),
    }
}

fn write(results: &(impl Serialize + Display), json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, results)?;
        writeln!(out)
    } else {
        write!(out, "{results}")
    }
}
