//! Boards that change.

mod every_key;
mod random;
mod words;

use std::path::Path;
use std::sync::Arc;

use scmi::Time;
use scmi::platform::Platform;

use super::{BoardFile, Revision, Tuning};
use crate::board;
use crate::{BoardError, Faults};

/// The file of this text.
fn file(text: &str) -> Result<BoardFile, BoardError> {
    let path = Path::new("board.toml");
    let board = Arc::new(board::of_file(text, path)?);
    Ok(BoardFile { path: path.to_owned(), text: text.to_owned(), board })
}

/// A platform that serves a board, and its faults.
struct Served {
    platform: Platform,
    faults: Faults,
}

impl Served {
    fn new(file: &BoardFile) -> Self {
        let platform = file.board.platform().unwrap_or_else(|error| panic!("{error}"));
        Self { platform, faults: Faults::new(&file.board.faults) }
    }

    /// All that there is of it.
    fn dump(&self) -> String {
        let rules: Vec<_> = self.faults.reports().into_iter().map(|report| report.rule).collect();
        format!("{:?} {rules:?}", self.platform)
    }

    /// What a file of its state says of which board it is.
    fn identity(&self) -> String {
        let mut words = String::new();
        self.platform.identify(&mut words).unwrap();
        words
    }

    /// What is other than in another one, if anything is: the beginning of it, on both sides.
    fn differs(&self, other: &str) -> Option<(String, String)> {
        let own = self.dump();
        let at = own.bytes().zip(other.bytes()).position(|(own, other)| own != other);
        let at = at.or_else(|| (own.len() != other.len()).then(|| own.len().min(other.len())))?;
        let part = |text: &str| text.chars().skip(at.saturating_sub(200)).take(300).collect();
        Some((part(&own), part(other)))
    }

    /// Takes a later file as a daemon does: all of it, or nothing.
    fn reload(&mut self, was: &BoardFile, is: &BoardFile) -> Revision {
        let revision = was.revision(is);
        if revision.refusals.is_empty() {
            self.faults.replace(&was.board.faults, &is.board.faults).unwrap();
            Tuning::new(was, is).apply(Time::ZERO, &mut self.platform);
        }
        revision
    }
}
