//! What every message from a platform must be like.

use crate::decode::{self, Direction, Group, Head, Trouble, Value, Visitor};
use crate::wire::{Header, Status, Version};

/// Checks the answer to a command: its header, its size, and that the tables describe it. Returns its status.
pub(super) fn check_answer(command: Header, answer: &[u8], version: Version) -> Status {
    assert!(answer.len() >= 8, "{} bytes answer {command:?}", answer.len());
    assert_eq!(Header::parse(answer), Some(command), "the header is echoed bit for bit");
    check_rest(answer, version)
}

/// Checks the delayed response to a command: as an answer.
pub(super) fn check_delayed(command: Header, message: &[u8], version: Version) -> Status {
    assert!(message.len() >= 8, "{} bytes of delayed response to {command:?}", message.len());
    assert_eq!(Header::parse(message), Some(command.delayed_response()));
    check_rest(message, version)
}

/// The status of a response that is long enough to have one.
pub(super) fn status_of(message: &[u8]) -> Status {
    let status = message[4..8].try_into().expect("four bytes");
    Status(i32::from_le_bytes(status))
}

fn check_rest(message: &[u8], version: Version) -> Status {
    let status = status_of(message);
    if status == Status::SUCCESS {
        check_described(message, version);
    } else {
        assert_eq!(message.len(), 8, "{status} and {} bytes", message.len());
    }
    status
}

/// Checks that the tables describe a message to its last byte, and that nothing reserved is set.
pub(super) fn check_described(message: &[u8], version: Version) {
    assert_eq!(message.len() % 4, 0, "messages are whole words: {message:x?}");
    decode::decode(message, Direction::Response, Some(version), &mut Strict(message));
}

/// A visitor that minds trouble and nothing else.
struct Strict<'a>(&'a [u8]);

impl Visitor for Strict<'_> {
    fn head(&mut self, _: &Head) {}

    fn field(&mut self, name: &'static str, value: Value<'_>) {
        assert_ne!(name, "reserved", "{value:?} in {:x?}", self.0);
    }

    fn enter(&mut self, _: &'static str, _: Group) {}

    fn leave(&mut self, _: Group) {}

    fn trouble(&mut self, trouble: Trouble<'_>) {
        panic!("{trouble:?} in {:x?}", self.0);
    }
}
