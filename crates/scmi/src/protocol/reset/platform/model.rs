//! What a platform must know of its reset domains.

use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::wire::ResetState;
use crate::platform::{AgentId, BadDescription};
use crate::protocol::serving::check_names;
use crate::time::Time;
use crate::wire::Status;

/// The reset domains of a platform: what they are, and what they do.
///
/// The server calls it with the platform's lock held, so a call must not block. A domain's id is its position.
/// Latencies, notifications and the order of things are the server's: a cycle is one call of [`ResetModel::begin`]
/// and, [`ResetDomain::latency`] later, one of [`ResetModel::end`], with no other call for that domain in between.
pub trait ResetModel: Any + Send + fmt::Debug {
    /// What the domains are. At most 65535. Their number, and what agents are told of them, must not
    /// change while the platform lives.
    fn domains(&self) -> &[ResetDomain];

    /// Holds a domain in reset, or lets it go; it may be so already. `state` is [`ResetState::COLD`] or one of
    /// [`ResetDomain::own_states`].
    ///
    /// # Errors
    /// The status to answer with: [`Status::DENIED`] or [`Status::GENERIC_ERROR`] where others use the domain,
    /// [`Status::NOT_SUPPORTED`] where it can only be reset as a whole.
    fn set_asserted(
        &mut self,
        now: Time,
        domain: usize,
        state: ResetState,
        asserted: bool,
    ) -> Result<(), Status>;

    /// Begins a whole cycle.
    ///
    /// # Errors
    /// As [`ResetModel::set_asserted`].
    fn begin(&mut self, now: Time, domain: usize, state: ResetState) -> Result<(), Status> {
        self.set_asserted(now, domain, state, true)
    }

    /// Ends a cycle that was begun.
    ///
    /// # Errors
    /// The status to answer with, usually [`Status::HARDWARE_ERROR`].
    fn end(&mut self, now: Time, domain: usize, state: ResetState) -> Result<(), Status> {
        self.set_asserted(now, domain, state, false)
    }

    /// Whether a domain is held in reset, as far as that can be told.
    fn asserted(&self, domain: usize) -> Option<bool> {
        let _ = domain;
        None
    }

    /// Whether an agent may reset a domain.
    fn allows(&self, agent: AgentId, domain: usize) -> bool {
        let _ = (agent, domain);
        true
    }
}

/// What a reset domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetDomain {
    /// 1 to 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// How long a cycle takes: it is answered that much later.
    pub latency: Duration,
    /// Whether agents are told how long a cycle takes.
    pub latency_known: bool,
    /// Whether a cycle can be asked for without waiting for its end.
    pub asynchronous: bool,
    /// Whether agents can be told of resets.
    pub notifies: bool,
    /// The platform's own kinds of reset, beside the cold one.
    pub own_states: Vec<ResetState>,
}

impl ResetDomain {
    /// A domain that takes no time and has nothing special.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            latency: Duration::ZERO,
            latency_known: true,
            asynchronous: true,
            notifies: true,
            own_states: Vec::new(),
        }
    }

    pub(super) fn has(&self, state: ResetState) -> bool {
        state == ResetState::COLD || self.own_states.contains(&state)
    }
}

/// Whether these domains can be.
pub(super) fn check(domains: &[ResetDomain]) -> Result<(), BadDescription> {
    let kind = "reset domain";
    check_names(kind, domains.iter().map(|domain| domain.name.as_str()))?;
    for (id, domain) in domains.iter().enumerate() {
        if !domain.own_states.iter().all(|state| state.is_own()) {
            return Err(BadDescription::new(
                kind,
                id,
                "one of its own states is the architecture's",
            ));
        }
    }
    Ok(())
}
