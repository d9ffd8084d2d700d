//! What is different in a later reading of a board file.

use core::fmt;
use std::collections::BTreeSet;
use std::path::Path;

use super::diff::{Found, diff};
use super::file::BoardFile;
use super::paths::{HostPath, Need};
use crate::schema::{Reload, Why};

/// A key that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The table that it is of, such as `sensor "cpu"`, `platform` or `system`; empty for the file as a whole.
    pub item: String,
    /// The key in it, such as `source.max` or `states[1].latency`, counted from 0; empty where the item itself came or went.
    pub key: String,
    /// The line in the later file, from 1; of what is gone, of the table that it was in. None where that is gone too.
    pub line: Option<usize>,
    /// What stood there before, as it was written; nothing where the key was not there.
    pub was: Option<String>,
    /// What stands there now; nothing where the key is gone.
    pub is: Option<String>,
}

/// Why a later board cannot take the place of the one that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What is different.
    pub change: Change,
    /// Why it cannot be.
    pub why: String,
}

impl Refusal {
    /// A refusal of an item as a whole, for a reason that is not in the file.
    #[must_use]
    pub fn new(item: String, why: String) -> Self {
        let change = Change { item, key: String::new(), line: None, was: None, is: None };
        Self { change, why }
    }
}

/// What is different between two readings of a board file, and whether it can become so while agents are there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revision {
    /// What changes, in the order of the file's kinds of tables. Empty where the board is the same, however it is written.
    pub changes: Vec<Change>,
    /// What cannot change. Where there is something, nothing changes.
    pub refusals: Vec<Refusal>,
}

impl Revision {
    pub(super) fn new(was: &BoardFile, is: &BoardFile) -> Self {
        let mut revision = Self { changes: Vec::new(), refusals: Vec::new() };
        let (old, new) = (&*was.board, &*is.board);
        if old.is_same_as(new) {
            return revision;
        }
        let mine = old.with_live_parts_of(new);
        let lines = Lines::of(&is.text);
        let found = diff(&was.text, &is.text);
        if mine == *new {
            let live = found.into_iter().filter(|found| found.reload == Reload::Live);
            revision.changes = live.map(|found| lines.change(found)).collect();
            return revision;
        }
        let fixed = found.into_iter().filter_map(|found| match found.reload {
            Reload::Fixed(why) => {
                Some(Refusal { change: lines.change(found), why: why.words().into() })
            }
            Reload::Live => None,
        });
        revision.refusals = fixed.collect();
        if revision.refusals.is_empty() {
            // Whatever it is, it is not among what can change.
            let change =
                Change { item: String::new(), key: String::new(), line: None, was: None, is: None };
            revision.refusals.push(Refusal { change, why: Why::Known.words().into() });
        }
        revision
    }

    /// Refuses paths of the host that `later` needs and `was` did not, unless `allows` says yes: it says why not
    /// otherwise.
    pub fn confine(
        &mut self,
        was: &BoardFile,
        later: &BoardFile,
        allows: &dyn Fn(Need, &Path) -> Result<(), String>,
    ) {
        let known: BTreeSet<_> =
            was.board.host_paths().map(|known| (known.need, known.path)).collect();
        for HostPath { need, path, item, key } in later.board.host_paths() {
            if known.contains(&(need, path)) {
                continue;
            }
            let Err(why) = allows(need, path) else { continue };
            let is_it = |change: &&Change| {
                change.item == item && (change.key.starts_with(key) || change.key.is_empty())
            };
            let named = self.changes.iter().find(is_it).cloned();
            let change = named.unwrap_or_else(|| Change {
                item,
                key: key.to_owned(),
                line: None,
                was: None,
                is: Some(format!("{:?}", path.display().to_string())),
            });
            self.refusals.push(Refusal { change, why });
        }
    }
}

/// Where lines end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn change(&self, found: Found) -> Change {
        let Found { item, key, at, was, is, .. } = found;
        let line = |at| self.0.partition_point(|end| *end < at) + 1;
        Change { item, key, line: at.map(line), was, is }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { item, key, was, is, .. } = self;
        match (item.is_empty(), key.is_empty()) {
            (true, true) => return f.write_str("the board is another one"),
            (true, false) => write!(f, "{key}: ")?,
            (false, true) => {
                return write!(f, "{item} is {}", if was.is_none() { "new" } else { "gone" });
            }
            (false, false) => write!(f, "{key} of {item}: ")?,
        }
        match (was, is) {
            (Some(was), Some(is)) => write!(f, "was {was}, is {is}"),
            (None, Some(is)) => write!(f, "was not there, is {is}"),
            (Some(was), None) => write!(f, "was {was}, is not there"),
            (None, None) => f.write_str("is different"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.change, self.why)
    }
}
