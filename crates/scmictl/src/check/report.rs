//! What was found, for people and for programs.

use std::collections::BTreeMap;
use std::io::Write;

use scmi::decode::{Direction, Words};
use scmi::wire::{Header, Status, Version};
use serde_json::{Value, json};

use super::rules::{self, Rule};
use crate::decode::document;
use crate::failure::Failure;

/// A command and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) version: Version,
    pub(super) request: Vec<u8>,
    /// None where nothing came.
    pub(super) answer: Option<Vec<u8>>,
}

impl Exchange {
    /// The answer's status, if there is one.
    pub(super) fn status(&self) -> Option<Status> {
        let status = self.answer.as_deref()?.get(4..)?.first_chunk::<4>()?;
        Some(Status(i32::from_le_bytes(*status)))
    }

    /// The values after the status of an answer that is no refusal.
    pub(super) fn values(&self) -> Option<&[u8]> {
        self.status().filter(|status| *status == Status::SUCCESS)?;
        self.answer.as_deref()?.get(8..)
    }
}

/// A rule that was broken.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) rule: &'static Rule,
    pub(super) exchange: Exchange,
    pub(super) expected: String,
}

/// What a platform was found to do.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) requests: u64,
    pub(super) findings: Vec<Finding>,
    /// How often each rule was looked at, and how often it was broken.
    counts: BTreeMap<&'static str, [u64; 2]>,
    /// Lists whose answer did not come through a way that loses long ones.
    pub(super) unseen: u64,
    /// The platform answered no more after this one.
    pub(super) stopped: Option<Exchange>,
}

/// Findings of one rule about one message that are told in full; more are counted.
const TOLD: usize = 3;

impl Report {
    /// Counts a look at a rule, and keeps what broke it.
    pub(super) fn judge(
        &mut self,
        rule: &'static Rule,
        held: bool,
        exchange: &Exchange,
        expected: impl FnOnce() -> String,
    ) -> bool {
        let [looked, broken] = self.counts.entry(rule.id).or_default();
        *looked += 1;
        if held {
            return true;
        }
        *broken += 1;
        let about =
            |exchange: &Exchange| Header::parse(&exchange.request).map(|header| header.protocol());
        let same = |finding: &&Finding| {
            finding.rule == rule && about(&finding.exchange) == about(exchange)
        };
        if self.findings.iter().filter(same).count() < TOLD {
            self.findings.push(Finding { rule, exchange: exchange.clone(), expected: expected() });
        }
        false
    }

    /// The names of the rules that were broken.
    pub(super) fn broken(&self) -> Vec<&'static str> {
        self.counted(|[_, broken]| broken > 0)
    }

    /// Rules that nothing of this platform could be held against.
    pub(super) fn unchecked(&self) -> Vec<&'static str> {
        self.counted(|[looked, _]| looked == 0)
    }

    fn counted(&self, wanted: impl Fn([u64; 2]) -> bool) -> Vec<&'static str> {
        let count = |rule: &&&Rule| wanted(self.counts.get(rule.id).copied().unwrap_or_default());
        rules::ALL.iter().filter(count).map(|rule| rule.id).collect()
    }

    /// Writes it for people.
    pub(super) fn write(&self, out: &mut dyn Write) -> Result<(), Failure> {
        for finding in &self.findings {
            let Finding { rule, exchange, expected } = finding;
            writeln!(out, "{} (section {}): {}", rule.id, rule.section, rule.text)?;
            writeln!(out, "  request   {}", hex(&exchange.request))?;
            words(out, &exchange.request, Direction::Command, exchange.version)?;
            match &exchange.answer {
                None => writeln!(out, "  answer    none")?,
                Some(answer) => {
                    writeln!(out, "  answer    {}", hex(answer))?;
                    words(out, answer, Direction::Response, exchange.version)?;
                }
            }
            writeln!(out, "  expected  {expected}\n")?;
        }
        for rule in rules::ALL {
            let [looked, broken] = self.counts.get(rule.id).copied().unwrap_or_default();
            if broken > 0 {
                writeln!(out, "broken  {:<20} {broken} of {looked}", rule.id)?;
            }
        }
        if self.unseen > 0 {
            let unseen = self.unseen;
            writeln!(
                out,
                "{unseen} lists not seen: raw mode loses answers of more than 124 bytes"
            )?;
        }
        let unchecked = self.unchecked();
        if !unchecked.is_empty() {
            writeln!(out, "nothing to check for {}", unchecked.join(", "))?;
        }
        if let Some(last) = &self.stopped {
            writeln!(out, "the platform stopped answering after {}", hex(&last.request))?;
        }
        let broken = self.broken().len();
        let held = rules::ALL.len() - broken - unchecked.len();
        Ok(writeln!(out, "{} requests: {held} rules held, {broken} broken", self.requests)?)
    }

    /// The same for programs.
    pub(super) fn document(&self) -> Value {
        let counts: Value = rules::ALL
            .iter()
            .map(|rule| {
                let [looked, broken] = self.counts.get(rule.id).copied().unwrap_or_default();
                let Rule { id, section, text } = rule;
                json!({ "rule": id, "section": section, "text": text, "checked": looked, "broken": broken })
            })
            .collect();
        let findings: Value = self
            .findings
            .iter()
            .map(|Finding { rule, exchange, expected }| {
                json!({
                    "rule": rule.id,
                    "section": rule.section,
                    "expected": expected,
                    "request": message(&exchange.request, Direction::Command, exchange.version),
                    "answer": exchange.answer.as_deref().map(|answer| {
                        message(answer, Direction::Response, exchange.version)
                    }),
                })
            })
            .collect();
        json!({
            "conforms": self.broken().is_empty(),
            "requests": self.requests,
            "unseen": self.unseen,
            "stopped_after": self.stopped.as_ref().map(|last| hex(&last.request)),
            "rules": counts,
            "findings": findings,
        })
    }
}

fn message(bytes: &[u8], direction: Direction, version: Version) -> Value {
    json!({ "hex": hex(bytes), "message": document(bytes, direction, Some(version)) })
}

/// Bytes as `scmictl decode` takes them.
pub(super) fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

fn words(
    out: &mut dyn Write,
    bytes: &[u8],
    direction: Direction,
    version: Version,
) -> Result<(), Failure> {
    let text = Words::new(bytes, direction).version(version).to_string();
    text.lines().try_for_each(|line| writeln!(out, "            {line}"))?;
    Ok(())
}
