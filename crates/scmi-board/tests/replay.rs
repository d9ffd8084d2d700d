//! The commands of a real Linux (`cargo xtask capture` writes them down), given to a platform with the same board: it
//! answers as Linux was answered then.

use std::collections::HashMap;

use scmi::Time;
use scmi::decode::{Direction, Words};
use scmi::platform::{AgentId, EventOutcome, Link, Outcome, Platform, Ticket};
use scmi::wire::{Header, MessageType, ProtocolId};
use scmi_board::Board;

#[path = "../../scmi/tests/replay/dump.rs"]
mod dump;

use dump::{Dump, Kind, Message};

/// The board that Linux had.
const BOARD: &str = include_str!("../../scmi/tests/data/linux.toml");

/// Room for an answer and for an event, as Linux offers it.
const ROOM: usize = 136;

/// The platform, and what it has said that Linux has not yet been told.
struct Replay {
    platform: Platform,
    agent: AgentId,
    now: Time,
    /// Answers that came at once, and tickets of those that come later, by header.
    answers: HashMap<u32, Answer>,
    delayed: HashMap<u32, Vec<u8>>,
}

enum Answer {
    Now(Vec<u8>),
    Later(Ticket),
}

impl Replay {
    fn new() -> Self {
        let board = Board::parse(BOARD, "linux.toml").expect("a good board");
        let mut platform = board.platform().expect("it fits together");
        let agent = platform.agent("vm1").expect("it is on the board");
        platform.connect(Time::ZERO, agent, Link::new(true));
        let (answers, delayed) = (HashMap::new(), HashMap::new());
        Self { platform, agent, now: Time::ZERO, answers, delayed }
    }

    fn ask(&mut self, command: &Message) {
        let mut reply = [0; ROOM];
        let request = command.bytes();
        let answer = match self.platform.handle(self.now, self.agent, &request, &mut reply) {
            Outcome::Reply(len) => Answer::Now(reply[..len].to_vec()),
            Outcome::Later(ticket) => Answer::Later(ticket),
            Outcome::Dropped => panic!("dropped: {}", command.line),
        };
        self.answers.insert(command.header.word(), answer);
    }

    /// The answer to a command, whenever it comes.
    fn answer(&mut self, header: Header) -> Vec<u8> {
        match self.answers.remove(&header.word()).expect("it was asked") {
            Answer::Now(bytes) => bytes,
            Answer::Later(ticket) => {
                while self.platform.poll_reply(self.agent) != Some(ticket) {
                    self.wait();
                }
                let mut reply = [0; ROOM];
                let len = self.platform.take_reply(self.agent, ticket, &mut reply);
                reply[..len].to_vec()
            }
        }
    }

    /// The delayed response with this header, whenever it comes.
    fn delayed(&mut self, header: Header) -> Vec<u8> {
        loop {
            let mut event = [0; ROOM];
            while let EventOutcome::Wrote(len) = self.platform.poll_event(self.agent, &mut event) {
                let came = Header::parse(&event).expect("it has one");
                if came.kind() == MessageType::DELAYED_RESPONSE {
                    self.delayed.insert(came.word(), event[..len].to_vec());
                }
            }
            match self.delayed.remove(&header.word()) {
                Some(bytes) => return bytes,
                None => self.wait(),
            }
        }
    }

    /// Lets the time pass until something is due.
    fn wait(&mut self) {
        let due = self.platform.next_deadline().expect("something is to come");
        self.now = self.now.max(due);
        self.platform.poll(self.now);
    }
}

/// What is measured is not what it was then, but there is as much of it.
fn is_measured(header: Header) -> bool {
    let measured = [(ProtocolId::SENSOR, 0x6), (ProtocolId::POWERCAP, 0x9)];
    measured.contains(&(header.protocol(), header.message().0))
}

#[test]
fn linux_is_answered_as_it_was_answered() {
    let mut replay = Replay::new();
    let mut compared = 0;
    let dump = Dump::read();
    for message in &dump.messages {
        let answer = match message.kind {
            Kind::Command => {
                replay.ask(message);
                continue;
            }
            // Another agent or the time caused them.
            Kind::Notification => continue,
            Kind::Response => replay.answer(message.header),
            Kind::Delayed => replay.delayed(message.header),
        };
        let then = message.bytes();
        let alike = if is_measured(message.header) {
            (answer.len(), &answer[..8]) == (then.len(), &then[..8])
        } else {
            answer == then
        };
        let version = dump.version(message.header.protocol());
        let told = |bytes| Words::new(bytes, Direction::Response).version(version).to_string();
        assert!(alike, "{}\nthen: {}\nnow: {}", message.line, told(&then), told(&answer));
        compared += 1;
    }
    assert!(compared > 200, "only {compared} answers");
}
