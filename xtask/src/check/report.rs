//! Steps as they run, and what came of them.

use core::time::Duration;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::command::line;

/// What ran so far.
pub(crate) struct Report {
    started: Instant,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    time: Duration,
    /// The tests in it, for a step of tests.
    tests: Option<Tests>,
    passed: bool,
}

/// Tests counted from what `cargo test` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tests {
    pub(crate) passed: u32,
    /// Ignored tests are among them: a test that did not run has not passed.
    pub(crate) failed: u32,
    /// Whether Cargo itself failed, which it also does where no test could be counted.
    broken: bool,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), rows: Vec::new() }
    }

    /// Runs a step that passes or fails as a whole.
    pub(crate) fn step(&mut self, name: &str, step: impl FnOnce() -> Result<()>) {
        self.row(name, || (None, step()));
    }

    /// Runs a step of tests; whether all passed.
    pub(crate) fn tests(&mut self, name: &str, step: impl FnOnce() -> Result<Tests>) -> bool {
        self.row(name, || match step() {
            Ok(tests) if tests.failed > 0 => (Some(tests), Err(anyhow::anyhow!("tests failed"))),
            Ok(tests) if tests.broken => (Some(tests), Err(anyhow::anyhow!("cargo test failed"))),
            Ok(tests) => (Some(tests), Ok(())),
            Err(error) => (None, Err(error)),
        });
        self.rows.last().is_some_and(|row| row.passed)
    }

    fn row(&mut self, name: &str, step: impl FnOnce() -> (Option<Tests>, Result<()>)) {
        println!("\n=== {name}");
        let started = Instant::now();
        let (tests, result) = step();
        let time = started.elapsed();
        match &result {
            Ok(()) => println!("=== {name}: passed in {:.1} s", time.as_secs_f64()),
            Err(error) => {
                println!("=== {name}: FAILED after {:.1} s: {error:#}", time.as_secs_f64())
            }
        }
        self.rows.push(Row { name: name.to_owned(), time, tests, passed: result.is_ok() });
    }

    pub(crate) fn failed(&self) -> bool {
        self.rows.iter().any(|row| !row.passed)
    }

    /// The table, and the last line: tests that passed, and tests and other steps that failed.
    pub(crate) fn print(&self) {
        println!();
        for Row { name, time, tests, passed } in &self.rows {
            let result = if *passed { "passed" } else { "FAILED" };
            let tests = tests.map_or_else(String::new, |Tests { passed, failed, .. }| {
                format!("  {passed} tests passed, {failed} failed")
            });
            println!("{result}  {:7.1} s  {name}{tests}", time.as_secs_f64());
        }
        println!("all in {:.0} s", self.started.elapsed().as_secs_f64());
        let (passed, failed) = self.totals();
        println!("{passed} passed, {failed} failed");
    }

    /// Tests passed; tests failed, where a step that failed without a failed test is one as well.
    fn totals(&self) -> (u32, u32) {
        self.rows.iter().fold((0, 0), |(passed, failed), row| {
            let tests = row.tests.unwrap_or_default();
            (passed + tests.passed, failed + tests.failed.max(u32::from(!row.passed)))
        })
    }
}

impl Tests {
    /// Runs `cargo test`, shows what it prints and counts.
    pub(crate) fn run(command: &mut Command) -> Result<Self> {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.with_context(|| format!("cannot run {}", line(command)))?;
        let Some(stdout) = child.stdout.take() else { bail!("cargo test has no output") };
        let mut tests = Self::default();
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            println!("{line}");
            tests.count(&line);
        }
        tests.broken = !child.wait()?.success();
        Ok(tests)
    }

    /// Takes a line such as `test result: ok. 4 passed; 0 failed; 1 ignored; ...`.
    fn count(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split(';') {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u32>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" | "ignored" => self.failed += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_tests_count_as_failed() {
        let mut tests = Tests::default();
        tests.count("test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 1s");
        tests.count(
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out",
        );
        tests.count("test some::test ... ok");
        assert_eq!((tests.passed, tests.failed), (6, 4));
    }

    #[test]
    fn a_failed_step_is_in_the_last_line() {
        let mut report = Report::new();
        report.step("good", || Ok(()));
        assert!(!report.failed(), "nothing failed yet");
        report.step("bad", || bail!("no"));
        report.tests("tests", || Ok(Tests { passed: 5, failed: 2, broken: true }));
        report.tests("does not compile", || Ok(Tests { broken: true, ..Tests::default() }));
        report.tests("cannot run", || bail!("no cargo"));
        assert_eq!(report.totals(), (5, 5));
        assert!(report.failed(), "four of them");
    }
}
