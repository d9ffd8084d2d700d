//! A platform of one protocol on a desk: several agents, messages as words, virtual time.
//! Every message that goes by is held against the tables.

use alloc::boxed::Box;
use core::time::Duration;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use crate::decode::{Direction, Words};
use crate::platform::{AgentId, EventOutcome, Link, Outcome, Platform, Server, Ticket};
use crate::protocol::base::tests::identity;
use crate::time::Time;
use crate::wire::{Header, MessageId, ProtocolId, Status, Version};

/// A platform and the time that its agents share.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) platform: Platform,
    pub(crate) now: Time,
    protocol: ProtocolId,
    versions: Vec<Version>,
}

pub(crate) fn id(agent: usize) -> AgentId {
    AgentId::from_index(agent).expect("small")
}

impl Desk {
    /// A platform with one agent a version, each with a way back or none.
    pub(crate) fn new(server: Box<dyn Server>, versions: &[Version], p2a: bool) -> Self {
        let protocol = server.info().id;
        let mut builder = Platform::builder(identity()).server(server);
        for (version, name) in versions.iter().zip(["vm1", "vm2", "vm3"]) {
            builder = builder.agent(name, &[(protocol, *version)]);
        }
        let mut platform = builder.build().expect("fits together");
        for agent in 0..versions.len() {
            platform.connect(Time::ZERO, id(agent), Link::new(p2a));
        }
        Self { platform, now: Time::ZERO, protocol, versions: versions.to_vec() }
    }

    /// The tables describe a message to its last byte, in the version that the agent speaks.
    fn described(&self, agent: usize, message: &[u8], direction: Direction) {
        let words = Words::new(message, direction).version(self.versions[agent]).to_string();
        let undescribed = words.contains('!') || words.contains("reserved");
        assert!(!undescribed, "{words}");
    }

    /// Sends a command with room for so many bytes of answer.
    pub(crate) fn send(
        &mut self,
        agent: usize,
        message: u8,
        params: &[u32],
        reply: &mut [u8],
    ) -> Outcome {
        let header = Header::command(self.protocol, MessageId(message), 5).word();
        let request: Vec<u8> =
            core::iter::once(&header).chain(params).flat_map(|word| word.to_le_bytes()).collect();
        let outcome = self.platform.handle(self.now, id(agent), &request, reply);
        if let Outcome::Reply(len) = outcome {
            self.described(agent, &reply[..len], Direction::Response);
            if reply[4..8] == [0; 4] {
                self.described(agent, &request, Direction::Command);
            }
        }
        outcome
    }

    /// The values of an answer that is there at once, with Linux's room for it.
    pub(crate) fn ask(
        &mut self,
        agent: usize,
        message: u8,
        params: &[u32],
    ) -> Result<Vec<u32>, Status> {
        let mut reply = [0xEE; 136];
        match self.send(agent, message, params, &mut reply) {
            Outcome::Reply(len) => values(&reply[..len]),
            other => panic!("{other:?}"),
        }
    }

    /// The ticket of an answer that is not there at once.
    pub(crate) fn ask_late(&mut self, agent: usize, message: u8, params: &[u32]) -> Ticket {
        match self.send(agent, message, params, &mut [0; 136]) {
            Outcome::Later(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    /// Lets time pass until then, stopping at every deadline on the way.
    pub(crate) fn until(&mut self, millis: u64) {
        let end = Time::from_millis(millis);
        loop {
            self.platform.poll(self.now);
            let next = self.platform.next_deadline().filter(|next| *next <= end);
            match next {
                Some(next) if next > self.now => self.now = next,
                _ => break,
            }
        }
        self.now = end;
        self.platform.poll(end);
    }

    /// The late answer that is ready, if one is.
    pub(crate) fn late(&mut self, agent: usize) -> Option<(Ticket, Result<Vec<u32>, Status>)> {
        let ticket = self.platform.poll_reply(id(agent))?;
        let mut reply = [0; 136];
        let len = self.platform.take_reply(id(agent), ticket, &mut reply);
        self.described(agent, &reply[..len], Direction::Response);
        Some((ticket, values(&reply[..len])))
    }

    /// The next notification or delayed response: its type and message id, then its words.
    pub(crate) fn event(&mut self, agent: usize) -> Option<(u8, u8, Vec<u32>)> {
        let mut event = [0; 136];
        match self.platform.poll_event(id(agent), &mut event) {
            EventOutcome::Wrote(len) => {
                self.described(agent, &event[..len], Direction::Response);
                let header = Header::parse(&event).expect("a header");
                assert_eq!(header.protocol(), self.protocol);
                Some((header.kind().0, header.message().0, words(&event[4..len])))
            }
            _ => None,
        }
    }

    /// All notifications that wait: message id and words.
    pub(crate) fn notifications(&mut self, agent: usize) -> Vec<(u8, Vec<u32>)> {
        let mut all = vec![];
        while let Some((kind, message, words)) = self.event(agent) {
            assert_eq!(kind, 3);
            all.push((message, words));
        }
        all
    }

    /// Every case is refused with its status.
    pub(crate) fn refused(&mut self, cases: &[(u8, &[u32], Status)]) {
        for (message, params, status) in cases {
            let answer = self.ask(0, *message, params);
            assert_eq!(answer, Err(*status), "{message:#x} {params:x?}");
        }
    }
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().expect("whole words"))).collect()
}

/// The bytes of words, to compare with text.
pub(crate) fn text(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn values(reply: &[u8]) -> Result<Vec<u32>, Status> {
    let all = words(reply);
    Status(all[1].cast_signed()).ok().inspect_err(|_| assert_eq!(all.len(), 2))?;
    Ok(all[2..].to_vec())
}
