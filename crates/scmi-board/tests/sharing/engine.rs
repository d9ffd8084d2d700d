//! The platform that is tested, asked in bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use scmi::Time;
use scmi::platform::{
    AgentId, EventOutcome, Keeper, Link, Outcome, Platform, Server, StateEntry, StateKey, Ticket,
};
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::perf::platform::PerfServer;
use scmi::protocol::pinctrl::platform::{PinServer, Target};
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::voltage::platform::VoltageServer;

use crate::reference::{Reply, State};

/// The platform and its time.
pub(crate) struct Engine {
    platform: Platform,
    now: Time,
    book: Book,
    /// The commands that are answered later, by agent and ticket: their headers.
    waiting: Vec<(usize, Ticket, u32)>,
}

/// What a keeper was told, and nothing else: all that lasts.
#[derive(Clone, Debug, Default)]
struct Book(Arc<Mutex<BTreeMap<StateKey, StateEntry>>>);

impl Keeper for Book {
    fn changed(&mut self, entry: &StateEntry) {
        self.0.lock().expect("one thread").insert(entry.key, *entry);
    }

    fn done(&mut self) {}
}

/// How long agents may be away.
const GRACE: core::time::Duration = core::time::Duration::from_secs(60);

/// What came for whom since it was last looked: late answers, delayed responses and notifications, in words, sorted.
pub(crate) type Mail = BTreeMap<usize, Vec<Vec<u32>>>;

fn id(agent: usize) -> AgentId {
    AgentId::from_index(agent).expect("an agent")
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty(), "no whole number of words: {bytes:02x?}");
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

impl Engine {
    pub(crate) fn new(mut platform: Platform) -> Self {
        let book = Book::default();
        platform.keep_with(Box::new(book.clone()));
        Self { platform, now: Time::ZERO, book, waiting: Vec::new() }
    }

    /// All that is set, in words.
    pub(crate) fn set(&self) -> Vec<String> {
        let mut set = Vec::new();
        self.platform.state(&mut |entry| set.push(format!("{entry:?}")));
        set
    }

    /// Another platform takes the place of this one, and knows what the keeper was told. These agents come back.
    pub(crate) fn begin_anew(&mut self, fresh: Platform, agents: impl Iterator<Item = usize>) {
        self.platform = fresh;
        let entries: Vec<StateEntry> =
            self.book.0.lock().expect("one thread").values().copied().collect();
        assert_eq!(self.platform.restore(self.now, &entries, GRACE), Ok(0));
        self.platform.keep_with(Box::new(self.book.clone()));
        for agent in agents {
            assert!(self.platform.resume(id(agent), Link::new(true)), "agent {agent} was away");
        }
        self.platform.poll(self.now);
    }

    pub(crate) fn connect(&mut self, agent: usize) {
        self.platform.connect(self.now, id(agent), Link::new(true));
        self.platform.poll(self.now);
    }

    pub(crate) fn disconnect(&mut self, agent: usize) {
        self.waiting.retain(|(of, ..)| *of != agent);
        self.platform.disconnect(self.now, id(agent));
        self.platform.poll(self.now);
    }

    /// Goes on by that much, and does on the way what is due.
    pub(crate) fn pass(&mut self, millis: u64) {
        let until = self.now.after(core::time::Duration::from_millis(millis));
        while let Some(due) = self.platform.next_deadline().filter(|due| *due <= until) {
            self.now = due.max(self.now);
            self.platform.poll(self.now);
        }
        self.now = until;
        self.platform.poll(until);
    }

    /// None where the answer comes later.
    pub(crate) fn ask(&mut self, agent: usize, header: u32, params: &[u32]) -> Option<Reply> {
        let words_of = core::iter::once(&header).chain(params);
        let request: Vec<u8> = words_of.flat_map(|word| word.to_le_bytes()).collect();
        let mut reply = [0; 136];
        let outcome = self.platform.handle(self.now, id(agent), &request, &mut reply);
        self.platform.poll(self.now);
        let length = match outcome {
            Outcome::Reply(length) => length,
            Outcome::Later(ticket) => {
                self.waiting.push((agent, ticket, header));
                return None;
            }
            Outcome::Dropped => panic!("dropped"),
        };
        let answer = words(&reply[..length]);
        assert_eq!(answer[0], header);
        Some(match answer[1] {
            0 => Ok(answer[2..].to_vec()),
            status => {
                assert_eq!(length, 8, "an error is the status alone");
                Err(status.cast_signed())
            }
        })
    }

    /// How the board is, asked of the servers and, through them, of the models.
    pub(crate) fn state(&mut self) -> State {
        let (clocks, power) = (self.server::<ClockServer>(), self.server::<PowerServer>());
        let (perf, rails) = (self.server::<PerfServer>(), self.server::<VoltageServer>());
        let pins = self.server::<PinServer>();
        let holder = |pin| Some(pins.status(Target::Pin(pin))?.held_by);
        let state = State {
            clocks: every(|id| clocks.status(id).map(|clock| (clock.running, clock.rate))),
            power: every(|id| power.status(id).map(|domain| domain.state.0)),
            levels: every(|id| {
                perf.status(id).map(|domain| (domain.level, domain.limits.max, domain.limits.min))
            }),
            rails: every(|id| rails.status(id).map(|rail| (rail.mode.0.into(), rail.level))),
            caps: Vec::new(),
            pins: every(holder)
                .into_iter()
                .map(|holder| holder.map(|agent| (0..).find(|at| id(*at) == agent).expect("one")))
                .collect(),
        };
        let now = self.now;
        let caps = self.platform.server_mut::<PowercapServer>().expect("there");
        let caps =
            every(|id| caps.status(now, id).map(|domain| (domain.cap.unwrap_or(0), domain.pai_us)));
        State { caps, ..state }
    }

    fn server<S: Server>(&self) -> &S {
        self.platform.server().expect("the board has all")
    }

    /// What has come for all agents.
    pub(crate) fn mail(&mut self, agents: usize) -> Mail {
        let mut mail = Mail::new();
        for agent in 0..agents {
            let mut buffer = [0; 136];
            while let Some(ticket) = self.platform.poll_reply(id(agent)) {
                let length = self.platform.take_reply(id(agent), ticket, &mut buffer);
                let answer = words(&buffer[..length]);
                let waits = (agent, ticket, answer[0]);
                let at = self.waiting.iter().position(|waiting| *waiting == waits);
                self.waiting.swap_remove(at.expect("a command that waits"));
                mail.entry(agent).or_default().push(answer);
            }
            while let EventOutcome::Wrote(length) = self.platform.poll_event(id(agent), &mut buffer)
            {
                mail.entry(agent).or_default().push(words(&buffer[..length]));
            }
        }
        mail.values_mut().for_each(|messages| messages.sort());
        mail
    }
}

fn every<T>(status: impl FnMut(usize) -> Option<T>) -> Vec<T> {
    (0..).map_while(status).collect()
}
