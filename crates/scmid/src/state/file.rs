//! The file: found, judged, set aside, replaced.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use scmi::platform::StateEntry;

use super::error::StateError;
use super::format::{self, Contents, VERSION, Wrong};
use super::journal::Log;

/// How often a file is looked for again that was replaced while it was opened.
const TRIES: usize = 16;

/// The path of a state file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
}

/// What was found there.
#[derive(Debug)]
pub(super) enum Found {
    /// There is none.
    Nothing,
    /// One of this board.
    State(Contents),
    /// Something that cannot be read.
    Corrupt(Wrong),
}

/// A file that nobody else keeps a state in, while this lives.
#[derive(Debug)]
pub(super) struct Held(#[expect(dead_code, reason = "its lock ends with it")] Option<File>);

impl Place {
    fn failed(&self, what: &'static str) -> impl FnOnce(io::Error) -> StateError {
        let path = self.path.clone();
        move |source| StateError::Io { path, what, source }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    /// Looks at the file of a board that says this of itself.
    pub(super) fn look(&self, board: &str) -> Result<(Found, Held), StateError> {
        for _ in 0..TRIES {
            let mut file = match File::open(&self.path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok((Found::Nothing, Held(None)));
                }
                Err(error) => return Err(self.failed("be opened")(error)),
            };
            let is = file.metadata().map_err(self.failed("be looked at"))?;
            if !is.is_file() {
                let odd = io::Error::other("it is no regular file");
                return Err(self.failed("be used")(odd));
            }
            self.lock(&file)?;
            // Whoever had it until now may have replaced it.
            let there = fs::metadata(&self.path).map(|there| (there.dev(), there.ino()));
            if there.ok() != Some((is.dev(), is.ino())) {
                continue;
            }
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(self.failed("be read"))?;
            let found = match format::read(&bytes) {
                Ok(contents) => self.of(board, contents)?,
                Err(Wrong::Version(found)) => {
                    let path = self.path.clone();
                    return Err(StateError::Version { path, found, known: VERSION });
                }
                Err(wrong) => Found::Corrupt(wrong),
            };
            return Ok((found, Held(Some(file))));
        }
        Err(StateError::InUse { path: self.path.clone() })
    }

    fn lock(&self, file: &File) -> Result<(), StateError> {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StateError::InUse { path: self.path.clone() },
            TryLockError::Error(error) => self.failed("be locked")(error),
        })
    }

    /// A state is of a board that says the same of itself, line by line.
    fn of(&self, board: &str, contents: Contents) -> Result<Found, StateError> {
        if contents.board == board {
            return Ok(Found::State(contents));
        }
        let (mut there, mut here) = (contents.board.lines(), board.lines());
        for line in 1.. {
            let (found, expected) = (there.next(), here.next());
            if found != expected || found.is_none() {
                let words = |line: Option<&str>| line.unwrap_or("nothing more").to_owned();
                let (found, expected) = (words(found), words(expected));
                return Err(StateError::OtherBoard {
                    path: self.path.clone(),
                    line,
                    found,
                    expected,
                });
            }
        }
        Ok(Found::Nothing)
    }

    /// Takes a file out of the way that cannot be read, and says where it is.
    pub(super) fn set_aside(&self) -> Result<PathBuf, StateError> {
        let aside = self.beside(".corrupt");
        fs::rename(&self.path, &aside).map_err(self.failed("be set aside"))?;
        Ok(aside)
    }

    /// Writes a snapshot beside the file. [`Self::replace`] puts it in its place.
    pub(super) fn write(&self, board: &str, entries: &[StateEntry]) -> Result<Log, StateError> {
        let mut options = OpenOptions::new();
        // What stands there may be another process's; it is emptied when the lock is had.
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(self.new_path()).map_err(self.failed("be written anew"))?;
        self.lock(&file)?;
        let (bytes, chain) = format::snapshot(board, entries);
        file.set_len(0)
            .and_then(|()| file.write_all(&bytes))
            .map_err(self.failed("be written anew"))?;
        Ok(Log::new(file, u64::try_from(bytes.len()).unwrap_or(u64::MAX), chain))
    }

    /// Puts what was written beside the file in its place, in one step.
    pub(super) fn replace(&self) -> Result<(), StateError> {
        fs::rename(self.new_path(), &self.path).map_err(self.failed("be replaced"))
    }

    fn new_path(&self) -> PathBuf {
        self.beside(".new")
    }
}

impl AsRef<Path> for Place {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}
