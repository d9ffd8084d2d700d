//! What a platform must know of its system's power.

use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::wire::SystemState;
use crate::platform::AgentId;
use crate::time::Time;
use crate::wire::Status;

/// The system that the agents are part of: who may shut it down, and who wants to.
///
/// Two ways lead through it. What an agent asks for goes to [`SystemModel::request`] and from there to whoever
/// operates the system; what the operator wants comes out of [`SystemModel::take_order`] and goes to the agents as a
/// notification. The server calls it with the platform's lock held, so a call must not block.
pub trait SystemModel: Any + Send + fmt::Debug {
    /// What the system can. What agents are told of it must not change while the platform lives; how long it waits may.
    fn system(&self) -> &System;

    /// Whether an agent controls the system: it may set and read its state then. An operating system usually does
    /// not, and is answered NOT_SUPPORTED (section 15, number 10).
    fn controls(&self, agent: AgentId) -> bool;

    /// Whether a request of one agent is to be told to another that listens (or to itself). All are part of one
    /// system unless said otherwise; where each guest is a system of its own, only it is.
    fn concerns(&self, asking: AgentId, listening: AgentId) -> bool {
        let _ = (asking, listening);
        true
    }

    /// The state of the system, as an agent that controls it sees it: shutdown, power up, suspend or the vendor's own.
    fn state(&self, agent: AgentId) -> SystemState {
        let _ = agent;
        SystemState::POWER_UP
    }

    /// An agent that controls the system asks for a state that the system has. Those who listen are told after it
    /// was taken.
    ///
    /// # Errors
    /// The status to answer with; [`Status::DENIED`] to suspend while other processors run.
    fn request(&mut self, now: Time, request: Request) -> Result<(), Status>;

    /// An agent's channel ended or was reset: if it is there again, its operating system has started.
    fn agent_gone(&mut self, now: Time, agent: AgentId) {
        let _ = (now, agent);
    }

    /// The platform was started anew, and the state of an agent's system was this when the one before ended
    /// ([`SystemModel::state`]).
    fn resume(&mut self, agent: AgentId, state: SystemState) {
        let _ = (agent, state);
    }

    /// What the operator wants, once; asked when [`SystemModel::next_deadline`] has come, and whenever the platform is
    /// polled. Push it and poll the platform to have it told at once.
    fn take_order(&mut self, now: Time) -> Option<Order> {
        let _ = now;
        None
    }

    /// An order was given to so many agents: those whom it is for and who listen.
    fn told(&mut self, order: Order, agents: usize) {
        let _ = (order, agents);
    }

    /// When [`SystemModel::take_order`] will have something, as far as that is known.
    fn next_deadline(&self) -> Option<Time> {
        None
    }
}

/// What a system can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Whether it can be reset warm.
    pub warm_reset: bool,
    /// Whether it can be suspended.
    pub suspend: bool,
    /// States of the vendor's own, 0x80000000 and above.
    pub vendor_states: Vec<SystemState>,
    /// Whether it tells its agents of requests and orders.
    pub notifications: bool,
    /// How long the platform waits for a graceful shutdown that an agent asked for; zero where it does not say.
    pub shutdown_timeout: Duration,
}

impl System {
    /// Whether the system can be brought into a state.
    pub fn has(&self, state: SystemState) -> bool {
        match state {
            SystemState::SHUTDOWN | SystemState::COLD_RESET | SystemState::POWER_UP => true,
            SystemState::WARM_RESET => self.warm_reset,
            SystemState::SUSPEND => self.suspend,
            state => state.is_vendor() && self.vendor_states.contains(&state),
        }
    }
}

/// What an agent asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub agent: AgentId,
    /// The state.
    pub state: SystemState,
    /// Whether operating systems are to be asked, not just ended; never for power up.
    pub graceful: bool,
}

/// What the operator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Who is told: one agent, or all.
    pub to: Option<AgentId>,
    /// The state.
    pub state: SystemState,
    /// Whether operating systems are asked. Linux heeds nothing else.
    pub graceful: bool,
    /// How long the platform waits for a graceful shutdown; zero where it does not say, and with all else.
    pub timeout: Duration,
}
