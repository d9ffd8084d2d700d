//! What an agent and its device say to each other, for whoever listens.

use core::cell::RefCell;
use core::fmt::{self, Write};
use std::sync::Arc;

use scmi::platform::AgentId;
use scmi_virtio::device::fault::Plan;
use scmi_virtio::device::{DeviceQueue, Fault, MAX_MESSAGE, OutsideMemory, Popped, Shape};

use super::chain::{Chain, View};
use super::device::{COMMANDS, EVENTS};

/// Listens to agents. One may be given to many servers ([`Server::tap`](super::Server::tap)).
///
/// It is called on the threads that serve the agents, while they have the platform: it must not block. What it is told lay in
/// the guest's buffers, whatever made it: [`Record::message`] is what was read from one or written to one, and no more.
pub trait Tap: Send + Sync + fmt::Debug {
    /// Something passed.
    fn saw(&self, record: &Record<'_>);
}

/// Something that passed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Whose device it was.
    pub agent: AgentId,
    /// What it was.
    pub kind: Kind,
    /// The bytes, at most [`MAX_MESSAGE`] of them.
    pub message: &'a [u8],
    /// How many bytes the message has; more than `message` if it was too long.
    pub len: usize,
    /// Bytes of the buffer's writable part; zero where that is not known any more, which is so for answers.
    pub room: usize,
    /// How many bytes the device said that it wrote.
    pub used: usize,
    /// Why nothing was written into the buffer, if nothing was; what happened, in a note.
    pub reason: Option<&'a str>,
    /// What was done on purpose.
    pub mark: Option<&'a str>,
}

/// What passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A command, when it was read.
    Command,
    /// The answer to a command, when its buffer went back.
    Answer,
    /// A notification or a delayed response, when its buffer went back.
    Event,
    /// A command whose buffer went back without an answer. The message is its header, if it was read.
    Dropped,
    /// A buffer for events that went back with nothing in it.
    Returned,
    /// No message: the driver began or ended, or something was done on purpose that no message goes with.
    Note,
}

/// How the rings of a device are looked at. Those that nobody listens to are looked at directly, so that it costs nothing.
pub(super) trait Eyes {
    /// A ring as the rules see it.
    type Queue<'q>: DeviceQueue<Chain = Chain>
    where
        Self: 'q;

    /// Looks at the ring `index`.
    fn on<'q>(&'q self, index: usize, view: View<'q>) -> Self::Queue<'q>;

    /// Tells something that no buffer goes with.
    fn note(&self, what: fmt::Arguments<'_>);
}

/// Nobody listens.
pub(super) struct Closed;

impl Eyes for Closed {
    type Queue<'q> = View<'q>;

    fn on<'q>(&'q self, _: usize, view: View<'q>) -> View<'q> {
        view
    }

    fn note(&self, _: fmt::Arguments<'_>) {}
}

/// One agent's part of a [`Tap`].
pub(super) struct Watch {
    tap: Arc<dyn Tap>,
    agent: AgentId,
    held: RefCell<Held>,
}

/// What was seen of the chain at hand. Its storage is there from the beginning.
struct Held {
    /// What was written to it.
    written: Vec<u8>,
    /// The header that was read from it.
    header: Option<[u8; 4]>,
    /// By ring: what the next record has to say.
    marks: [String; 2],
}

/// Room for what is usually said about a message.
const MARK: usize = 256;

impl Watch {
    pub(super) fn new(tap: Arc<dyn Tap>, agent: AgentId) -> Self {
        let marks = [String::with_capacity(MARK), String::with_capacity(MARK)];
        let written = Vec::with_capacity(MAX_MESSAGE);
        Self { tap, agent, held: RefCell::new(Held { written, header: None, marks }) }
    }

    /// Says of the next buffer of the ring `index` that goes back what was done to it on purpose. What was said before and did not
    /// find its buffer yet stays, in front of it.
    fn mark(&self, index: usize, what: fmt::Arguments<'_>) {
        let held = &mut *self.held.borrow_mut();
        if let Some(mark) = held.marks.get_mut(index) {
            if !mark.is_empty() {
                mark.push_str("; ");
            }
            // Writing to a string does not fail.
            let _ = mark.write_fmt(what);
        }
    }

    /// Tells what happened to the driver.
    pub(super) fn happened(&self, what: fmt::Arguments<'_>) {
        let text = what.to_string();
        self.tap.saw(&Record { reason: Some(&text), ..self.record(Kind::Note, &[]) });
    }

    fn record<'a>(&self, kind: Kind, message: &'a [u8]) -> Record<'a> {
        let (agent, len) = (self.agent, message.len());
        Record { agent, kind, message, len, room: 0, used: 0, reason: None, mark: None }
    }
}

impl Eyes for Watch {
    type Queue<'q> = Watched<'q, View<'q>>;

    fn on<'q>(&'q self, index: usize, view: View<'q>) -> Self::Queue<'q> {
        Watched { queue: view, watch: self, index, shape: Shape::default() }
    }

    fn note(&self, what: fmt::Arguments<'_>) {
        let text = what.to_string();
        self.tap.saw(&Record { mark: Some(&text), ..self.record(Kind::Note, &[]) });
    }
}

/// A ring that is listened to.
pub(super) struct Watched<'q, Q> {
    queue: Q,
    watch: &'q Watch,
    index: usize,
    /// Of the chain that was popped last.
    shape: Shape,
}

impl<Q: DeviceQueue> Watched<'_, Q> {
    /// Why the chain at hand goes back with nothing in it.
    fn reason(&self, was_read: bool) -> &'static str {
        match self.shape {
            Shape { fault: Some(Fault::Order), .. } => {
                "a readable descriptor behind a writable one"
            }
            Shape { fault: Some(Fault::Table), .. } => "descriptors that do not end",
            Shape { fault: Some(Fault::Memory), .. } => "outside the guest's memory",
            _ if was_read => "no answer",
            Shape { readable: 1.., .. } if self.index == EVENTS => "a readable descriptor",
            Shape { readable: 0..4, .. } if self.index == COMMANDS => "no whole header",
            Shape { writable: 0..4, .. } => "no room for a header",
            _ if self.index == EVENTS => "no room for the message",
            _ => "no answer",
        }
    }
}

impl<Q: DeviceQueue> DeviceQueue for Watched<'_, Q> {
    type Chain = Q::Chain;

    fn pop(&mut self, chain: &mut Q::Chain) -> Popped {
        let popped = self.queue.pop(chain);
        let held = &mut *self.watch.held.borrow_mut();
        held.written.clear();
        held.header = None;
        match popped {
            Popped::Chain(shape) => self.shape = shape,
            Popped::Lost => {
                let kind = if self.index == COMMANDS { Kind::Dropped } else { Kind::Returned };
                let reason = Some("an entry that names no chain");
                self.watch.tap.saw(&Record { reason, ..self.watch.record(kind, &[]) });
            }
            Popped::Empty | Popped::Unusable => {}
        }
        popped
    }

    fn undo_pop(&mut self) {
        self.queue.undo_pop();
    }

    fn read(&self, chain: &Q::Chain, into: &mut [u8]) -> Result<usize, OutsideMemory> {
        let copied = self.queue.read(chain, into)?;
        let message = into.get(..copied).unwrap_or_default();
        self.watch.held.borrow_mut().header = message.first_chunk().copied();
        let record = self.watch.record(Kind::Command, message);
        let (len, room) = (self.shape.readable, self.shape.writable);
        self.watch.tap.saw(&Record { len, room, ..record });
        Ok(copied)
    }

    fn write(&self, chain: &Q::Chain, bytes: &[u8]) -> Result<(), OutsideMemory> {
        self.queue.write(chain, bytes)?;
        let held = &mut *self.watch.held.borrow_mut();
        held.written.clear();
        held.written.extend_from_slice(bytes.get(..MAX_MESSAGE).unwrap_or(bytes));
        Ok(())
    }

    fn complete(&mut self, chain: &Q::Chain, used: usize) {
        // Told first: afterwards the guest may have the answer, and its next command, before it is told.
        let held = &mut *self.watch.held.borrow_mut();
        let nothing = used == 0 && held.written.is_empty();
        let kind = match (self.index, nothing) {
            (EVENTS, false) => Kind::Event,
            (EVENTS, true) => Kind::Returned,
            (_, false) => Kind::Answer,
            (_, true) => Kind::Dropped,
        };
        let header = held.header.as_ref().filter(|_| nothing);
        let message = header.map_or(held.written.as_slice(), |header| header.as_slice());
        let mut record = self.watch.record(kind, message);
        record.used = used;
        record.room = if self.index == EVENTS || nothing { self.shape.writable } else { 0 };
        record.reason = nothing.then(|| self.reason(header.is_some()));
        let mark = held.marks.get(self.index).map(String::as_str);
        record.mark = mark.filter(|mark| !mark.is_empty());
        self.watch.tap.saw(&record);
        held.written.clear();
        held.header = None;
        if let Some(mark) = held.marks.get_mut(self.index) {
            mark.clear();
        }
        self.queue.complete(chain, used);
    }

    fn mark(&mut self, plan: &Plan) {
        self.watch.mark(self.index, format_args!("{plan}"));
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("agent", &self.agent).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct Said(Mutex<Vec<(Kind, usize, Option<String>)>>);

    impl Tap for Said {
        fn saw(&self, record: &Record<'_>) {
            let mark = record.mark.map(str::to_owned);
            self.0.lock().expect("lock").push((record.kind, record.used, mark));
        }
    }

    /// A queue that has a chain whenever it is asked.
    struct Endless;

    impl DeviceQueue for Endless {
        type Chain = ();

        fn pop(&mut self, (): &mut ()) -> Popped {
            Popped::Chain(Shape { readable: 8, writable: 8, fault: None })
        }

        fn undo_pop(&mut self) {}

        fn read(&self, (): &(), into: &mut [u8]) -> Result<usize, OutsideMemory> {
            Ok(into.len().min(8))
        }

        fn write(&self, (): &(), _: &[u8]) -> Result<(), OutsideMemory> {
            Ok(())
        }

        fn complete(&mut self, (): &(), _: usize) {}
    }

    #[test]
    fn a_mark_goes_with_the_next_buffer_of_its_ring_and_with_no_other() {
        let said = Arc::new(Said::default());
        let watch = Watch::new(said.clone(), AgentId::from_index(0).expect("agent"));
        let queue =
            |index| Watched { queue: Endless, watch: &watch, index, shape: Shape::default() };
        let (mut commands, mut events) = (queue(COMMANDS), queue(EVENTS));
        watch.mark(COMMANDS, format_args!("late by {} ms", 7));
        watch.mark(COMMANDS, format_args!("cut"));
        events.pop(&mut ());
        events.write(&(), &[1; 4]).expect("written");
        events.complete(&(), 4);
        commands.pop(&mut ());
        commands.read(&(), &mut [0; 8]).expect("read");
        commands.write(&(), &[1; 4]).expect("written");
        commands.complete(&(), 4);
        commands.complete(&(), 9);
        commands.pop(&mut ());
        commands.complete(&(), 0);
        watch.note(format_args!("no answer"));
        let said = said.0.lock().expect("lock");
        let expected = [
            (Kind::Event, 4, None),
            (Kind::Command, 0, None),
            (Kind::Answer, 4, Some("late by 7 ms; cut".to_owned())),
            (Kind::Answer, 9, None),
            (Kind::Dropped, 0, None),
            (Kind::Note, 0, Some("no answer".to_owned())),
        ];
        assert_eq!(*said, expected);
    }
}
