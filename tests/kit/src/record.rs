//! What tests saw go by, for `docs/coverage.md`.

use core::fmt;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder that records go to; without it nothing is recorded.
pub const RECORD_VARIABLE: &str = "SCMI_RECORD";

/// How the names of records end.
const SUFFIX: &str = "record";

/// Whose doing it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Our agent asked and understood.
    Agent,
    /// Our platform answered or sent.
    Platform,
    /// Linux asked or was sent.
    Linux,
}

/// A message and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// Whose doing it was.
    pub side: Side,
    /// The protocol's number.
    pub protocol: u8,
    /// The header's type: 0 a command, 2 a delayed response, 3 a notification.
    pub kind: u8,
    /// The message's number.
    pub message: u8,
    /// Whether it succeeded; otherwise it was refused.
    pub success: bool,
}

/// What one test saw go by.
#[derive(Debug)]
pub struct Record {
    file: Option<PathBuf>,
    seen: BTreeSet<Sighting>,
}

impl Record {
    /// An empty record of this name, which no other has.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let folder = std::env::var_os(RECORD_VARIABLE).map(PathBuf::from);
        let file = folder.map(|folder| folder.join(name).with_extension(SUFFIX));
        Self { file, seen: BTreeSet::new() }
    }

    /// Whether anybody wants it.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.file.is_some()
    }

    /// Notes that a message went by.
    pub fn note(&mut self, side: Side, protocol: u8, kind: u8, message: u8, success: bool) {
        self.seen.insert(Sighting { side, protocol, kind, message, success });
    }

    /// What was noted, in ascending order.
    pub fn sightings(&self) -> impl Iterator<Item = &Sighting> {
        self.seen.iter()
    }

    /// Writes it where it is wanted. What is not written was not seen.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let lines: String = self.seen.iter().map(|sighting| format!("{sighting}\n")).collect();
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, lines).with_context(|| format!("cannot write {}", file.display()))
    }

    /// All that the records in a folder have.
    ///
    /// # Errors
    /// When one cannot be read or is none.
    pub fn read_all(folder: &Path) -> Result<BTreeSet<Sighting>> {
        let mut all = BTreeSet::new();
        let entries = fs::read_dir(folder);
        for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == SUFFIX) {
                let text = fs::read_to_string(&path)?;
                for line in text.lines() {
                    let sighting = Sighting::parse(line);
                    all.insert(sighting.with_context(|| format!("in {}", path.display()))?);
                }
            }
        }
        Ok(all)
    }
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Agent => "agent",
            Side::Platform => "platform",
            Side::Linux => "linux",
        };
        let Self { protocol, kind, message, .. } = self;
        let end = if self.success { "success" } else { "refusal" };
        write!(f, "{side} {protocol} {kind} {message} {end}")
    }
}

impl Sighting {
    fn parse(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let [side, protocol, kind, message, end] = words[..] else {
            bail!("{line:?} has not five words");
        };
        let side = match side {
            "agent" => Side::Agent,
            "platform" => Side::Platform,
            "linux" => Side::Linux,
            _ => bail!("{side:?} is no side"),
        };
        let success = match end {
            "success" => true,
            "refusal" => false,
            _ => bail!("{end:?} is no end"),
        };
        let number = |word: &str| word.parse().with_context(|| format!("{word:?} in {line:?}"));
        let (protocol, kind, message) = (number(protocol)?, number(kind)?, number(message)?);
        Ok(Self { side, protocol, kind, message, success })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sighting_is_read_as_it_was_written() {
        for side in [Side::Agent, Side::Platform, Side::Linux] {
            for success in [true, false] {
                let sighting = Sighting { side, protocol: 0x15, kind: 3, message: 1, success };
                assert_eq!(Sighting::parse(&sighting.to_string()).unwrap(), sighting);
            }
        }
        for wrong in ["", "agent 1 2 3", "nobody 1 2 3 success", "agent 1 2 256 success"] {
            Sighting::parse(wrong).unwrap_err();
        }
    }
}
