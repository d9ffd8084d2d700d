//! The power of a board's system.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::system::platform::{Order, Request, System, SystemModel};
use scmi::protocol::system::wire::SystemState;
use scmi::wire::Status;

use super::Access;

/// Orders, and requests, that wait to be taken; of requests the oldest go.
const WAITING: usize = 64;

/// The system that the agents of a board are part of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SystemPower {
    /// What it can.
    pub system: System,
    /// Who may set and read its state.
    pub controllers: Access,
    /// Whether each agent is a system of its own: nobody is told of another's requests.
    pub separate: bool,
    /// What the operator orders by itself, in the order of time.
    pub script: Vec<ScriptedOrder>,
}

impl SystemPower {
    pub(crate) fn new(system: System, controllers: Access, separate: bool) -> Self {
        Self { system, controllers, separate, script: Vec::new() }
    }
}

/// A step of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptedOrder {
    /// When, from the start of the platform.
    pub at: Duration,
    /// What.
    pub order: Order,
}

impl ScriptedOrder {
    pub(crate) fn new(at: Duration, order: Order) -> Self {
        Self { at, order }
    }
}

/// The operator's end of a system: pushes orders, and takes what agents asked for. Clones are the same operator.
#[derive(Clone, Debug)]
pub struct Operator {
    desk: Arc<Mutex<Desk>>,
}

#[derive(Debug)]
struct Desk {
    orders: VecDeque<Order>,
    requests: VecDeque<Request>,
}

impl Operator {
    /// An operator of a system to come.
    #[must_use]
    pub fn new() -> Self {
        let desk = Desk {
            orders: VecDeque::with_capacity(WAITING),
            requests: VecDeque::with_capacity(WAITING),
        };
        Self { desk: Arc::new(Mutex::new(desk)) }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Nothing is ever left half done.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders; agents are told when the platform is polled next. False where 64 orders wait already.
    #[must_use]
    pub fn order(&self, order: Order) -> bool {
        let mut desk = self.desk();
        let room = desk.orders.len() < WAITING;
        if room {
            desk.orders.push_back(order);
        }
        room
    }

    /// What an agent asked for, the oldest first. Only the last 64 are kept.
    #[must_use]
    pub fn take_request(&self) -> Option<Request> {
        self.desk().requests.pop_front()
    }
}

impl Default for Operator {
    fn default() -> Self {
        Self::new()
    }
}

/// The system of a board: requests go to its operator, orders come from there and from the script.
#[derive(Debug)]
pub struct BoardSystem {
    power: SystemPower,
    /// How many steps of the script are done.
    done: usize,
    state: SystemState,
    operator: Operator,
}

impl BoardSystem {
    /// A system that is on, and its operator.
    #[must_use]
    pub fn new(power: &SystemPower, operator: &Operator) -> Self {
        let (power, operator) = (power.clone(), operator.clone());
        Self { power, done: 0, state: SystemState::POWER_UP, operator }
    }

    fn next_step(&self) -> Option<(Time, Order)> {
        let step = self.power.script.get(self.done)?;
        Some((Time::ZERO.after(step.at), step.order))
    }
}

impl SystemModel for BoardSystem {
    fn system(&self) -> &System {
        &self.power.system
    }

    fn controls(&self, agent: AgentId) -> bool {
        self.power.controllers.allows(agent)
    }

    fn concerns(&self, asking: AgentId, listening: AgentId) -> bool {
        !self.power.separate || asking == listening
    }

    fn state(&self, _: AgentId) -> SystemState {
        self.state
    }

    fn request(&mut self, _: Time, request: Request) -> Result<(), Status> {
        let Request { agent, state, graceful } = request;
        tracing::info!(agent = agent.number(), %state, graceful, "an agent asks for a state of the system");
        // A reset ends where it began: on.
        self.state = match state {
            SystemState::COLD_RESET | SystemState::WARM_RESET => SystemState::POWER_UP,
            state => state,
        };
        let mut desk = self.operator.desk();
        if desk.requests.len() == WAITING {
            desk.requests.pop_front();
        }
        desk.requests.push_back(request);
        Ok(())
    }

    fn take_order(&mut self, now: Time) -> Option<Order> {
        if let Some(order) = self.operator.desk().orders.pop_front() {
            return Some(order);
        }
        let (_, order) = self.next_step().filter(|(at, _)| *at <= now)?;
        self.done += 1;
        Some(order)
    }

    fn next_deadline(&self) -> Option<Time> {
        if !self.operator.desk().orders.is_empty() {
            return Some(Time::ZERO);
        }
        self.next_step().map(|(at, _)| at)
    }
}
