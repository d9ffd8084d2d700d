//! Commands of the wrong length.

use alloc::boxed::Box;
use std::vec;

use super::{Kit, agent};
use crate::platform::{Outcome, Server};
use crate::protocol::common;
use crate::protocol::table::{Field, Shape, When};
use crate::wire::{Header, MessageId, Status, Version};

/// Bytes of parameters in a version, without the items of a list.
fn size(layout: &[Field], version: Version) -> usize {
    let there = |field: &&Field| match field.when {
        When::Since(since) => version >= since,
        When::Before(before) => version < before,
        When::Always => true,
        When::Bits { .. } | When::Both(..) => panic!("{} depends on another word", field.name),
    };
    let bytes = layout.iter().filter(there).map(|field| match field.shape {
        Shape::Wide | Shape::WideSigned => 8,
        Shape::Repeat(_) => 0,
        Shape::Name(_) | Shape::Group(_) | Shape::ProtocolIds | Shape::ShortIds => {
            panic!("no command has such a parameter as {}", field.name)
        }
        _ => 4,
    });
    bytes.sum()
}

impl Kit {
    /// The status that a command with so many zeros as parameters gets.
    fn status(&mut self, message: MessageId, zeros: usize) -> Status {
        let header = Header::command(self.protocol, message, 1);
        let request = [&header.word().to_le_bytes()[..], &vec![0; zeros]].concat();
        let mut reply = [0; 136];
        match self.platform.handle(self.now, agent(0), &request, &mut reply) {
            Outcome::Reply(_) => Status(i32::from_le_bytes(reply[4..8].try_into().expect("4"))),
            Outcome::Later(_) => Status::SUCCESS,
            Outcome::Dropped => panic!("dropped {message:?}"),
        }
    }
}

/// Asserts that every command of every version is a PROTOCOL_ERROR when it is shorter or longer than the tables say, and
/// is not when it has their length.
pub(crate) fn every_command_has_its_length(server: &dyn Fn() -> Box<dyn Server>) {
    let info = server().info();
    for version in info.versions {
        let there = info.commands.iter().filter(|message| message.since <= *version);
        for message in there.chain(common::COMMANDS) {
            let size = size(message.payload, *version);
            for length in [0, size.saturating_sub(1), size, size + 1, size + 4] {
                let mut kit = Kit::new(server(), &[*version], true);
                let status = kit.status(message.id, length);
                let refused = status == Status::PROTOCOL_ERROR;
                let absent =
                    status == Status::NOT_FOUND && !is_served(&*server(), message.id, *version);
                let case = (message.name, version, length, status);
                assert!(absent || refused == (length != size), "{case:?}, the tables say {size}");
            }
        }
    }
}

fn is_served(server: &dyn Server, message: MessageId, version: Version) -> bool {
    let negotiate = message == MessageId::NEGOTIATE_PROTOCOL_VERSION;
    server.implements(message) && !(negotiate && version < server.info().negotiable_from)
}
