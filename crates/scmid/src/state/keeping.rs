//! A platform whose state is kept.

use core::time::Duration;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};

use scmi::Time;
use scmi::platform::{Platform, StateEntry, StateKey};
use scmi_vhost::backend::Hub;

use super::error::StateError;
use super::file::{Found, Place};
use super::journal::Journal;

/// How long agents are waited for that were there when the process before ended: what they have is kept that long.
const GRACE: Duration = Duration::from_secs(60);

/// When a file that could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The state file of a platform.
#[derive(Debug)]
pub(crate) struct StateFile {
    place: Place,
    board: String,
    journal: Journal,
    /// Ends the wait of the thread.
    stop: SyncSender<()>,
    wanted: std::sync::Mutex<Receiver<()>>,
    stopped: core::sync::atomic::AtomicBool,
}

/// What a platform says of itself.
fn identity(platform: &Platform) -> String {
    let mut board = String::new();
    // Text takes all.
    let _written = platform.identify(&mut board);
    board
}

/// The last entry of each key counts.
fn last(entries: Vec<StateEntry>) -> Vec<StateEntry> {
    let last: BTreeMap<StateKey, StateEntry> =
        entries.into_iter().map(|entry| (entry.key, entry)).collect();
    last.into_values().filter(|entry| entry.value.is_some()).collect()
}

impl StateFile {
    /// What `--check` says of a file: how much a platform would take up from it. Nothing is changed.
    pub(crate) fn check(path: &Path, platform: &mut Platform) -> Result<String, StateError> {
        let place = Place { path: path.to_owned() };
        Ok(match place.look(&identity(platform))?.0 {
            Found::Nothing => "there is none yet".into(),
            Found::Corrupt(wrong) => format!("corrupt, would be set aside: {wrong}"),
            Found::State(contents) => {
                let entries = last(contents.entries);
                match platform.restore(Time::ZERO, &entries, GRACE) {
                    Ok(_) => format!("of this board, {} settings", entries.len()),
                    Err(bad) => format!("corrupt, would be set aside: {bad}"),
                }
            }
        })
    }

    /// Takes up what the file has for a platform that was just built, and keeps there what agents set from now on.
    pub(crate) fn open(path: &Path, platform: &mut Platform) -> Result<Self, StateError> {
        let place = Place { path: path.to_owned() };
        let board = identity(platform);
        let (found, _held) = place.look(&board)?;
        begin(platform);
        match found {
            Found::Nothing => tracing::info!("state: there is no {} yet", path.display()),
            Found::Corrupt(wrong) => set_aside(&place, &wrong.to_string())?,
            Found::State(contents) => {
                take_up(&place, contents.torn, last(contents.entries), platform)?
            }
        }
        let mut entries = Vec::new();
        platform.state(&mut |entry| entries.push(*entry));
        let log = place.write(&board, &entries)?;
        place.replace()?;
        let (stop, wanted) = sync_channel(1);
        let journal = Journal::new(log, stop.clone());
        platform.keep_with(Box::new(journal.clone()));
        Ok(Self { place, board, journal, stop, wanted: wanted.into(), stopped: false.into() })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &PathBuf {
        &self.place.path
    }

    /// Makes the file short again whenever it has become long, until [`Self::stop`].
    pub(crate) fn tend(&self, hub: &Hub) {
        use core::sync::atomic::Ordering::Acquire;
        let wanted = self.wanted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut failing = false;
        while !self.stopped.load(Acquire) {
            let told = if failing {
                wanted.recv_timeout(AGAIN)
            } else {
                wanted.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            if told == Err(RecvTimeoutError::Disconnected) || self.stopped.load(Acquire) {
                return;
            }
            let was_broken = self.journal.is_broken();
            let done = self.shorten(hub);
            match &done {
                Ok(()) if was_broken => tracing::warn!("state: what agents set is kept again"),
                Err(error) if !failing => tracing::error!("{}", said(error)),
                _ => {}
            }
            failing = done.is_err();
        }
    }

    /// Ends [`Self::tend`], at once or after what it is doing.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, core::sync::atomic::Ordering::Release);
        // Where there is something already, it will not sleep.
        let _told = self.stop.try_send(());
    }

    /// Puts a new snapshot in the place of the file. Agents wait only while it is copied in memory.
    fn shorten(&self, hub: &Hub) -> Result<(), StateError> {
        let mut entries = Vec::new();
        hub.with(|_, platform| {
            platform.state(&mut |entry| entries.push(*entry));
            self.journal.snapshot_begins();
        });
        let done = self.place.write(&self.board, &entries).and_then(|log| {
            self.journal.catch_up(log).map_err(|source| StateError::Io {
                path: self.place.path.clone(),
                what: "be written anew",
                source,
            })?;
            self.place.replace()
        });
        self.journal.snapshot_ends(done.is_ok());
        done
    }
}

/// From here on the platform tells what was set from what is as at start.
fn begin(platform: &mut Platform) {
    // Of nothing, nothing is wrong.
    let _nothing = platform.restore(Time::ZERO, &[], GRACE);
}

fn set_aside(place: &Place, why: &str) -> Result<(), StateError> {
    let aside = place.set_aside()?;
    tracing::error!(
        "state: {} is corrupt ({why}); it is {} now, and all begins as the board says",
        place.path.display(),
        aside.display()
    );
    Ok(())
}

fn take_up(
    place: &Place,
    torn: usize,
    entries: Vec<StateEntry>,
    platform: &mut Platform,
) -> Result<(), StateError> {
    match platform.restore(Time::ZERO, &entries, GRACE) {
        Err(bad) => return set_aside(place, &bad.to_string()),
        Ok(untrue) => {
            let count = entries.len();
            tracing::info!("state: {count} settings taken up from {}", place.path.display());
            if untrue > 0 {
                tracing::warn!("state: {untrue} of them could not be had again");
            }
        }
    }
    if torn > 0 {
        tracing::info!("state: the last change was not written to its end and is left out");
    }
    Ok(())
}

/// An error with the reasons behind it, in one line.
fn said(error: &dyn core::error::Error) -> String {
    let mut text = error.to_string();
    let mut reason = error.source();
    while let Some(error) = reason {
        text.push_str(&format!(": {error}"));
        reason = error.source();
    }
    text
}
