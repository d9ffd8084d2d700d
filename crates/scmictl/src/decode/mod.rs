//! `scmictl decode`: a message in words, or all of a trace.

mod hex;
mod json;
mod trace;

pub(crate) use json::document;

use std::fs::File;
use std::io::{self, BufRead, Write};
use std::path::Path;

use clap::Args;
use scmi::decode::{Direction, Words};
use scmi::wire::Version;

use crate::failure::{Failure, Kind};

/// Say in words what a message is, or what a trace holds.
///
/// A message is given in hex, from its header on, in the order of the wire: pairs of digits, with or without
/// anything between them. Without HEX every line of standard input is a message. A trace is a FILE that `scmid --trace`
/// wrote or still writes; - is standard input.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The message, or one name of a trace. What can be read as hex is no name: write ./05 for a file.
    #[arg(value_name = "HEX|FILE")]
    hex: Vec<String>,

    /// Of a trace, only what this agent said and heard.
    #[arg(long, short, value_name = "NAME")]
    agent: Option<String>,

    /// The message is in words such as 0x00145406, not in bytes.
    #[arg(long, short)]
    words: bool,

    /// It is a response, not a command: their headers are the same. Notifications and delayed responses say
    /// themselves what they are.
    #[arg(long, short)]
    response: bool,

    /// The version of the message's protocol that is spoken; the newest unless given.
    #[arg(long, value_name = "MAJOR.MINOR", value_parser = version)]
    protocol_version: Option<Version>,
}

const EXAMPLES: &str = "\
Examples:
  scmictl decode 06 54 14 00 03 00 00 00 00 00 00 00     a command in bytes
  scmictl decode --words 0x00145406 3 0                  the same in words
  scmictl decode --response 0654140000000000e803000000000000
  scmictl --json decode --response < messages.txt        one JSON document a line
  scmictl decode --agent vm1 boot.pcapng                 a trace, with the time that each answer took
  scmid --board board.toml --socket-dir . --trace - | scmictl decode -
                                                         one that is being written";

/// Decodes what the command line or standard input gives.
pub(crate) fn run(arguments: &Arguments, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(name) = trace_name(&arguments.hex) {
        let options = trace::Options { agent: arguments.agent.as_deref(), json };
        return if name == "-" {
            trace::run(io::stdin().lock(), "standard input", &options, out)
        } else {
            let file =
                File::open(name).map_err(|error| Failure::because(Kind::File, name, &error))?;
            trace::run(file, name, &options, out)
        };
    }
    if arguments.agent.is_some() {
        return Err(Failure::new(Kind::Usage, "--agent is for traces, and no FILE is given"));
    }
    if !arguments.hex.is_empty() {
        return one(arguments, &arguments.hex.join(" "), "", json, out);
    }
    let mut shown = false;
    for (number, line) in (1..).zip(io::stdin().lock().lines()) {
        let line = line
            .map_err(|error| Failure::because(Kind::File, format_args!("line {number}"), &error))?;
        if line.trim().is_empty() {
            continue;
        }
        if shown && !json {
            writeln!(out)?;
        }
        one(arguments, &line, &format!("line {number}: "), json, out)?;
        out.flush()?;
        shown = true;
    }
    Ok(())
}

/// The trace that is meant, if one is: a single argument that is no hex and names something, or looks as if it should.
fn trace_name(arguments: &[String]) -> Option<&str> {
    let [name] = arguments else { return None };
    let is_hex = || hex::bytes(name).is_ok() || hex::words(name).is_ok();
    let is_name = name.contains(['/', '.']) || Path::new(name).exists();
    (name == "-" || is_name && !is_hex()).then_some(name.as_str())
}

/// Decodes one message; `place` says where it comes from, for messages about it.
fn one(
    arguments: &Arguments,
    text: &str,
    place: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let parsed = if arguments.words { hex::words(text) } else { hex::bytes(text) };
    let message =
        parsed.map_err(|error| Failure::new(Kind::File, format_args!("{place}{error}")))?;
    let direction = if arguments.response { Direction::Response } else { Direction::Command };
    let version = arguments.protocol_version;
    if json {
        return Ok(writeln!(out, "{}", document(&message, direction, version))?);
    }
    let words = Words::new(&message, direction);
    Ok(writeln!(out, "{}", version.map_or(words, |version| words.version(version)))?)
}

/// Reads `3.1`, or a word such as `0x30001`.
fn version(text: &str) -> Result<Version, String> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).map(Version).map_err(|error| error.to_string());
    }
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    match (major.parse(), minor.parse()) {
        (Ok(major), Ok(minor)) => Ok(Version::new(major, minor)),
        _ => Err("expected two numbers such as 3.1, or a word such as 0x30001".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_never_taken_for_a_file() {
        let name = |text: &str| trace_name(&[text.to_owned()]).is_some();
        assert!(name("-") && name("boot.pcapng") && name("./05") && name("/tmp/trace"));
        assert!(!name("05") && !name("06:54:14:00") && !name("0x00145406") && !name("zz"));
        assert!(trace_name(&["a.b".to_owned(), "c".to_owned()]).is_none());
    }

    #[test]
    fn versions_are_read_in_both_forms() {
        assert_eq!(version("3.1"), Ok(Version(0x30001)));
        assert_eq!(version("2"), Ok(Version(0x20000)));
        assert_eq!(version("0x30001"), Ok(Version(0x30001)));
        assert!(version("new").is_err_and(|text| text.contains("3.1")));
        assert!(version("70000.1").is_err_and(|text| text.contains("3.1")));
    }
}
