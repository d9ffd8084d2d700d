//! The files of an instance.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::error::RawError;

/// The files of raw mode, opened so that reading never blocks.
#[derive(Debug)]
pub(crate) struct Files {
    /// Commands in.
    pub(crate) commands: OwnedFd,
    /// Commands in that ask for a delayed response.
    pub(crate) delayed_commands: OwnedFd,
    /// Answers and delayed responses out: the same file as for commands, opened once more, because Linux 6.12 writes
    /// a command to where reading has left the position, and then sends what stands at the begin.
    pub(crate) answers: OwnedFd,
    /// Notifications out.
    pub(crate) notification: OwnedFd,
    /// Messages out that Linux had no use for: late answers, for one.
    pub(crate) errors: OwnedFd,
}

/// What the kernel says of the transport below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transport {
    /// Commands at once.
    pub(crate) commands: usize,
    /// Bytes of a message's payload.
    pub(crate) payload: usize,
    /// Milliseconds until the kernel waits for an answer no longer.
    pub(crate) patience_ms: u64,
}

impl Default for Transport {
    /// What Linux has for virtio, where the kernel does not say it.
    fn default() -> Self {
        Self { commands: 64, payload: 128, patience_ms: 60_000 }
    }
}

impl Files {
    /// Opens those of the instance whose directory this is; its directory `raw` will do as well.
    pub(crate) fn open(instance: &Path) -> Result<Self, RawError> {
        let raw = match instance.ends_with("raw") {
            true => instance.to_owned(),
            false => instance.join("raw"),
        };
        Ok(Self {
            commands: open(instance, raw.join("message"), OFlags::WRONLY)?,
            delayed_commands: open(instance, raw.join("message_async"), OFlags::WRONLY)?,
            answers: open(instance, raw.join("message"), OFlags::RDONLY)?,
            notification: open(instance, raw.join("notification"), OFlags::RDONLY)?,
            errors: open(instance, raw.join("errors"), OFlags::RDONLY)?,
        })
    }
}

impl Transport {
    /// Reads what is there of the directory `transport` beside `raw`.
    pub(crate) fn read(instance: &Path) -> Self {
        let instance = match instance.ends_with("raw") {
            true => instance.parent().unwrap_or(instance),
            false => instance,
        };
        let number = |name: &str| {
            let text = fs::read_to_string(instance.join("transport").join(name)).ok()?;
            text.trim().parse::<u32>().ok()
        };
        let size = |name: &str, otherwise| {
            number(name).and_then(|number| usize::try_from(number).ok()).unwrap_or(otherwise)
        };
        let otherwise = Self::default();
        Self {
            commands: size("tx_max_msg", otherwise.commands),
            payload: size("max_msg_size", otherwise.payload),
            patience_ms: number("max_rx_timeout_ms").map_or(otherwise.patience_ms, u64::from),
        }
    }
}

fn open(instance: &Path, path: PathBuf, access: OFlags) -> Result<OwnedFd, RawError> {
    let opened =
        rustix::fs::open(&path, access | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty());
    opened.map_err(|errno| match errno {
        Errno::NOENT if instance.is_dir() => RawError::NoRawMode { path },
        Errno::NOENT => RawError::NoInstance { path: instance.to_owned() },
        Errno::ACCESS | Errno::PERM => RawError::NoPermission { path },
        _ => RawError::Open { path, source: errno.into() },
    })
}

/// The next message of a file, if there is one.
pub(crate) fn read(file: &OwnedFd, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    // Each message is followed by an end of file. Two of them in a row have no message between them.
    for _ in 0..2 {
        match rustix::io::read(file, &mut *buffer) {
            Ok(0) => {}
            Ok(len) => return Ok(Some(len)),
            Err(Errno::AGAIN | Errno::INTR) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(None)
}

/// Throws away what a file holds; bounded, because somebody may fill it meanwhile.
pub(crate) fn drain(file: &OwnedFd) -> io::Result<()> {
    let mut buffer = [0; LARGEST];
    for _ in 0..MOST_UNREAD {
        if read(file, &mut buffer)?.is_none() {
            break;
        }
    }
    Ok(())
}

/// Larger than any message of raw mode: no transport of Linux has as large ones.
pub(crate) const LARGEST: usize = 4096;

/// More messages than a queue of raw mode keeps.
const MOST_UNREAD: usize = 1024;

/// Takes the lock of a file; false if another process has it.
pub(crate) fn lock(file: &OwnedFd) -> io::Result<bool> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN | Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Gives the lock of a file back.
pub(crate) fn unlock(file: &OwnedFd) {
    // It is ours, and closing the file would do the same.
    let _ = rustix::fs::flock(file, FlockOperation::NonBlockingUnlock);
}
