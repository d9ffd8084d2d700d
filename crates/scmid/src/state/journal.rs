//! Each change goes to the file before its answer leaves.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scmi::platform::{Keeper, StateEntry};

use super::format::{self, Chain};

/// Room for the changes that come while a snapshot is written; beyond it memory is taken.
const BACKLOG: usize = 64 << 10;
/// A file is made short again when its records have this many bytes, and twice those of its snapshot.
const LONG: u64 = 1 << 20;

/// A state file that records are appended to.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    /// Where the next record goes.
    end: u64,
    chain: Chain,
    /// Bytes of the snapshot.
    snapshot: u64,
}

impl Log {
    /// Behind a snapshot of so many bytes.
    pub(super) const fn new(file: File, snapshot: u64, chain: Chain) -> Self {
        Self { file, end: snapshot, chain, snapshot }
    }

    /// Appends a record that was begun and has its entries. It is the kernel's then, and outlives this process.
    fn append(&mut self, record: &mut Vec<u8>) -> io::Result<()> {
        let entries = record.len();
        let chain = format::end(record, self.chain);
        let written = self.file.write_all_at(record, self.end);
        if written.is_ok() {
            self.end += u64::try_from(record.len()).unwrap_or(0);
            self.chain = chain;
        }
        record.truncate(entries);
        written
    }

    /// Leaves nothing of a record that could not be written.
    fn cut(&self) {
        // Where that fails too, the piece at the end is taken for a torn record.
        let _cut = self.file.set_len(self.end);
    }

    fn is_long(&self) -> bool {
        self.end - self.snapshot > LONG.max(self.snapshot * 2)
    }
}

/// Where changes go.
#[derive(Debug)]
struct Inner {
    log: Log,
    /// The file that takes the place of the other one, while it does: both have the same records.
    next: Option<Log>,
    /// What has changed since a snapshot was taken that is not in its file yet: records without their sums.
    backlog: Option<Vec<u8>>,
    record: Vec<u8>,
    /// Why nothing is written any more.
    broken: bool,
    /// A new snapshot is wanted, and the thread knows.
    asked: bool,
    wanted: SyncSender<()>,
}

/// The keeper of a platform, and what makes its file short again. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Journal(Arc<Mutex<Inner>>);

impl Journal {
    /// Changes go to `log`; whoever has the other end of `wanted` is told when there should be a new snapshot.
    pub(super) fn new(log: Log, wanted: SyncSender<()>) -> Self {
        let mut record = Vec::with_capacity(4096);
        format::begin(&mut record);
        let inner =
            Inner { log, next: None, backlog: None, record, broken: false, asked: false, wanted };
        Self(Arc::new(Mutex::new(inner)))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Whatever was being done, the file says how far it came.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A snapshot is taken: what changes from now on is not in it. To be called while nothing can change.
    pub(super) fn snapshot_begins(&self) {
        let mut inner = self.inner();
        inner.backlog = Some(Vec::with_capacity(BACKLOG));
    }

    /// Brings the file of the snapshot up to date; from then on both files have each change.
    pub(super) fn catch_up(&self, mut next: Log) -> io::Result<()> {
        let mut record = Vec::new();
        // What came meanwhile is written without keeping anybody, until it is little.
        loop {
            let mut inner = self.inner();
            let Some(backlog) = &mut inner.backlog else { return Ok(()) };
            let some = core::mem::take(backlog);
            if some.len() < BACKLOG / 16 {
                append_all(&mut next, &some, &mut record)?;
                inner.backlog = None;
                inner.next = Some(next);
                return Ok(());
            }
            drop(inner);
            append_all(&mut next, &some, &mut record)?;
        }
    }

    /// The new file is in the place of the old one, or will not be.
    pub(super) fn snapshot_ends(&self, done: bool) {
        let mut inner = self.inner();
        inner.backlog = None;
        if let Some(next) = inner.next.take().filter(|_| done) {
            inner.log = next;
            inner.broken = false;
            // Where it failed the thread tries again by itself, and need not be told with each change.
            inner.asked = false;
        }
    }

    /// Whether what is set gets nowhere.
    pub(super) fn is_broken(&self) -> bool {
        self.inner().broken
    }
}

/// Appends records that stand behind each other without their sums.
fn append_all(log: &mut Log, records: &[u8], record: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = records;
    while let Some((head, behind)) = rest.split_first_chunk::<4>() {
        let count = usize::try_from(u32::from_le_bytes(*head)).unwrap_or(0);
        let Some((entries, behind)) = behind.split_at_checked(count * StateEntry::BYTES) else {
            return Ok(());
        };
        format::begin(record);
        record.extend_from_slice(entries);
        log.append(record)?;
        rest = behind;
    }
    Ok(())
}

impl Inner {
    /// Ends the record and writes it to wherever changes go.
    fn flush(&mut self) {
        let count = format::count(&self.record);
        if let Some(backlog) = &mut self.backlog {
            let entries = self.record.get(4..).unwrap_or_default();
            backlog.extend_from_slice(&u32::try_from(count).unwrap_or(0).to_le_bytes());
            backlog.extend_from_slice(entries);
        }
        if !self.broken
            && let Err(error) = self.log.append(&mut self.record)
        {
            self.log.cut();
            self.broken = true;
            tracing::error!(
                "what agents set is not kept any more: the state file cannot be written: {error}"
            );
        }
        if let Some(next) = &mut self.next
            && next.append(&mut self.record).is_err()
        {
            next.cut();
            self.next = None;
        }
        format::begin(&mut self.record);
        if (self.broken || self.log.is_long()) && !self.asked {
            self.asked = self.wanted.try_send(()).is_ok();
        }
    }
}

impl Keeper for Journal {
    fn changed(&mut self, entry: &StateEntry) {
        let mut inner = self.inner();
        if format::count(&inner.record) == format::MOST {
            inner.flush();
        }
        format::add(&mut inner.record, entry);
    }

    fn done(&mut self) {
        self.inner().flush();
    }
}
