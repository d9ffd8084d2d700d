//! `scmictl`: lists, reads, watches and decodes SCMI.

mod board;
mod cli;
mod decode;
mod dt;
mod failure;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Verb};
use failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let result = run(&cli, &mut out).and_then(|()| Ok(out.flush()?));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> Result<(), Failure> {
    match &cli.verb {
        Verb::Dt(arguments) => dt::run(arguments, cli.json, out),
        Verb::Decode(arguments) => decode::run(arguments, cli.json, out),
    }
}
