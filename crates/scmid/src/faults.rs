//! Faults of a daemon that runs.

use std::collections::BTreeMap;

use scmi_board::{BoardError, FaultReport, FaultRule, FaultTotals, NotAdded};
use scmi_virtio::device::fault::Kind;
use thiserror::Error;

use crate::daemon::Daemon;

/// Why faults were not added. None of them was, then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The text is something else: everything that is wrong with it.
    #[error("{0}")]
    Text(#[from] BoardError),
    /// One of them cannot stand beside those that do.
    #[error("fault {name:?}: {why}")]
    NotAdded {
        /// Which.
        name: String,
        /// Why.
        why: NotAdded,
    },
}

impl Daemon {
    /// Adds faults: a text of tables `[[fault]]` as a board file has them, which messages call `origin`. They do their part from
    /// now on. The names of those that were added.
    ///
    /// # Errors
    /// [`FaultError`]
    pub fn add_faults(&self, text: &str, origin: &str) -> Result<Vec<String>, FaultError> {
        let rules = FaultRule::parse(text, origin, &self.board())?;
        let mut added = Vec::with_capacity(rules.len());
        for rule in rules {
            let name = rule.name.clone();
            if let Err(why) = self.faults.add(rule) {
                added.iter().for_each(|name: &String| drop(self.faults.remove(name)));
                return Err(FaultError::NotAdded { name, why });
            }
            added.push(name);
        }
        Ok(added)
    }

    /// Removes a fault by name; what it did, if there was one. Buffers that it kept go back to their guests.
    pub fn remove_fault(&self, name: &str) -> Option<FaultReport> {
        let report = self.faults.remove(name);
        self.hub.wake_all();
        report
    }

    /// Removes all faults; how many there were.
    pub fn clear_faults(&self) -> usize {
        let count = self.faults.clear();
        self.hub.wake_all();
        count
    }

    /// The faults that stand, what each did, and what all did so far.
    pub fn faults(&self) -> (Vec<FaultReport>, FaultTotals) {
        self.faults.look()
    }

    /// Logs what each fault that stands did, a line each.
    pub(crate) fn log_faults(&self) {
        for FaultReport { rule, seen, chosen, done, skipped, .. } in self.faults.reports() {
            let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
            done.iter().for_each(|tally| *kinds.entry(tally.kind).or_default() += tally.count);
            let done: String =
                kinds.iter().map(|(kind, times)| format!(" {kind}={times}")).collect();
            tracing::info!(
                "fault {:?} seen={seen} chosen={chosen}{done} skipped={skipped}",
                rule.name
            );
        }
    }
}
