//! The asking side of the System power protocol.

use super::wire::{Notifier, NotifierV2, StateGet, StateNotify, StateSet, SystemState};
use crate::agent::{CallError, Caller, CallerExt};
use crate::wire::{Header, Message, MessageType, ProtocolId, Reader, U32, Version};

/// The power of a platform's system, as an agent sees it.
pub struct SystemPower<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
}

/// What a system can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether it can be reset warm.
    pub warm_reset: bool,
    /// Whether it can be suspended.
    pub suspend: bool,
}

impl core::fmt::Debug for SystemPower<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SystemPower").field("version", &self.version).finish_non_exhaustive()
    }
}

impl<'c> SystemPower<'c> {
    /// Asks for the version.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no System power protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::SYSTEM)?;
        Ok(Self { caller, version })
    }

    /// The version of the protocol.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// What the system can.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn abilities(&mut self) -> Result<Abilities, CallError> {
        let attributes = self.caller.message_attributes(ProtocolId::SYSTEM, StateSet::ID)?;
        Ok(Abilities {
            warm_reset: attributes & StateSet::WARM_RESET != 0,
            suspend: attributes & StateSet::SUSPEND != 0,
        })
    }

    /// Asks for a state of the whole system; gracefully, operating systems are asked, not just ended.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where this agent does not control the system.
    pub fn set_state(&mut self, state: SystemState, graceful: bool) -> Result<(), CallError> {
        self.caller
            .call(&StateSet { flags: U32::new(graceful.into()), state: U32::new(state.0) })?;
        Ok(())
    }

    /// The state of the system.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where this agent does not control the system.
    pub fn state(&mut self) -> Result<SystemState, CallError> {
        Ok(SystemState(self.caller.call(&StateGet)?.get()))
    }

    /// Subscribes to requests for states of the system, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify(&mut self, enable: bool) -> Result<(), CallError> {
        self.caller.call(&StateNotify { enable: U32::new(enable.into()) })?;
        Ok(())
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
