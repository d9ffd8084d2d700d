//! What shells and `man` know of a program: its command line, as its `--help` has it.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

/// Writes what makes a shell complete the command line of a program.
///
/// # Errors
/// `out` takes nothing more.
pub fn completions(mut command: Command, shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let name = command.get_name().to_owned();
    // The generator panics where nothing can be written, so it is given memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    out.write_all(&script)
}

/// The manual pages of a program and of its verbs, each with the name of its file, such as `scmictl-list.1`.
///
/// # Errors
/// A page cannot be made, which does not happen in memory.
pub fn pages(command: Command, section: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, section, &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, section: &str, into: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let man = Man::new(command.clone()).section(section).manual("SCMI").date("");
    into.push((man.get_filename(), page(command, &man)?));
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    for verb in verbs {
        collect(verb, section, into)?;
    }
    Ok(())
}

fn page(command: &Command, man: &Man) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command.get_after_long_help().or_else(|| command.get_after_help());
    if let Some(after) = after {
        sections(&after.to_string(), &mut page)?;
    }
    Ok(page)
}

/// What stands behind the options in `--help`: titles with a colon, and lines below them that stay as they are.
fn sections(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::default();
    for line in text.lines() {
        let title = line.strip_suffix(':').filter(|title| !title.starts_with(' '));
        match title {
            Some(title) => {
                roff.control("fi", []);
                roff.control("SH", [title.to_uppercase().as_str()]);
                roff.control("nf", []);
            }
            None => {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
        }
    }
    roff.control("fi", []);
    roff.to_writer(page)
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;

    fn program() -> Command {
        let verb =
            Command::new("list").about("Lists").after_help("Examples:\n  tool list .x\n  tool");
        Command::new("tool").version("1").arg(Arg::new("json").long("json")).subcommand(verb)
    }

    #[test]
    fn every_verb_has_a_page_and_its_examples_keep_their_lines() {
        let pages = pages(program(), "1").expect("pages");
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["tool.1", "tool-list.1"]);
        let text = String::from_utf8(pages[1].1.clone()).expect("text");
        assert!(text.contains(".SH EXAMPLES\n.nf\ntool list .x\ntool\n.fi"), "{text}");
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let mut nowhere: &mut [u8] = &mut [0; 3];
        completions(program(), Shell::Bash, &mut nowhere).expect_err("three bytes");
    }
}
