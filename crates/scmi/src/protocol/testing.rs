//! A platform of one protocol and some agents, asked in words, over virtual time.

mod lengths;

use alloc::boxed::Box;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use crate::decode::{Direction, Words};
use crate::platform::{
    AgentId, AgentSpec, BuildError, Builder, Device, EventOutcome, Link, Outcome, Platform, Server,
    Ticket,
};
use crate::protocol::base::tests::identity;
use crate::time::Time;
use crate::transport::Loopback;
use crate::wire::{Header, MessageId, ProtocolId, Status, Version};

pub(crate) use lengths::every_command_has_its_length;

/// Whatever goes through it, either way, must be described by the tables to the last byte.
#[derive(Debug)]
pub(crate) struct Kit {
    pub(crate) platform: Platform,
    pub(crate) now: Time,
    protocol: ProtocolId,
    versions: Vec<Version>,
    /// Commands need not be as the tables say.
    pub(crate) lenient: bool,
}

/// Room for an answer, as Linux offers it.
const ROOM: usize = 136;

pub(crate) fn agent(index: usize) -> AgentId {
    AgentId::from_index(index).expect("small")
}

fn platform(server: Box<dyn Server>, versions: &[Version], pending: usize) -> Platform {
    let protocol = server.info().id;
    let builder = Platform::builder(identity()).server(server).pending(pending);
    let builder = versions.iter().enumerate().fold(builder, |builder, (index, version)| {
        builder.agent(&std::format!("vm{index}"), &[(protocol, *version)])
    });
    builder.build().expect("fits together")
}

/// A channel of a single agent that is told this version.
pub(crate) fn loopback(server: Box<dyn Server>, version: Version, p2a: bool) -> Loopback {
    Loopback::new(platform(server, &[version], Builder::PENDING), agent(0), Link::new(p2a))
}

/// The bytes of words.
pub(crate) fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The words of bytes, of which there are whole ones.
pub(crate) fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, rest) = bytes.as_chunks::<4>();
    assert_eq!(rest, [0; 0], "a payload is whole words");
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

impl Kit {
    /// Agents 0, 1, ... are told these versions; all have a way back, or none.
    pub(crate) fn new(server: Box<dyn Server>, versions: &[Version], p2a: bool) -> Self {
        Self::with_pending(server, versions, p2a, Builder::PENDING)
    }

    /// The same, but only so many calls of an agent can be put off.
    pub(crate) fn with_pending(
        server: Box<dyn Server>,
        versions: &[Version],
        p2a: bool,
        pending: usize,
    ) -> Self {
        let protocol = server.info().id;
        let mut platform = platform(server, versions, pending);
        for index in 0..versions.len() {
            platform.connect(Time::ZERO, agent(index), Link::new(p2a));
        }
        Self { platform, now: Time::ZERO, protocol, versions: versions.into(), lenient: false }
    }

    /// Agents as they are described, all told this version of the protocol and with a way back. The error of a platform
    /// that does not fit together.
    pub(crate) fn with_agents(
        server: Box<dyn Server>,
        version: Version,
        agents: Vec<AgentSpec>,
    ) -> Result<Self, BuildError> {
        Self::with_devices(server, version, agents, vec![])
    }

    /// The same with devices, which can be taken from agents.
    pub(crate) fn with_devices(
        server: Box<dyn Server>,
        version: Version,
        agents: Vec<AgentSpec>,
        devices: Vec<Device>,
    ) -> Result<Self, BuildError> {
        let protocol = server.info().id;
        let versions = vec![version; agents.len()];
        let builder = Platform::builder(identity()).server(server);
        let builder = devices.into_iter().fold(builder, Builder::device);
        let mut platform = agents
            .into_iter()
            .fold(builder, |builder, agent| {
                builder.agent_as(agent.versions(&[(protocol, version)]))
            })
            .build()?;
        for index in 0..versions.len() {
            platform.connect(Time::ZERO, agent(index), Link::new(true));
        }
        Ok(Self { platform, now: Time::ZERO, protocol, versions, lenient: false })
    }

    /// Asks, and waits for an answer that comes late.
    pub(crate) fn ask(
        &mut self,
        agent: usize,
        message: u8,
        params: &[u32],
    ) -> Result<Vec<u32>, Status> {
        self.ask_bytes(agent, message, params).map(|values| words(&values))
    }

    /// The same, but the values are bytes.
    pub(crate) fn ask_bytes(
        &mut self,
        agent: usize,
        message: u8,
        params: &[u32],
    ) -> Result<Vec<u8>, Status> {
        match self.send(agent, message, params) {
            Ok(values) => values,
            Err(ticket) => self.late(agent, ticket),
        }
    }

    /// Asks; the ticket where the answer comes late.
    pub(crate) fn send(
        &mut self,
        agent: usize,
        message: u8,
        params: &[u32],
    ) -> Result<Result<Vec<u8>, Status>, Ticket> {
        let header = Header::command(self.protocol, MessageId(message), 0x155).word();
        let request = bytes(&[&[header], params].concat());
        let mut reply = [0xEE; ROOM];
        let outcome = self.platform.handle(self.now, self::agent(agent), &request, &mut reply);
        let answer = match outcome {
            Outcome::Reply(len) => Ok(self.values(agent, &request, &reply[..len])),
            Outcome::Later(ticket) => Err(ticket),
            Outcome::Dropped => panic!("dropped {request:x?}"),
        };
        if !self.lenient && !matches!(answer, Ok(Err(_))) {
            self.described(agent, &request, Direction::Command);
        }
        answer
    }

    /// Waits for an answer that comes late.
    pub(crate) fn late(&mut self, agent: usize, ticket: Ticket) -> Result<Vec<u8>, Status> {
        while self.platform.poll_reply(self::agent(agent)) != Some(ticket) {
            let next = self.platform.next_deadline().expect("it is due some time");
            self.now = next.max(self.now);
            self.platform.poll(self.now);
        }
        let mut reply = [0xEE; ROOM];
        let len = self.platform.take_reply(self::agent(agent), ticket, &mut reply);
        self.values(agent, &[], &reply[..len])
    }

    fn values(&self, agent: usize, request: &[u8], reply: &[u8]) -> Result<Vec<u8>, Status> {
        if let Some(header) = request.get(..4) {
            assert_eq!(reply[..4], *header);
        }
        self.described(agent, reply, Direction::Response);
        let status = Status(i32::from_le_bytes(reply[4..8].try_into().expect("4")));
        status.ok().inspect_err(|_| assert_eq!(reply.len(), 8, "the status alone"))?;
        Ok(reply[8..].to_vec())
    }

    fn described(&self, agent: usize, message: &[u8], direction: Direction) {
        let text = Words::new(message, direction).version(self.versions[agent]).to_string();
        let troubles: Vec<&str> = text.lines().filter(|line| line.contains('!')).collect();
        assert_eq!(troubles, [""; 0], "{text}");
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn wait(&mut self, millis: u64) {
        let until = self.now.after(core::time::Duration::from_millis(millis));
        while let Some(next) = self.platform.next_deadline().filter(|next| *next <= until) {
            self.now = next.max(self.now);
            self.platform.poll(self.now);
        }
        self.now = until;
        self.platform.poll(until);
    }

    /// What waits for an agent, each its type and id (`0x2..` delayed, `0x3..` notification) and then its words.
    pub(crate) fn events(&mut self, agent: usize) -> Vec<(u32, Vec<u32>)> {
        let mut events = Vec::new();
        let mut event = [0; ROOM];
        while let EventOutcome::Wrote(len) =
            self.platform.poll_event(self::agent(agent), &mut event)
        {
            self.described(agent, &event[..len], Direction::Response);
            let header = Header::parse(&event).expect("whole");
            assert_eq!(header.protocol(), self.protocol);
            events.push((header.word() & 0x3FF, words(&event[4..len])));
        }
        events
    }

    /// Asserts that each of these is refused with this status.
    pub(crate) fn refused(&mut self, cases: &[(u8, &[u32], Status)]) {
        for (message, params, status) in cases {
            let answer = self.ask(0, *message, params);
            assert_eq!(answer, Err(*status), "message {message:#x}, parameters {params:x?}");
        }
    }

    /// Ends an agent's channel, and gives it a new one.
    pub(crate) fn restart(&mut self, agent: usize) {
        self.platform.connect(self.now, self::agent(agent), Link::new(true));
    }
}

/// The words of a name of 16 bytes, or of 64.
pub(crate) fn name<const WORDS: usize>(text: &str) -> Vec<u32> {
    let mut field = vec![0; WORDS * 4];
    field[..text.len()].copy_from_slice(text.as_bytes());
    words(&field)
}

/// A message in words, for vectors of the decoder.
pub(crate) fn decoded(message: &[u32], direction: Direction) -> String {
    Words::new(&bytes(message), direction).to_string()
}

/// Something that happens to a platform.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An agent sends a command.
    Ask(usize, u8, Vec<u32>),
    /// So many milliseconds pass.
    Wait(u64),
    /// An agent's channel ends and begins anew.
    Restart(usize),
    /// An agent resets its configuration.
    Reset(usize),
}

/// Commands of two agents in any order: parameters are small, as ids and flags are, or anything.
pub(crate) fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let word = prop_oneof![
        8 => 0..6_u32,
        4 => (0..32_u32, 0..8_u32).prop_map(|(shift, value)| value << shift),
        2 => prop_oneof![Just(900_000_u32), Just(24_000_000), Just(u32::MAX), Just(1 << 31 | 5)],
        1 => any::<u32>(),
    ];
    let ask = (0..2_usize, 0..0x12_u8, prop::collection::vec(word, 0..6))
        .prop_map(|(agent, message, params)| Step::Ask(agent, message, params));
    let step = prop_oneof![
        30 => ask,
        4 => (0..40_u64).prop_map(Step::Wait),
        1 => (0..2_usize).prop_map(Step::Restart),
        1 => (0..2_usize).prop_map(Step::Reset),
    ];
    prop::collection::vec(step, 1..200)
}

impl Kit {
    /// Goes through steps, and asserts that every command is answered once, in words that the tables describe.
    pub(crate) fn survive(&mut self, steps: &[Step]) {
        self.lenient = true;
        let mut waiting = Vec::new();
        for step in steps {
            match step {
                Step::Ask(agent, message, params) => {
                    // A negotiated version is not what the kit describes messages by.
                    if *message == 0x10 {
                        continue;
                    }
                    if let Err(ticket) = self.send(*agent, *message, params) {
                        waiting.push((*agent, ticket));
                    }
                }
                Step::Wait(millis) => self.wait(*millis),
                Step::Restart(agent) => {
                    self.restart(*agent);
                    waiting.retain(|(by, _)| by != agent);
                }
                Step::Reset(agent) => {
                    let number = self::agent(*agent).number();
                    let request = bytes(&[0x10 << 10 | 0xB, number, 0]);
                    self.platform.handle(self.now, self::agent(*agent), &request, &mut [0; 8]);
                }
            }
            self.collect(&mut waiting);
        }
        self.wait(10_000);
        self.collect(&mut waiting);
        assert_eq!(waiting, [], "commands without an answer");
    }

    fn collect(&mut self, waiting: &mut Vec<(usize, Ticket)>) {
        for index in 0..self.versions.len() {
            while let Some(ticket) = self.platform.poll_reply(agent(index)) {
                let at = waiting.iter().position(|waits| *waits == (index, ticket));
                waiting.swap_remove(at.expect("an answer to a command that waits"));
                let _refused = self.late(index, ticket);
            }
            self.events(index);
        }
    }
}
