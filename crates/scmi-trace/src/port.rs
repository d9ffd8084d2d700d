//! The side of a trace that messages pass by.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::{Instant, SystemTime};

use rtrb::Producer;

use crate::frame::{Channel, Kind};
use crate::record::Head;

/// Bytes of an agent's ring: what a guest says in the time that a slow disk takes for a breath, some 10,000 messages.
pub(crate) const RING: usize = 1 << 20;

/// The longest message that is kept whole, in bytes, and the longest of its texts.
pub(crate) const LONGEST: usize = 4096;

/// Something that passed, to be traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What it is.
    pub kind: Kind,
    /// Where it passed.
    pub channel: Channel,
    /// Bytes of the buffer's writable part; zero for answers.
    pub room: usize,
    /// Bytes that the device said it wrote.
    pub used: usize,
    /// The message; what is behind its first 4096 bytes is cut off.
    pub message: &'a [u8],
    /// How many bytes it has, if `message` is a part of it.
    pub len: usize,
    /// Why nothing was answered.
    pub reason: Option<&'a str>,
    /// What somebody did to it on purpose.
    pub mark: Option<&'a str>,
}

/// Takes what passes by one agent.
///
/// Nothing waits here and nothing is allocated: there is a ring to the thread that writes, and what finds no room in it is
/// counted and lost.
#[derive(Debug)]
pub struct Port {
    ring: Producer<u8>,
    counts: Arc<Counts>,
    shared: Arc<Shared>,
    /// Since the last record that found room.
    lost: u32,
}

/// What became of an agent's records.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) received: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

/// What the ports of a trace and its thread have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The place of the next record among all.
    sequence: AtomicU64,
    started: Instant,
    /// The same moment, in nanoseconds since 1970.
    wall: u64,
    writer: OnceLock<Thread>,
    /// Write what there is and end.
    pub(crate) stop: AtomicBool,
    /// Nothing is written any more.
    pub(crate) ended: AtomicBool,
    pub(crate) bytes: AtomicU64,
}

impl Shared {
    pub(crate) fn new() -> Self {
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            sequence: AtomicU64::new(0),
            started: Instant::now(),
            wall: u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX),
            writer: OnceLock::new(),
            stop: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
        }
    }

    /// Nanoseconds since 1970, as they were when the trace began plus the time since then: it never runs backwards.
    pub(crate) fn now(&self) -> u64 {
        let since = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.wall.saturating_add(since)
    }

    pub(crate) fn written_by(&self, writer: Thread) {
        // It is said once.
        let _ = self.writer.set(writer);
    }

    pub(crate) fn wake(&self) {
        if let Some(writer) = self.writer.get() {
            writer.unpark();
        }
    }
}

impl Port {
    pub(crate) fn new(ring: Producer<u8>, counts: Arc<Counts>, shared: Arc<Shared>) -> Self {
        Self { ring, counts, shared, lost: 0 }
    }

    /// Takes what passes, or counts it as lost.
    pub fn record(&mut self, entry: &Entry<'_>) {
        self.counts.received.fetch_add(1, Ordering::Relaxed);
        if self.shared.ended.load(Ordering::Relaxed) || !self.push(entry) {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
            self.lost = self.lost.saturating_add(1);
        }
    }

    fn push(&mut self, entry: &Entry<'_>) -> bool {
        let cut = |bytes: &'_ [u8]| bytes.len().min(LONGEST);
        let message = entry.message.get(..cut(entry.message)).unwrap_or_default();
        let (reason, mark) = (entry.reason.unwrap_or_default(), entry.mark.unwrap_or_default());
        let whole = |text: &'_ str| text.floor_char_boundary(LONGEST);
        let reason = reason.as_bytes().get(..whole(reason)).unwrap_or_default();
        let mark = mark.as_bytes().get(..whole(mark)).unwrap_or_default();
        let half = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap_or(0);
        let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let size = Head::BYTES + message.len() + reason.len() + mark.len();
        let slots = self.ring.slots();
        if slots < size {
            return false;
        }
        // The number is taken when there is room for certain: the thread that writes waits for each of them.
        let head = Head {
            sequence: self.shared.sequence.fetch_add(1, Ordering::Relaxed),
            time: self.shared.now(),
            room: word(entry.room),
            used: word(entry.used),
            len: word(entry.len.max(entry.message.len())),
            lost: core::mem::take(&mut self.lost),
            message: half(message),
            reason: half(reason),
            mark: half(mark),
            kind: entry.kind,
            channel: entry.channel,
        };
        let head = head.to_bytes();
        let Ok(mut chunk) = self.ring.write_chunk(size) else { return false };
        let (mut first, mut second) = chunk.as_mut_slices();
        for part in [head.as_slice(), message, reason, mark] {
            let (now, later) = part.split_at(part.len().min(first.len()));
            copy(&mut first, now);
            copy(&mut second, later);
        }
        chunk.commit_all();
        if slots < RING / 2 {
            self.shared.wake();
        }
        true
    }
}

/// Copies `bytes` to the start of `room` and leaves what is behind them.
fn copy(room: &mut &mut [u8], bytes: &[u8]) {
    if let Some((place, rest)) = core::mem::take(room).split_at_mut_checked(bytes.len()) {
        place.copy_from_slice(bytes);
        *room = rest;
    }
}
