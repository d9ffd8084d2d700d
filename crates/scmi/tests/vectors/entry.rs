//! Which records the messages are made of.

use core::fmt::Debug;

use scmi::agent::{CallError, Caller, CallerExt, Request};
use scmi::platform::exact;
use scmi::wire::{Command, Message, MessageId, ProtocolId, Reader, Record, Status, Version};
use zerocopy::IntoBytes;

use crate::check::{Check, one, status};
use crate::piece::Piece;
use crate::text::{Kind, Vector};

/// What goes through a part of a message.
pub(crate) type Part = fn(&mut Check<'_>);

/// What a platform makes of parameters.
type Platform = fn(&[u8]) -> Result<(), Status>;
/// What an agent makes of values.
type Agent = fn(&[u8]) -> Result<Vec<u8>, CallError>;

/// The records of a message of one kind.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) protocol: Option<ProtocolId>,
    pub(crate) id: MessageId,
    pub(crate) kind: Kind,
    pub(crate) first: Version,
    pub(crate) before: Version,
    pub(crate) parts: Vec<Part>,
    /// A command's parameters as the platform takes them.
    pub(crate) platform: Option<Platform>,
    /// The values of a response as the agent takes them; they come back as they were understood.
    pub(crate) agent: Option<Agent>,
}

impl Entry {
    fn new(protocol: Option<ProtocolId>, id: MessageId, kind: Kind, parts: Vec<Part>) -> Self {
        let (first, before) = (Version(0), Version(u32::MAX));
        Self { protocol, id, kind, first, before, parts, platform: None, agent: None }
    }

    /// Whether it is about this message in this version of the protocol.
    fn is_of(&self, vector: &Vector, version: Version) -> bool {
        self.protocol.is_none_or(|protocol| protocol == vector.info.id)
            && (self.id, self.kind) == (vector.id, vector.kind)
            && (self.first..self.before).contains(&version)
    }
}

/// Entries of one message.
pub(crate) type Entries = Vec<Entry>;

/// A command and its response, as the two ends' own trait binds them.
pub(crate) fn command<C: Command + Piece + Debug>() -> Entries
where
    C::Reply: Piece,
{
    message::<C>(Some(C::PROTOCOL))
}

/// The same for a message that all protocols have.
pub(crate) fn common<M: Message + Piece + Debug>() -> Entries
where
    M::Reply: Piece,
{
    message::<M>(None)
}

fn message<M: Message + Piece + Debug>(protocol: Option<ProtocolId>) -> Entries
where
    M::Reply: Piece,
{
    let mut command = Entry::new(protocol, M::ID, Kind::Command, vec![one::<M>]);
    command.platform = Some(|params| exact::<M>(Reader::new(params)).map(|_| ()));
    let mut response = Entry::new(protocol, M::ID, Kind::Response, vec![status, one::<M::Reply>]);
    response.agent = Some(|values| {
        let mut platform = Says(values);
        let message = M::new_zeroed();
        platform.call_of::<M>(ProtocolId::BASE, &message).map(|reply| reply.as_bytes().to_vec())
    });
    vec![command, response]
}

/// A notification.
pub(crate) fn notification<T: Record + Piece>(protocol: ProtocolId, id: u8) -> Entries {
    vec![Entry::new(Some(protocol), MessageId(id), Kind::Notification, vec![one::<T>])]
}

/// Refines entries.
pub(crate) trait Refine {
    /// The response (or the notification) goes on with this.
    fn then(self, part: Part) -> Self;
    /// Instead of what the trait binds, the response has this after its status.
    fn returns(self, parts: &[Part]) -> Self;
    /// The command goes on with this.
    fn takes(self, part: Part) -> Self;
    /// It can be answered later, with this.
    fn delayed(self, parts: &[Part]) -> Self;
    /// It looks so from this version on.
    fn since(self, version: Version) -> Self;
    /// It looks so before this version.
    fn before(self, version: Version) -> Self;
}

impl Refine for Entries {
    fn then(mut self, part: Part) -> Self {
        let entry = self.last_mut().expect("an entry");
        entry.parts.push(part);
        entry.agent = None;
        self
    }

    fn returns(mut self, parts: &[Part]) -> Self {
        let entry = self.last_mut().expect("an entry");
        entry.parts = [&[status as Part], parts].concat();
        entry.agent = None;
        self
    }

    fn takes(mut self, part: Part) -> Self {
        let entry = self.first_mut().expect("an entry");
        entry.parts.push(part);
        entry.platform = None;
        self
    }

    fn delayed(mut self, parts: &[Part]) -> Self {
        let Entry { protocol, id, .. } = *self.first().expect("an entry");
        let parts = [&[status as Part], parts].concat();
        self.push(Entry::new(protocol, id, Kind::Delayed, parts));
        self
    }

    fn since(mut self, version: Version) -> Self {
        self.iter_mut().for_each(|entry| entry.first = version);
        self
    }

    fn before(mut self, version: Version) -> Self {
        self.iter_mut().for_each(|entry| entry.before = version);
        self
    }
}

/// A platform that says this to every command.
struct Says<'v>(&'v [u8]);

impl Caller for Says<'_> {
    fn exchange(&mut self, _: &Request<'_>) -> Result<&[u8], CallError> {
        Ok(self.0)
    }

    fn max_values(&self) -> usize {
        128
    }
}

/// The one entry that is about a vector in a version.
pub(crate) fn find<'e>(vector: &Vector, version: Version, entries: &'e [Entry]) -> &'e Entry {
    let is_of = |entry: &&Entry| entry.is_of(vector, version);
    let found: Vec<&Entry> = entries.iter().filter(is_of).collect();
    assert_eq!(found.len(), 1, "{vector}: entries about it in version {version}");
    found[0]
}
