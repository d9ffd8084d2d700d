//! The board file, read again while agents are there.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use scmi_board::{Board, BoardError, BoardFile, Change, Need, NotAdded, Refusal, Revision, Tuning};
use thiserror::Error;

use crate::daemon::Daemon;

/// Changes and reasons that are logged, of however many there are.
const LOGGED: usize = 50;

/// A board file that was read again and is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reloaded {
    /// The file.
    pub file: PathBuf,
    /// What is different; nothing where the file says the same as before.
    pub changes: Vec<Change>,
}

/// Why a board file that was read again is not in force. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The board was not read from a file.
    #[error("the board is not of a file that could be read again")]
    NoFile,
    /// The file cannot be read, or is wrong.
    #[error("the board file cannot be served")]
    Board(#[source] BoardError),
    /// It has what cannot change while agents are there.
    #[error(
        "{}: {} of the differences cannot be made while agents are there, so none is",
        file.display(),
        refusals.len()
    )]
    Refused {
        /// The file.
        file: PathBuf,
        /// Everything that cannot change.
        refusals: Vec<Refusal>,
    },
    /// The system gives no thread for what requests and orders need now.
    #[error("no thread for the power of the system")]
    Thread(#[source] io::Error),
}

/// Whether a path of the host can be used for something that it was not used for at start; if not, why.
type Allows = dyn Fn(Need, &Path) -> Result<(), String> + Send + Sync;

/// Somebody who is told what came of a reload.
type See = dyn Fn(&Result<Reloaded, ReloadError>) + Send;

/// The board of a daemon, and how it gets another one.
pub(crate) struct Reloading {
    board: RwLock<Arc<Board>>,
    /// Held while a reload is under way: there is one at a time.
    file: Mutex<Option<BoardFile>>,
    allows: Option<Box<Allows>>,
    witness: Mutex<Option<Box<See>>>,
    counters: [AtomicU64; 3],
}

impl Reloading {
    pub(crate) fn new(board: Arc<Board>, file: Option<BoardFile>) -> Self {
        Self {
            board: RwLock::new(board),
            file: Mutex::new(file),
            allows: None,
            witness: Mutex::default(),
            counters: Default::default(),
        }
    }
}

impl fmt::Debug for Reloading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloading").field("board", &self.board).finish_non_exhaustive()
    }
}

impl Daemon {
    /// The board that is served now.
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.reloading.board.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has a reload use paths of the host that the board did not need before only where `allows` says yes; it says why
    /// not otherwise, which refuses the reload. For processes that have shut themselves in.
    pub fn confine(
        &mut self,
        allows: impl Fn(Need, &Path) -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.reloading.allows = Some(Box::new(allows));
    }

    /// Has `see` called with what came of each reload. It takes the place of the one before.
    pub fn witness_reloads(&self, see: impl Fn(&Result<Reloaded, ReloadError>) + Send + 'static) {
        *self.reloading.witness.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Box::new(see));
    }

    /// How often the board file was read again, by what came of it.
    pub fn reload_counters(&self) -> [(&'static str, u64); 3] {
        let count = |at: usize| {
            self.reloading.counters.get(at).map_or(0, |count| count.load(Ordering::Relaxed))
        };
        [("changed", count(0)), ("unchanged", count(1)), ("refused", count(2))]
    }

    /// Reads the board file again. What can change while agents are there does, between two messages: no agent and no client sees
    /// a part of it. Logs what came of it.
    ///
    /// # Errors
    /// [`ReloadError`]; nothing was changed then.
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        let mut file = self.reloading.file.lock().unwrap_or_else(PoisonError::into_inner);
        let result = self.reread(&mut file);
        let which = match &result {
            Ok(done) => usize::from(done.changes.is_empty()),
            Err(_) => 2,
        };
        if let Some(counter) = self.reloading.counters.get(which) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        log(&result);
        let witness = self.reloading.witness.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(see) = &*witness {
            see(&result);
        }
        drop((witness, file));
        result
    }

    fn reread(&self, file: &mut Option<BoardFile>) -> Result<Reloaded, ReloadError> {
        let was = file.as_ref().ok_or(ReloadError::NoFile)?;
        let is = was.again().map_err(ReloadError::Board)?;
        let mut revision = was.revision(&is);
        if let Some(allows) = &self.reloading.allows {
            revision.confine(was, &is, allows.as_ref());
        }
        revision.refusals.extend(self.runs_otherwise(was.board(), is.board()));
        let path = is.path().to_owned();
        let Revision { changes, refusals, .. } = revision;
        if !refusals.is_empty() {
            return Err(ReloadError::Refused { file: path, refusals });
        }
        if !changes.is_empty() {
            self.change(was, &is)?;
        }
        *file = Some(is);
        Ok(Reloaded { file: path, changes })
    }

    /// Why a process apart does not run another command than the one that it was told at start; nothing where it need not.
    fn runs_otherwise(&self, was: &Board, is: &Board) -> Option<Refusal> {
        let command = |board: &Board| board.system.as_ref()?.on_request.clone();
        let other = command(is).is_some_and(|new| command(was).is_some_and(|old| old != new));
        let why = "the process that runs it was told the command when it started, before the sandbox was closed";
        (other && self.runs_apart())
            .then(|| Refusal::new("on-request of system".into(), why.into()))
    }

    /// Makes the change. What can fail comes first.
    fn change(&self, was: &BoardFile, is: &BoardFile) -> Result<(), ReloadError> {
        let tuning = Tuning::new(was, is);
        let means = self.clerk_means(is.board()).map_err(ReloadError::Thread)?;
        let board = Arc::clone(is.board());
        let changed = self.hub.with(|now, platform| {
            self.faults.replace(&was.board().faults, &is.board().faults)?;
            tuning.apply(now, platform);
            self.use_means(means);
            *self.reloading.board.write().unwrap_or_else(PoisonError::into_inner) = board;
            Ok::<_, (String, NotAdded)>(())
        });
        changed.map_err(|(name, why)| {
            let (file, refusals) = (is.path().to_owned(), vec![beside(&name, why)]);
            ReloadError::Refused { file, refusals }
        })?;
        // What faults kept that are gone comes back.
        self.hub.wake_all();
        Ok(())
    }
}

/// Why a fault of the file cannot stand beside those that were added since.
fn beside(name: &str, why: NotAdded) -> Refusal {
    let item = format!("fault {name:?}");
    Refusal::new(item, format!("{why}: it was added since"))
}

fn log(result: &Result<Reloaded, ReloadError>) {
    match result {
        Ok(Reloaded { file, changes }) if changes.is_empty() => {
            tracing::info!("reload of {}: nothing is different", file.display());
        }
        Ok(Reloaded { file, changes }) => {
            tracing::info!("reload of {}: {} changed", file.display(), changes.len());
            for change in changes.iter().take(LOGGED) {
                tracing::info!("reload: {}", placed(file, change.line, change));
            }
        }
        Err(error) => {
            tracing::error!("reload refused, nothing is changed: {error}");
            match error {
                ReloadError::Board(wrong) => {
                    said(wrong).lines().for_each(|line| tracing::error!("reload: {line}"));
                }
                ReloadError::Refused { file, refusals } => {
                    for refusal in refusals.iter().take(LOGGED) {
                        let line = refusal.change.line;
                        tracing::error!("reload: {}", placed(file, line, refusal));
                    }
                }
                ReloadError::Thread(source) => tracing::error!("reload: {source}"),
                ReloadError::NoFile => {}
            }
        }
    }
}

fn placed(file: &Path, line: Option<usize>, what: &dyn fmt::Display) -> String {
    let file = file.display();
    line.map_or_else(|| format!("{file}: {what}"), |line| format!("{file}:{line}: {what}"))
}

/// What is wrong with a board file, as `--check` says it.
pub(crate) fn said(error: &BoardError) -> String {
    let source = core::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
