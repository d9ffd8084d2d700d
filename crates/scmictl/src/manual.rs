//! `scmictl completions` and `scmictl man`: what shells and `man` know of this tool.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::{Failure, Kind};

/// Print what makes a shell complete the command line of this tool.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS, after_long_help = COMPLETIONS)]
pub(crate) struct Completions {
    /// Which shell.
    shell: Shell,
}

const COMPLETIONS: &str = "\
Examples:
  scmictl completions bash > ~/.local/share/bash-completion/completions/scmictl
  scmictl completions zsh > /usr/local/share/zsh/site-functions/_scmictl
  scmictl completions fish > ~/.config/fish/completions/scmictl.fish";

/// Write the manual pages, one for the tool and one for each verb.
#[derive(Debug, Args)]
#[command(after_help = MAN, after_long_help = MAN)]
pub(crate) struct Man {
    /// The directory to write them to.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

const MAN: &str = "\
Examples:
  scmictl man /usr/local/share/man/man1
  scmictl man . && man -l scmictl-sensor-watch.1";

/// Prints a script.
pub(crate) fn completions(arguments: &Completions, out: &mut dyn Write) -> Result<(), Failure> {
    Ok(scmid::manual::completions(Cli::command(), arguments.shell, out)?)
}

/// Writes the pages.
pub(crate) fn man(arguments: &Man) -> Result<(), Failure> {
    let pages = scmid::manual::pages(Cli::command(), "1")?;
    for (name, page) in pages {
        let path = arguments.directory.join(name);
        std::fs::write(&path, page).map_err(|error| {
            Failure::because(Kind::File, format_args!("cannot write {}", path.display()), &error)
        })?;
    }
    Ok(())
}
