//! The side of a trace that writes the file.

use core::fmt;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rtrb::{Consumer, RingBuffer};

use crate::blocks::{self, PacketBlock};
use crate::port::{Counts, LONGEST, Port, RING, Shared};
use crate::record::Head;

/// How often the rings are looked at while nobody calls: a reader of a pipe sees a message after so long at the latest.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a record whose number was given out may take to come, before those behind it are written.
const STRAGGLER: Duration = Duration::from_millis(100);

/// How long to wait at the end for a file that takes nothing, such as a pipe that nobody reads.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A trace that is being written.
#[derive(Debug)]
pub struct Tracer {
    shared: Arc<Shared>,
    agents: Arc<[Agent]>,
    ended: Arc<Mutex<Option<Ended>>>,
    done: Mutex<Receiver<()>>,
}

#[derive(Debug)]
struct Agent {
    name: String,
    counts: Arc<Counts>,
}

/// Why a trace ended before it was told to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The file has as many bytes as it may have.
    Limit(u64),
    /// The file cannot be written.
    Failed(String),
}

/// How far a trace has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Records of each agent, by name, and how many of them were lost.
    pub agents: Vec<(String, u64, u64)>,
    /// Bytes given to the file.
    pub bytes: u64,
    /// Why nothing is written any more, if so.
    pub ended: Option<Ended>,
}

impl Status {
    /// Records that were lost, over all agents.
    pub fn dropped(&self) -> u64 {
        self.agents.iter().fold(0, |sum, (_, _, dropped)| sum.saturating_add(*dropped))
    }
}

impl Tracer {
    /// Begins a trace of these agents: a port for each comes back, in their order. `limit` is how many bytes the file may have.
    ///
    /// # Errors
    /// The system gives no thread. Whether the file can be written shows later: [`status`](Self::status).
    pub fn start(
        file: impl Write + Send + 'static,
        agents: &[&str],
        limit: Option<u64>,
    ) -> io::Result<(Self, Vec<Port>)> {
        let shared = Arc::new(Shared::new());
        let ended = Arc::new(Mutex::new(None));
        let (mut ports, mut rings, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for name in agents {
            let (producer, consumer) = RingBuffer::new(RING);
            let counts = Arc::new(Counts::default());
            ports.push(Port::new(producer, Arc::clone(&counts), Arc::clone(&shared)));
            rings.push(Ring { consumer, head: None });
            known.push(Agent { name: (*name).to_owned(), counts });
        }
        let agents: Arc<[Agent]> = known.into();
        let (done, finished) = sync_channel(1);
        let mut writer = Writer {
            file: BufWriter::with_capacity(1 << 16, Box::new(file)),
            bytes: 0,
            limit: limit.unwrap_or(u64::MAX),
            next: 0,
            rings,
            agents: Arc::clone(&agents),
            shared: Arc::clone(&shared),
            tail: Vec::with_capacity(3 * LONGEST),
            told: false,
        };
        let (why, state) = (Arc::clone(&ended), Arc::clone(&shared));
        let thread = thread::Builder::new().name("trace".into()).spawn(move || {
            if let Err(end) = writer.run() {
                state.ended.store(true, Ordering::Relaxed);
                tracing::warn!(bytes = writer.bytes, "the trace has ended: {end}");
                *why.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            }
            drop(writer);
            // If nobody waits for it, nobody has to know.
            let _ = done.send(());
        })?;
        shared.written_by(thread.thread().clone());
        Ok((Self { shared, agents, ended, done: Mutex::new(finished) }, ports))
    }

    /// How far it has come.
    pub fn status(&self) -> Status {
        let counted = |agent: &Agent| {
            let received = agent.counts.received.load(Ordering::Relaxed);
            (agent.name.clone(), received, agent.counts.dropped.load(Ordering::Relaxed))
        };
        Status {
            agents: self.agents.iter().map(counted).collect(),
            bytes: self.shared.bytes.load(Ordering::Relaxed),
            ended: self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Writes what there is, and how much was lost, and ends. A file that takes nothing for two seconds is left as it is.
    pub fn finish(self) -> Status {
        self.end();
        self.status()
    }

    fn end(&self) {
        if self.shared.stop.swap(true, Ordering::Release) {
            return;
        }
        self.shared.wake();
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.recv_timeout(LAST_WORDS).is_err() {
            tracing::warn!("the trace is not complete: its file takes nothing");
        }
    }
}

impl Drop for Tracer {
    /// As [`finish`](Tracer::finish).
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(bytes) => write!(f, "its file has the {bytes} bytes that it may have"),
            Self::Failed(error) => write!(f, "its file cannot be written: {error}"),
        }
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The thread's state.
struct Writer {
    file: BufWriter<Box<dyn Write + Send>>,
    /// Bytes of the file, those that wait in the buffer included.
    bytes: u64,
    limit: u64,
    /// The number of the next record.
    next: u64,
    rings: Vec<Ring>,
    agents: Arc<[Agent]>,
    shared: Arc<Shared>,
    /// A packet, and the texts behind it.
    tail: Vec<u8>,
    /// It was said that records are lost. How many is counted; once is enough for the log.
    told: bool,
}

/// One agent's ring, and the head that was taken from it while the rest of its record lies there.
struct Ring {
    consumer: Consumer<u8>,
    head: Option<Head>,
}

impl Ring {
    fn head(&mut self) -> Option<Head> {
        if self.head.is_none() {
            let mut bytes = [0; Head::BYTES];
            // A record is there as a whole or not at all.
            self.consumer.pop_entire_slice(&mut bytes).ok()?;
            self.head = Some(Head::from_bytes(&bytes));
        }
        self.head
    }
}

impl Writer {
    fn run(&mut self) -> Result<(), Ended> {
        self.put(&blocks::section()?)?;
        let snap = u32::try_from(blocks::snap(LONGEST)).unwrap_or(u32::MAX);
        for agent in &*Arc::clone(&self.agents) {
            self.put(&blocks::interface(&agent.name, snap)?)?;
        }
        self.file.flush()?;
        loop {
            // Asked before the rings are looked at: what was recorded before it was said is written.
            let stop = self.shared.stop.load(Ordering::Acquire);
            let wrote = self.drain()?;
            if stop {
                break;
            }
            if !wrote {
                self.file.flush()?;
                thread::park_timeout(PAUSE);
            }
        }
        self.statistics()?;
        Ok(self.file.flush()?)
    }

    /// Writes what lies in the rings, in the order in which it came; says whether there was anything.
    fn drain(&mut self) -> Result<bool, Ended> {
        let (mut wrote, mut waited) = (false, Duration::ZERO);
        loop {
            let heads = self.rings.iter_mut().enumerate();
            let heads = heads.filter_map(|(index, ring)| Some((ring.head()?, index)));
            let Some((head, index)) = heads.min_by_key(|(head, _)| head.sequence) else {
                return Ok(wrote);
            };
            if head.sequence > self.next && waited < STRAGGLER {
                let moment = Duration::from_micros(100);
                thread::sleep(moment);
                waited += moment;
                continue;
            }
            waited = Duration::ZERO;
            self.next = head.sequence.saturating_add(1);
            self.packet(&head, index)?;
            wrote = true;
        }
    }

    fn packet(&mut self, head: &Head, index: usize) -> Result<(), Ended> {
        let Some(ring) = self.rings.get_mut(index) else { return Ok(()) };
        ring.head = None;
        if head.lost > 0 && !core::mem::replace(&mut self.told, true) {
            tracing::warn!("the trace loses records: its file does not take them in time");
        }
        self.tail.clear();
        self.tail.extend_from_slice(&head.frame(&[]).header());
        if let Ok(chunk) = ring.consumer.read_chunk(head.tail()) {
            let (first, second) = chunk.as_slices();
            self.tail.extend_from_slice(first);
            self.tail.extend_from_slice(second);
            chunk.commit_all();
        }
        let packet = blocks::snap(head.message.into()).min(self.tail.len());
        let (data, texts) = self.tail.split_at(packet);
        let (reason, mark) = texts.split_at(usize::from(head.reason).min(texts.len()));
        let texts = [reason, mark].map(String::from_utf8_lossy);
        let comments = texts.iter().map(|text| &**text).filter(|text| !text.is_empty());
        let comments: Vec<&str> = comments.collect();
        let header = u32::try_from(blocks::snap(0)).unwrap_or(0);
        let block = PacketBlock {
            interface: u32::try_from(index).unwrap_or(u32::MAX),
            time: head.time,
            data,
            len: head.len.saturating_add(header),
            inbound: head.kind.is_inbound(),
            comments: &comments,
            lost: head.lost,
        };
        let bytes = block.to_bytes()?;
        let reserved = blocks::STATISTICS * self.rings.len() as u64;
        if self.bytes + bytes.len() as u64 + reserved > self.limit {
            self.shared.ended.store(true, Ordering::Relaxed);
            self.statistics()?;
            self.file.flush()?;
            return Err(Ended::Limit(self.limit));
        }
        self.put(&bytes)
    }

    /// How much was seen and lost, for each agent.
    fn statistics(&mut self) -> Result<(), Ended> {
        let now = self.shared.now();
        for (index, agent) in (0..).zip(&*Arc::clone(&self.agents)) {
            let counts = &agent.counts;
            let received = counts.received.load(Ordering::Relaxed);
            let dropped = counts.dropped.load(Ordering::Relaxed);
            self.put(&blocks::statistics(index, now, received, dropped)?)?;
        }
        Ok(())
    }

    fn put(&mut self, block: &[u8]) -> Result<(), Ended> {
        self.file.write_all(block)?;
        self.bytes += block.len() as u64;
        self.shared.bytes.store(self.bytes, Ordering::Relaxed);
        Ok(())
    }
}
