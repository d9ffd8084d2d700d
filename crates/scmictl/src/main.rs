//! `scmictl`: lists, reads, sets, watches and decodes SCMI.

mod board;
mod check;
mod choice;
mod cli;
mod clock;
mod connect;
mod decode;
#[cfg(feature = "host")]
mod demo;
mod dissector;
mod dt;
mod failure;
mod list;
#[cfg(feature = "host")]
mod manual;
mod perf;
mod pinctrl;
#[cfg(feature = "host")]
mod platform;
mod power;
mod powercap;
mod quantity;
mod reset;
mod resource;
mod sensor;
mod system;
mod table;
mod units;
mod voltage;
mod watching;

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
        #[cfg(feature = "host")]
        Verb::Demo(arguments) => demo::run(arguments, cli.json, out),
        Verb::List(_) => list::run(&cli.link, cli.json, out),
        Verb::Sensor(arguments) => sensor::run(arguments, &cli.link, cli.json, out),
        Verb::Clock(arguments) => clock::run(arguments, &cli.link, cli.json, out),
        Verb::Power(arguments) => power::run(arguments, &cli.link, cli.json, out),
        Verb::Reset(arguments) => reset::run(arguments, &cli.link, cli.json, out),
        Verb::Voltage(arguments) => voltage::run(arguments, &cli.link, cli.json, out),
        Verb::Perf(arguments) => perf::run(arguments, &cli.link, cli.json, out),
        Verb::Powercap(arguments) => powercap::run(arguments, &cli.link, cli.json, out),
        Verb::System(arguments) => system::run(arguments, &cli.link, cli.json, out),
        Verb::Pinctrl(arguments) => pinctrl::run(arguments, &cli.link, cli.json, out),
        #[cfg(feature = "host")]
        Verb::Platform(arguments) => platform::run(arguments, cli.json, out),
        Verb::Check(arguments) => check::run(arguments, &cli.link, cli.json, out),
        Verb::Dt(arguments) => dt::run(arguments, cli.json, out),
        Verb::Decode(arguments) => decode::run(arguments, cli.json, out),
        Verb::Dissector(_) => dissector::run(out),
        #[cfg(feature = "host")]
        Verb::Completions(arguments) => manual::completions(arguments, out),
        #[cfg(feature = "host")]
        Verb::Man(arguments) => manual::man(arguments),
    }
}
