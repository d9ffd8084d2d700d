//! The asking side of the System power protocol.

use core::marker::PhantomData;

use super::wire::{Notifier, NotifierV2, StateGet, StateNotify, StateSet, SystemState};
use crate::agent::{
    Ask, Asked, Blocking, CallError, Caller, CallerExt, Front, Line, Lock, Tasks, record,
};
use crate::protocol::common::{MessageAttributes, ProtocolVersion};
use crate::protocol::opening::ABSENT;
use crate::wire::{Header, Message, MessageType, ProtocolId, Reader, Status, U32, Version};

/// The power of a platform's system, as an agent sees it.
///
/// Its calls return a `Result` where it was opened on a [`Caller`], and a future of that where it was opened on
/// [`Tasks`].
pub struct SystemPower<'c, F = Blocking<'c>> {
    front: F,
    version: Version,
    lives: PhantomData<&'c ()>,
}

/// What a system can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether it can be reset warm.
    pub warm_reset: bool,
    /// Whether it can be suspended.
    pub suspend: bool,
}

impl<F> core::fmt::Debug for SystemPower<'_, F> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SystemPower").field("version", &self.version).finish_non_exhaustive()
    }
}

/// The version, or none where the platform does not have the protocol.
fn opened(version: Result<Version, CallError>) -> Result<Option<Version>, CallError> {
    match version {
        Err(CallError::Refused(Status::NOT_SUPPORTED)) => Ok(None),
        version => version.map(Some),
    }
}

impl<'c> SystemPower<'c> {
    /// Asks for the version.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] where there is no System power protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        Self::find(caller)?.ok_or(ABSENT)
    }

    /// The same, but that a platform has no System power protocol is an answer.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn find(caller: &'c mut dyn Caller) -> Result<Option<Self>, CallError> {
        let version = opened(caller.protocol_version(ProtocolId::SYSTEM))?;
        let front = Blocking::new(caller);
        Ok(version.map(|version| Self { front, version, lives: PhantomData }))
    }
}

impl<'t, L: Lock<Inside: Line>> SystemPower<'t, &'t Tasks<L>> {
    /// As [`SystemPower::open`], for tasks.
    ///
    /// # Errors
    /// As [`SystemPower::open`].
    pub async fn open_on(tasks: &'t Tasks<L>) -> Result<Self, CallError> {
        Self::find_on(tasks).await?.ok_or(ABSENT)
    }

    /// As [`SystemPower::find`], for tasks.
    ///
    /// # Errors
    /// As [`SystemPower::find`].
    pub async fn find_on(tasks: &'t Tasks<L>) -> Result<Option<Self>, CallError> {
        let read = |_, values: &[u8]| Ok(Version(record::<U32>(values)?.get()));
        let ask = Ask::of(ProtocolId::SYSTEM, &ProtocolVersion, 0, read);
        let version = opened(tasks.run(ask).await)?;
        Ok(version.map(|version| Self { front: tasks, version, lives: PhantomData }))
    }
}

impl<F> SystemPower<'_, F> {
    /// The version of the protocol.
    pub const fn version(&self) -> Version {
        self.version
    }
}

impl<F: Front> SystemPower<'_, F> {
    /// What the system can.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn abilities(&mut self) -> Asked<'_, F, Abilities> {
        let command = MessageAttributes { message: U32::new(StateSet::ID.0.into()) };
        let read = |_, values: &[u8]| {
            let attributes = record::<U32>(values)?.get();
            Ok(Abilities {
                warm_reset: attributes & StateSet::WARM_RESET != 0,
                suspend: attributes & StateSet::SUSPEND != 0,
            })
        };
        self.front.run(Ask::of(ProtocolId::SYSTEM, &command, 0, read))
    }

    /// Asks for a state of the whole system; gracefully, operating systems are asked, not just ended.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] where this agent does not control the system.
    pub fn set_state(&mut self, state: SystemState, graceful: bool) -> Asked<'_, F, ()> {
        let command = StateSet { flags: U32::new(graceful.into()), state: U32::new(state.0) };
        self.front.run(Ask::done(&command))
    }

    /// The state of the system.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] where this agent does not control the system.
    pub fn state(&mut self) -> Asked<'_, F, SystemState> {
        let read = |_, values: &[u8]| Ok(SystemState(record::<U32>(values)?.get()));
        self.front.run(Ask::new(&StateGet, 0, read))
    }

    /// Subscribes to requests for states of the system, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify(&mut self, enable: bool) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&StateNotify { enable: U32::new(enable.into()) }))
    }
}

/// SYSTEM_POWER_STATE_NOTIFIER: the system is to be shut down, reset or suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Who asked for it; 0 is the platform.
    pub agent: u32,
    /// The state.
    pub state: SystemState,
    /// Whether there is time to end in good order.
    pub graceful: bool,
    /// Milliseconds that the platform waits for a graceful shutdown, where it says so (from 2.0).
    pub timeout_ms: Option<u32>,
}

impl Event {
    /// Reads the notification of the System power protocol; none if it is another one, or too short. The longer
    /// payload of version 2.0 is known by its length.
    pub fn parse(header: Header, payload: &[u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION
            || header.protocol() != ProtocolId::SYSTEM
            || header.message().0 != 0
        {
            return None;
        }
        let long: Option<NotifierV2> = Reader::new(payload).take().ok();
        let timeout_ms = long.map(|long| long.timeout.get()).filter(|timeout| *timeout != 0);
        let notifier: Notifier = Reader::new(payload).take().ok()?;
        Some(Self {
            agent: notifier.agent.get(),
            state: SystemState(notifier.state.get()),
            graceful: notifier.flags.get() & StateSet::GRACEFUL != 0,
            timeout_ms,
        })
    }
}
