//! The tables of messages against the servers that answer them, exhaustively.

use alloc::boxed::Box;
use std::vec;
use std::vec::Vec;

use super::board::Board;
use super::plausible::fixed_size;
use super::reply::{check_answer, status_of};
use crate::platform::{AgentId, Link, Outcome, Platform};
use crate::protocol::base::platform::Identity;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::{MessageInfo, ProtocolInfo, Shape, base, sensor};
use crate::time::Time;
use crate::wire::{Header, MessageId, ProtocolId, Status, Version};

const PROTOCOLS: [&ProtocolInfo; 2] = [&base::INFO, &sensor::INFO];
/// Permissions are not changed by agents: none is trusted to.
const NOT_SERVED: [(ProtocolId, u8); 2] = [(ProtocolId::BASE, 0x9), (ProtocolId::BASE, 0xA)];

struct Asker {
    platform: Platform,
    agent: AgentId,
    protocol: &'static ProtocolInfo,
    version: Version,
    p2a: bool,
}

impl Asker {
    fn new(protocol: &'static ProtocolInfo, version: Version, p2a: bool) -> Self {
        let mut platform = Platform::builder(Identity::default())
            .server(Box::new(SensorServer::new(Box::new(Board::mixed()))))
            .agent("one", &[(protocol.id, version)])
            .build()
            .expect("it fits together");
        let agent = AgentId::from_index(0).expect("small");
        platform.connect(Time::ZERO, agent, Link::new(p2a));
        Self { platform, agent, protocol, version, p2a }
    }

    /// Every protocol in every version, with and without P2A.
    fn all() -> impl Iterator<Item = Self> {
        let versions = PROTOCOLS.into_iter().flat_map(|p| p.versions.iter().map(move |v| (p, *v)));
        versions.flat_map(|(p, v)| [true, false].map(|p2a| Self::new(p, v, p2a)))
    }

    fn ask(&mut self, message: MessageId, params: &[u8]) -> Vec<u8> {
        let header = Header::command(self.protocol.id, message, 3);
        let request = [&header.word().to_le_bytes(), params].concat();
        let mut reply = vec![0; 136];
        match self.platform.handle(Time::ZERO, self.agent, &request, &mut reply) {
            Outcome::Reply(len) => {
                check_answer(header, &reply[..len], self.version);
                reply.truncate(len);
                reply
            }
            other => panic!("{other:?} to {header:?}"),
        }
    }

    /// The status of a command about the first of everything.
    fn status(&mut self, message: MessageId, params: usize) -> Status {
        status_of(&self.ask(message, &self.first(message, params)))
    }

    /// Sensors are counted from 0, agents from 1.
    fn first(&self, message: MessageId, params: usize) -> Vec<u8> {
        let agents = self.protocol.id == ProtocolId::BASE && message == MessageId(0xB);
        let mut bytes = vec![0; params];
        bytes.iter_mut().take(1).for_each(|byte| *byte = agents.into());
        bytes
    }

    /// A new one in the same state: what an earlier command changed is undone.
    fn again(&self) -> Self {
        Self::new(self.protocol, self.version, self.p2a)
    }

    fn serves(&self, message: &MessageInfo) -> bool {
        let common = message.id == MessageId::NEGOTIATE_PROTOCOL_VERSION;
        let since = if common { self.protocol.negotiable_from } else { message.since };
        since <= self.version && !NOT_SERVED.contains(&(self.protocol.id, message.id.0))
    }
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    for asker in Asker::all() {
        for id in 0..=u8::MAX {
            let Some(info) = asker.protocol.command(MessageId(id)) else { continue };
            let size = fixed_size(info.payload);
            let lengths = [0, 1, 3, 4, 5, 8, 12, 16, 20, size.saturating_sub(1), size, size + 1];
            for length in lengths {
                let status = asker.again().status(info.id, length);
                let expected = if !asker.serves(info) {
                    Some(Status::NOT_FOUND)
                } else if info.needs_p2a && !asker.p2a {
                    Some(Status::NOT_SUPPORTED)
                } else {
                    (length != size).then_some(Status::PROTOCOL_ERROR)
                };
                let said = expected.map_or(status != Status::PROTOCOL_ERROR, |e| e == status);
                assert!(said, "{} in {} with {length}: {status}", info.name, asker.version);
            }
        }
    }
}

#[test]
fn message_attributes_say_which_commands_there_are() {
    for asker in Asker::all() {
        for id in 0..=u8::MAX {
            let message = MessageId(id);
            let attributes = asker
                .again()
                .ask(MessageId::PROTOCOL_MESSAGE_ATTRIBUTES, &u32::from(id).to_le_bytes());
            let info = asker.protocol.command(message);
            let size = info.map_or(0, |info| fixed_size(info.payload));
            let status = asker.again().status(message, size);
            // Without P2A, what needs it is not there; asked for all the same it is NOT_SUPPORTED.
            let hidden =
                info.is_some_and(|info| info.needs_p2a && asker.serves(info)) && !asker.p2a;
            let there = info.is_some_and(|info| asker.serves(info)) && !hidden;
            let case = (asker.protocol.name, asker.version, asker.p2a, id);
            assert_eq!(status_of(&attributes) == Status::SUCCESS, there, "{case:?}");
            if there {
                assert_eq!(attributes[8..], [0; 4], "{case:?}");
                assert!(status != Status::NOT_FOUND, "{case:?}");
            } else {
                assert_eq!(status_of(&attributes), Status::NOT_FOUND, "{case:?}");
                let refused = if hidden { Status::NOT_SUPPORTED } else { Status::NOT_FOUND };
                assert_eq!(status, refused, "{case:?}");
            }
        }
    }
}

#[test]
fn a_version_is_what_was_negotiated() {
    for protocol in PROTOCOLS {
        for version in protocol.versions {
            let mut asker = Asker::new(protocol, protocol.newest(), true);
            let negotiated = asker.ask(MessageId(0x10), &version.0.to_le_bytes());
            assert_eq!(status_of(&negotiated), Status::SUCCESS);
            asker.version = *version;
            for info in protocol.commands {
                let size = fixed_size(info.payload);
                let found = asker.status(info.id, size) != Status::NOT_FOUND;
                assert_eq!(found, asker.serves(info), "{} in {version}", info.name);
            }
        }
    }
}

#[test]
fn what_is_mandatory_is_there_from_its_first_version_on() {
    for asker in Asker::all() {
        for info in asker.protocol.commands.iter().filter(|info| info.mandatory) {
            assert!(!info.needs_p2a, "{}", info.name);
            let params = vec![0; fixed_size(info.payload)];
            let answer = asker.again().ask(info.id, &params);
            let there = info.since <= asker.version;
            assert_eq!(status_of(&answer) == Status::SUCCESS, there, "{}", info.name);
            let list = info
                .reply
                .iter()
                .any(|field| matches!(field.shape, Shape::Repeat(_) | Shape::ProtocolIds));
            if there && !list {
                assert_eq!(answer.len(), 8 + fixed_size(info.reply), "{}", info.name);
            }
        }
    }
}

#[test]
fn tables_are_in_order() {
    for protocol in PROTOCOLS {
        assert!(
            protocol.versions.is_sorted() && protocol.versions.contains(&protocol.negotiable_from)
        );
        for table in [protocol.commands, protocol.notifications] {
            let ids: Vec<u8> = table.iter().map(|info| info.id.0).collect();
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:x?}");
            for info in table {
                assert!(protocol.versions.contains(&info.since), "{}", info.name);
            }
        }
    }
}
