//! `platform faults`: what goes wrong on purpose.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::{Args, Subcommand};
use hyper::Method;
use scmid::control::{Cleared, FaultState, FaultsState, NewFault, Word};
use serde_json::Value;

use super::client::{Client, escaped};
use super::verbs::print;
use crate::failure::Failure;
use crate::table::Columns;

pub(super) const EXAMPLES: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock faults list
  scmictl platform --control /run/scmi/control.sock faults add slow --of vm1 --protocol clock --do 'delay=2 s'
  scmictl platform --control /run/scmi/control.sock faults remove slow";

const ADD: &str = "\
What --do can say stands in docs/faults.md; the words are the keys of the board file.

Examples:
  scmictl platform --control /run/scmi/control.sock faults add slow --of vm1 --do 'delay=2 s'
  scmictl platform --control /run/scmi/control.sock faults add busy --protocol clock --every 3 --do status=BUSY
  scmictl platform --control /run/scmi/control.sock faults add lost --protocol sensor --count 1 --do never
  scmictl platform --control /run/scmi/control.sock faults add odd --do 'header={\"type\": 2}'";

const LIST: &str = "\
Examples:
  scmictl --json platform --control /run/scmi/control.sock faults list | jq .done";

const SHOW: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock faults show slow >> board.toml
  scmictl --json platform --control /run/scmi/control.sock faults show slow | jq .rule";

const REMOVE: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock faults remove slow";

const CLEAR: &str = "\
Examples:
  scmictl platform --control /run/scmi/control.sock faults clear";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Show the faults that stand, and what they did.
    #[command(after_help = LIST)]
    List,
    /// Show one fault as the board file has it, and what it did.
    #[command(after_help = SHOW)]
    Show {
        /// Its name.
        #[arg(value_name = "FAULT")]
        fault: String,
    },
    /// Have something go wrong from now on.
    #[command(after_help = ADD)]
    Add(Box<Add>),
    /// End one fault; buffers that it keeps go back to their guests.
    #[command(after_help = REMOVE)]
    Remove {
        /// Its name.
        #[arg(value_name = "FAULT")]
        fault: String,
    },
    /// End all faults.
    #[command(after_help = CLEAR)]
    Clear,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What reports call it.
    #[arg(value_name = "NAME")]
    fault: String,
    /// Whose messages; everybody's where it is not said.
    #[arg(long, value_name = "AGENT")]
    of: Option<String>,
    /// What it is about: answers, delayed-responses or notifications.
    #[arg(long, value_name = "MESSAGES")]
    on: Option<String>,
    /// The protocol, by name or number.
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<String>,
    /// The message, by name or number.
    #[arg(long, value_name = "MESSAGE")]
    message: Option<String>,
    /// The domain, clock, sensor or pin: its id as the agent knows it, or its name on the board.
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// So many that match pass first; or a time of the platform, such as "30 s".
    #[arg(long, value_name = "COUNT|TIME")]
    after: Option<String>,
    /// Each of so many.
    #[arg(long, value_name = "N")]
    every: Option<u64>,
    /// How likely, 0 to 1.
    #[arg(long, value_name = "P")]
    probability: Option<f64>,
    /// Of the probability: the same does the same again.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How often at most.
    #[arg(long = "at-most", value_name = "N")]
    at_most: Option<u64>,
    /// What is done; more than one may be.
    #[arg(long = "do", value_name = "KEY[=VALUE]", required = true, value_parser = act)]
    acts: Vec<(String, Value)>,
}

impl From<&Add> for NewFault {
    fn from(add: &Add) -> Self {
        Self {
            name: add.fault.clone(),
            agent: add.of.clone(),
            on: add.on.clone(),
            protocol: add.protocol.as_deref().map(word),
            message: add.message.as_deref().map(word),
            resource: add.resource.as_deref().map(word),
            after: add.after.as_deref().map(word),
            every: add.every,
            probability: add.probability,
            seed: add.seed,
            count: add.at_most,
            acts: add.acts.iter().cloned().collect(),
        }
    }
}

/// A number where it is one, decimal or with 0x before it.
fn word(text: &str) -> Word {
    let hexadecimal = text.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16));
    let number = hexadecimal.unwrap_or_else(|| text.parse());
    number.map_or_else(|_| Word::Text(text.to_owned()), Word::Number)
}

/// `never` is `never = true`, `truncate=12` a number, `header={"type": 2}` a table, and `delay=2 s` a text.
fn act(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').unwrap_or((text, "true"));
    let (key, value) = (key.trim(), value.trim());
    if key.is_empty() {
        return Err("expected KEY or KEY=VALUE".to_owned());
    }
    let value = match serde_json::from_str(value) {
        Ok(value) => value,
        Err(error) if value.starts_with(['{', '[']) => return Err(error.to_string()),
        Err(_) => Value::from(value),
    };
    Ok((key.to_owned(), value))
}

/// `platform faults`.
pub(super) fn run(
    client: &Client<'_>,
    verb: &Verb,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match verb {
        Verb::List => {
            let faults: FaultsState = client.get("/v1/faults")?;
            print(&faults, json, out, all)
        }
        Verb::Show { fault } => {
            let fault: FaultState = client.get(&format!("/v1/faults/{}", escaped(fault)))?;
            print(&fault, json, out, whole)
        }
        Verb::Add(add) => {
            let fault: FaultState =
                client.act(Method::POST, "/v1/faults", &NewFault::from(add.as_ref()))?;
            print(&fault, json, out, one)
        }
        Verb::Remove { fault } => {
            let fault: FaultState = client.delete(&format!("/v1/faults/{}", escaped(fault)))?;
            print(&fault, json, out, one)
        }
        Verb::Clear => {
            let cleared: Cleared = client.delete("/v1/faults")?;
            print(&cleared, json, out, |cleared, out| writeln!(out, "{} ended", cleared.cleared))
        }
    }
}

fn all(faults: &FaultsState, out: &mut dyn Write) -> io::Result<()> {
    table(&faults.faults, out)?;
    if !faults.done.is_empty() {
        writeln!(out, "done so far: {}", times(&faults.done))?;
    }
    if faults.skipped != 0 {
        writeln!(out, "could not be done: {}", faults.skipped)?;
    }
    if faults.given_back != 0 {
        writeln!(out, "buffers given back: {}", faults.given_back)?;
    }
    Ok(())
}

fn one(fault: &FaultState, out: &mut dyn Write) -> io::Result<()> {
    table(core::slice::from_ref(fault), out)
}

/// As the board file has it; what it did stands there as comments.
fn whole(fault: &FaultState, out: &mut dyn Write) -> io::Result<()> {
    let FaultState { seen, chosen, skipped, .. } = fault;
    let done = if fault.done.is_empty() { "nothing".to_owned() } else { times(&fault.done) };
    writeln!(out, "# seen {seen}, chosen {chosen}, done: {done}, could not be done: {skipped}")?;
    write!(out, "{}", fault.rule.toml())
}

fn table(faults: &[FaultState], out: &mut dyn Write) -> io::Result<()> {
    if faults.is_empty() {
        return writeln!(out, "no faults");
    }
    let mut columns = Columns::new(&[">ID", "NAME", "DOES", ">SEEN", ">CHOSEN", "DONE"]);
    for fault in faults {
        columns.row(vec![
            fault.id.to_string(),
            fault.name.clone(),
            fault.does.join(", "),
            fault.seen.to_string(),
            fault.chosen.to_string(),
            times(&fault.done),
        ]);
    }
    columns.write(out)
}

fn times(done: &BTreeMap<String, u64>) -> String {
    let one = |(kind, times): (&String, &u64)| format!("{kind} {times}");
    done.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_done_is_a_key_with_or_without_a_value() {
        assert_eq!(act("never"), Ok(("never".to_owned(), json!(true))));
        assert_eq!(act("truncate = 12"), Ok(("truncate".to_owned(), json!(12))));
        assert_eq!(act("delay=2 s"), Ok(("delay".to_owned(), json!("2 s"))));
        assert_eq!(act("header={\"type\": 2}"), Ok(("header".to_owned(), json!({ "type": 2 }))));
        act("header={type = 2}").expect_err("no JSON");
        act("=3").expect_err("no key");
    }

    #[test]
    fn a_number_is_no_name() {
        assert_eq!(word("0x14"), Word::Number(20));
        assert_eq!(word("7"), Word::Number(7));
        assert_eq!(word("clock"), Word::Text("clock".to_owned()));
    }
}
