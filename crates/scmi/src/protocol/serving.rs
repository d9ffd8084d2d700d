//! What the servers of several protocols do alike.

use crate::platform::{AgentId, AgentSet, BadDescription, Call, Topic};
use crate::protocol::common::NameReply;
use crate::time::{Time, earliest};
use crate::wire::{LongName, MessageId, Status, U32, Writer};

/// A change of a resource that takes a while.
///
/// There is one at a time for each resource, as hardware has it, so their number is bounded without a queue; who
/// asks for another one is told BUSY. It is made when it is due, whether or not somebody still waits for it: hardware
/// does not forget what it has begun when a guest dies. [`crate::platform::Server::poll`] makes it and the call that
/// waits, due at the same moment, is finished right after.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Change<T> {
    /// None was asked for yet.
    #[default]
    None,
    /// It is made at `due`.
    Running {
        /// When.
        due: Time,
        /// Who asked for it.
        agent: AgentId,
        /// What was asked for.
        wanted: T,
    },
    /// What became of the last one.
    Done(Result<T, Status>),
}

impl<T: Copy> Change<T> {
    /// Whether another one would have to wait.
    pub(super) const fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }

    /// When it is to be made.
    pub(super) const fn due(&self) -> Option<Time> {
        match self {
            Self::Running { due, .. } => Some(*due),
            Self::None | Self::Done(_) => None,
        }
    }

    /// Who asked for what, if it is to be made by `now`.
    pub(super) fn ready(&self, now: Time) -> Option<(AgentId, T)> {
        match self {
            Self::Running { due, agent, wanted } if *due <= now => Some((*agent, *wanted)),
            _ => None,
        }
    }

    /// What became of it.
    ///
    /// # Errors
    /// The status to answer with.
    pub(super) const fn result(&self) -> Result<T, Status> {
        match self {
            Self::Done(result) => *result,
            Self::None | Self::Running { .. } => Err(Status::GENERIC_ERROR),
        }
    }
}

/// Makes the changes that are due by `now` and remembers what became of them. `make` gets a resource's position, who
/// asked and what for. Returns when the next one is due.
pub(super) fn make_due<'c, T: Copy + 'c>(
    now: Time,
    changes: impl Iterator<Item = &'c mut Change<T>>,
    mut make: impl FnMut(usize, AgentId, T) -> Result<(), Status>,
) -> Option<Time> {
    let mut next = None;
    for (id, change) in changes.enumerate() {
        if let Some((agent, wanted)) = change.ready(now) {
            *change = Change::Done(make(id, agent, wanted).map(|()| wanted));
        }
        next = earliest(next, change.due());
    }
    next
}

/// What is wrong with a value that is to be restored.
pub(super) const NO_SUCH_VALUE: &str = "no agent can have set this";

/// The word that subscribes to a notification (section 4).
///
/// # Errors
/// [`Status::INVALID_PARAMETERS`] where reserved bits are set.
pub(super) const fn enable(word: U32) -> Result<bool, Status> {
    match word.get() {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Status::INVALID_PARAMETERS),
    }
}

/// An agent subscribes to a message about a resource, or ends that. `offered` says whether there is such a message of it,
/// `word` which of the two.
///
/// # Errors
/// [`Status::INVALID_PARAMETERS`] where reserved bits are set, else [`Status::NOT_SUPPORTED`] where it is not offered.
pub(super) fn subscribe(
    call: &mut Call<'_>,
    agents: &mut AgentSet,
    offered: bool,
    (message, topic): (MessageId, Topic),
    word: U32,
) -> Result<(), Status> {
    let enable = enable(word)?;
    if !offered {
        return Err(Status::NOT_SUPPORTED);
    }
    agents.set(call.agent, enable);
    subscribed(call, message, topic, enable);
    Ok(())
}

/// An agent has subscribed to a message of a resource, or ended that: then what still waits goes.
pub(super) fn subscribed(call: &mut Call<'_>, message: MessageId, topic: Topic, enable: bool) {
    if !enable {
        call.outbox.cancel(call.agent, message, topic);
    }
}

/// Answers a command that asks for a long name (section 3.2).
///
/// # Errors
/// [`Status::COMMS_ERROR`] when it does not fit.
pub(super) fn put_name(name: &str, reply: &mut Writer<'_>) -> Result<(), Status> {
    reply.put(&NameReply { flags: U32::new(0), name: LongName::new(name) })?;
    Ok(())
}

/// Whether a name can be one.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && LongName::fits(name) && !name.contains('\0')
}

/// Checks what all descriptions have: how many there are, and that each has a name.
///
/// # Errors
/// [`BadDescription`].
pub(super) fn check_names<'n>(
    kind: &'static str,
    names: impl ExactSizeIterator<Item = &'n str>,
) -> Result<(), BadDescription> {
    if names.len() > usize::from(u16::MAX) {
        return Err(BadDescription::new(kind, names.len(), BadDescription::TOO_MANY));
    }
    for (id, name) in names.enumerate() {
        if !is_name(name) {
            return Err(BadDescription::new(kind, id, BadDescription::NAME));
        }
    }
    Ok(())
}

/// `Ok` where a description holds, and otherwise what is wrong with it.
///
/// # Errors
/// `what`.
pub(super) const fn unless(holds: bool, what: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(what) }
}

/// A duration in whole microseconds, `most` at most.
pub(super) fn micros(duration: core::time::Duration, most: u32) -> u32 {
    u32::try_from(duration.as_micros()).map_or(most, |micros| micros.min(most))
}
