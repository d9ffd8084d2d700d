//! What a real Linux said and was told (`cargo xtask capture` writes it down), held against the tables, the typed calls and
//! the events of this crate. Linux's bytes are not made by the code under test.

#![cfg(feature = "agent")]

mod calls;
mod dump;
mod events;
mod player;

use scmi::agent::CallError;
use scmi::decode::{Direction, Words};
use scmi::protocol;
use scmi::wire::{MessageType, Status};

use dump::{Dump, Kind};
use player::Player;

#[test]
fn linux_used_every_protocol_and_all_kinds_of_messages() {
    let dump = Dump::read();
    for info in protocol::ALL {
        let commands = dump.messages.iter().filter(|message| {
            message.kind == Kind::Command && message.header.protocol() == info.id
        });
        assert!(commands.count() > 2, "{}", info.name);
    }
    for kind in [Kind::Response, Kind::Delayed, Kind::Notification] {
        assert!(dump.messages.iter().any(|message| message.kind == kind), "{kind:?}");
    }
}

/// Each message is in its protocol's table, and nothing of it is missing or left over.
#[test]
fn the_tables_describe_every_message_to_its_last_byte() {
    let dump = Dump::read();
    for message in &dump.messages {
        let direction = match message.kind {
            Kind::Command => Direction::Command,
            _ => Direction::Response,
        };
        let version = dump.version(message.header.protocol());
        let bytes = message.bytes();
        let text = Words::new(&bytes, direction).version(version).to_string();
        assert!(!text.contains('!'), "{}\n{text}", message.line);
    }
}

/// The typed call that does the same sends the same bytes, and understands the answer that Linux got.
#[test]
fn typed_calls_send_what_linux_sends_and_understand_what_it_got() {
    let dump = Dump::read();
    for (index, message) in dump.messages.iter().enumerate() {
        if message.kind != Kind::Command {
            continue;
        }
        let (protocol, id) = (message.header.protocol(), message.header.message());
        let mut player = Player::new(&dump, index);
        let result = calls::call(&mut player, protocol, dump.version(protocol), id.0, message);
        assert!(player.was_asked(), "the typed call does not send {}", message.line);
        // Linux waits for the delayed response where one comes.
        let status = player.last_status();
        match status {
            Status::SUCCESS => assert_eq!(result, Ok(()), "{}", message.line),
            status => assert_eq!(result, Err(CallError::Refused(status)), "{}", message.line),
        }
    }
}

/// What events are parsed into says all that the notification says.
#[test]
fn events_are_all_that_notifications_say() {
    let dump = Dump::read();
    for message in &dump.messages {
        if message.kind == Kind::Notification {
            assert_eq!(message.header.kind(), MessageType::NOTIFICATION);
            let words = events::words(message.header, &message.payload);
            let words = words.unwrap_or_else(|| panic!("no event: {}", message.line));
            assert_eq!(words, message.words(), "{}", message.line);
        }
    }
}
