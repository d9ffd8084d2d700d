//! `scmictl`: lists, reads, watches and decodes SCMI.

mod board;
mod cli;
mod connect;
mod decode;
mod demo;
mod dt;
mod failure;
mod list;
mod sensor;
mod table;
mod units;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Verb};
use failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let result = run(&cli, &mut out);
    // What was found before something failed is worth seeing too.
    let flushed = out.flush().map_err(Failure::from);
    match result.and(flushed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> Result<(), Failure> {
    match &cli.verb {
        Verb::Demo(arguments) => demo::run(arguments, cli.json, out),
        Verb::List(_) => list::run(&cli.link, cli.json, out),
        Verb::Sensor(arguments) => sensor::run(arguments, &cli.link, cli.json, out),
        Verb::Dt(arguments) => dt::run(arguments, cli.json, out),
        Verb::Decode(arguments) => decode::run(arguments, cli.json, out),
    }
}
