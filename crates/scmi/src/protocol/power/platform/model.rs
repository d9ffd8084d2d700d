//! What a platform must know of its power domains.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::wire::PowerState;
use crate::platform::{AgentId, BadDescription};
use crate::protocol::serving::{check_names, unless};
use crate::time::Time;
use crate::wire::Status;

/// The power domains of a platform: what they are, and how they are switched.
///
/// The server calls it with the platform's lock held, so a call must not block. A domain's id is its position. Which
/// state a domain is in, who asked for which, latencies and subscriptions are the server's.
pub trait PowerModel: Any + Send + fmt::Debug {
    /// What the domains are. At most 65535. Their number, and what agents are told of them, must not
    /// change while the platform lives.
    fn domains(&self) -> &[PowerDomain];

    /// Whether an agent may set a domain's state; DENIED otherwise.
    fn may_set(&self, agent: AgentId, domain: usize) -> bool {
        let _ = (agent, domain);
        true
    }

    /// A domain begins to change to a state, which it will be in after that state's latency.
    ///
    /// # Errors
    /// The status to answer with, usually [`Status::HARDWARE_ERROR`]; the domain stays as it is then.
    fn change(&mut self, now: Time, domain: usize, state: PowerState) -> Result<(), Status>;

    /// A domain is in a state now.
    fn changed(&mut self, now: Time, domain: usize, state: PowerState) {
        let _ = (now, domain, state);
    }
}

/// What a power domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowerDomain {
    /// At most 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// The states it has, each different, from the shallowest to the deepest. The shallowest that any agent asks for wins.
    pub states: Vec<PowerStateInfo>,
    /// The position of the state it is in at start, and when nobody asks for any.
    pub initial: usize,
    /// Whether a state can be set synchronously: the answer comes when the domain is in the state.
    pub synchronous: bool,
    /// Whether a state can be set asynchronously.
    pub asynchronous: bool,
    /// Whether it holds application processors: a command is answered before the state changes then.
    pub processors: bool,
    /// Whether it can tell that its state changed.
    pub change_notifications: bool,
    /// Whether it can tell that a state was asked for that others stand in the way of.
    pub request_notifications: bool,
    /// What STATE_GET tells.
    pub told: Told,
}

/// A state of a power domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerStateInfo {
    /// The state.
    pub state: PowerState,
    /// How long it takes to get there.
    pub latency: Duration,
}

/// What STATE_GET tells an agent that asked for a deeper state than the domain can be in for the sake of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Told {
    /// The state that the domain is in (section 13.3). Linux reads back what it set, and takes another state for a
    /// failure: it goes on as if the domain were on while its vote says off, and loses it when the others let go.
    Actual,
    /// The state that this agent asked for, as if the domain were its own.
    #[default]
    Asked,
}

impl PowerDomain {
    /// A domain of devices that is on at start, with on and off, both set either way, and all notifications.
    pub fn device(name: &str, on_latency: Duration, off_latency: Duration) -> Self {
        Self {
            name: name.into(),
            states: vec![
                PowerStateInfo { state: PowerState::ON, latency: on_latency },
                PowerStateInfo { state: PowerState::OFF, latency: off_latency },
            ],
            initial: 0,
            synchronous: true,
            asynchronous: true,
            processors: false,
            change_notifications: true,
            request_notifications: true,
            told: Told::Asked,
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        unless(self.initial < self.states.len(), "it has no state at start")?;
        let reserved = |info: &PowerStateInfo| info.state.0 & PowerState::RESERVED != 0;
        unless(!self.states.iter().any(reserved), "a state has reserved bits")?;
        let mut states: Vec<u32> = self.states.iter().map(|info| info.state.0).collect();
        states.sort_unstable();
        states.dedup();
        unless(states.len() == self.states.len(), "a state is there twice")
    }
}

/// Checks what the model says.
pub(super) fn check(domains: &[PowerDomain]) -> Result<(), BadDescription> {
    check_names(KIND, domains.iter().map(|domain| domain.name.as_str()))?;
    for (id, domain) in domains.iter().enumerate() {
        domain.check().map_err(|what| BadDescription::new(KIND, id, what))?;
    }
    Ok(())
}

const KIND: &str = "power domain";
