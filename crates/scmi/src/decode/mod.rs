//! Any message in words, from the protocols' own tables.
//!
//! [`decode`] walks a message and tells a [`Visitor`] what it finds; [`Words`] is a visitor that writes text.
//! Nothing is guessed: what is missing, left over or not in the tables is said to be so, with its bytes.

#[cfg(all(test, feature = "platform"))]
mod platform_tests;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod walk;

pub use text::Words;
pub use value::{Group, Head, Subject, Trouble, Value};

use crate::protocol;
use crate::wire::{Header, MessageType, Version};
use walk::Walk;

/// Which way a message goes. A header does not say it: a command and its response have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the agent to the platform.
    Command,
    /// From the platform to the agent.
    Response,
}

/// Is told what a message holds, in the order of the wire.
pub trait Visitor {
    /// The header; first, and not at all when there is none.
    fn head(&mut self, head: &Head);

    /// A value.
    fn field(&mut self, name: &'static str, value: Value<'_>);

    /// What comes until the matching [`Visitor::leave`] belongs to the field `name`.
    fn enter(&mut self, name: &'static str, group: Group);

    /// The end of what [`Visitor::enter`] began.
    fn leave(&mut self, group: Group);

    /// Something is not as the tables say. Nothing comes after it but the ends of groups and, after
    /// [`Trouble::NotInVersion`], the message.
    fn trouble(&mut self, trouble: Trouble<'_>);
}

/// Tells `visitor` what a message holds.
///
/// `direction` matters for commands and their responses; notifications and delayed responses say themselves what
/// they are. `version` is the protocol's version that the two sides speak; without one it is the newest. Any bytes
/// are taken; work is bounded by their number.
pub fn decode(
    bytes: &[u8],
    direction: Direction,
    version: Option<Version>,
    visitor: &mut dyn Visitor,
) {
    let (Some(header), Some((_, payload))) =
        (Header::parse(bytes), bytes.split_at_checked(Header::BYTES))
    else {
        return visitor.trouble(Trouble::NoHeader(bytes));
    };
    let subject = match header.kind() {
        MessageType::COMMAND if direction == Direction::Command => Subject::Command,
        MessageType::COMMAND => Subject::Response,
        MessageType::DELAYED_RESPONSE => Subject::DelayedResponse,
        MessageType::NOTIFICATION => Subject::Notification,
        _ => Subject::Reserved,
    };
    let protocol = protocol::find(header.protocol());
    let message = protocol.and_then(|protocol| match subject {
        Subject::Command | Subject::Response => protocol.command(header.message()),
        Subject::DelayedResponse => {
            protocol.command(header.message()).filter(|info| info.delayed.is_some())
        }
        Subject::Notification => protocol.notification(header.message()),
        Subject::Reserved => None,
    });
    let head = Head { header, subject, protocol, message };
    visitor.head(&head);
    let newest = protocol.map_or(Version(u32::MAX), |protocol| protocol.newest());
    Walk::new(payload, version.unwrap_or(newest), visitor).message(&head);
}
