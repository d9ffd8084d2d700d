//! `scmictl sensor`: the sensors of a platform.

mod catalog;
mod get;
mod list;
mod watch;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::connect::Link;
use crate::failure::Failure;

pub(crate) use catalog::{Catalog, Entry, read};
pub(crate) use watch::Setup;

/// List, read and watch the sensors of the platform.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Arguments),
    Get(get::Arguments),
    Watch(watch::Arguments),
}

/// Does what the command line asks for.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::List(_) => link.with(|session| list::run(session, json, out)),
        Verb::Get(arguments) => link.with(|session| get::run(arguments, session, json, out)),
        Verb::Watch(arguments) => link.with(|session| watch::run(arguments, session, json, out)),
    }
}
