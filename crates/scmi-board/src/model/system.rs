//! The power of a board's system.

use core::time::Duration;
use std::path::PathBuf;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::system::platform::{Order, Request, System, SystemModel};
use scmi::protocol::system::wire::SystemState;
use scmi::wire::Status;

use super::{Access, Operator, SystemEvent};

/// Agents of a platform: their number has 8 bits on the wire.
const MAX_AGENTS: usize = 255;

/// Requests of an agent that pass at once. Each may run a command and end machines: a guest in a loop must not.
const BURST: u32 = 10;

/// How long until another request of an agent passes.
const INTERVAL: Duration = Duration::from_secs(10);

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
    /// What the daemon runs at a request.
    pub on_request: Option<RequestCommand>,
}

/// A program of the host that is told of each request, by the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestCommand {
    /// The program: a path, or a name that the daemon looks for in its `PATH`.
    pub program: PathBuf,
    /// Its arguments. What is asked for comes in its environment.
    pub arguments: Vec<String>,
    /// After which it is killed.
    pub time_limit: Duration,
}

impl RequestCommand {
    /// A program that is run with these arguments and killed after this time.
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<String>, time_limit: Duration) -> Self {
        Self { program, arguments, time_limit }
    }
}

impl SystemPower {
    pub(crate) fn new(system: System, controllers: Access, separate: bool) -> Self {
        Self { system, controllers, separate, script: Vec::new(), on_request: None }
    }

    /// Whether a request of `asking` is about the system of `other` too.
    #[must_use]
    pub fn concerns(&self, asking: AgentId, other: AgentId) -> bool {
        !self.separate || asking == other
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

/// The system of a board: requests go to its operator, orders come from there and from the script.
///
/// An agent is answered BUSY where it has asked ten times and comes again within ten seconds.
#[derive(Debug)]
pub struct BoardSystem {
    power: SystemPower,
    /// How many steps of the script are done.
    done: usize,
    /// By agent, where each is a system of its own; else all have the first.
    states: Vec<SystemState>,
    /// By agent.
    credits: Vec<Credit>,
    operator: Operator,
}

/// What an agent may still ask for at once, and since when that was last counted.
#[derive(Clone, Copy, Debug)]
struct Credit {
    left: u32,
    since: Time,
}

impl Credit {
    fn spend(&mut self, now: Time) -> bool {
        let intervals = now.since(self.since).as_nanos() / INTERVAL.as_nanos();
        if intervals > 0 {
            let earned = u32::try_from(intervals).unwrap_or(u32::MAX);
            self.left = self.left.saturating_add(earned).min(BURST);
            self.since = now;
        }
        let spends = self.left > 0;
        self.left = self.left.saturating_sub(1);
        spends
    }
}

impl BoardSystem {
    /// A system that is on, and its operator.
    #[must_use]
    pub fn new(power: &SystemPower, operator: &Operator) -> Self {
        Self {
            power: power.clone(),
            done: 0,
            states: vec![SystemState::POWER_UP; if power.separate { MAX_AGENTS } else { 1 }],
            credits: vec![Credit { left: BURST, since: Time::ZERO }; MAX_AGENTS],
            operator: operator.clone(),
        }
    }

    /// Has the system do by itself what this one does, from now on. What it would have ordered until now is not made up for.
    pub(crate) fn tune(&mut self, now: Time, power: &SystemPower) {
        self.power.system.shutdown_timeout = power.system.shutdown_timeout;
        self.power.on_request.clone_from(&power.on_request);
        if self.power.script != power.script {
            self.power.script.clone_from(&power.script);
            self.done = power.script.partition_point(|step| Time::ZERO.after(step.at) <= now);
        }
    }

    fn next_step(&self) -> Option<(Time, Order)> {
        let step = self.power.script.get(self.done)?;
        Some((Time::ZERO.after(step.at), step.order))
    }

    /// Whose state an agent's is, by position.
    fn system_of(&self, agent: AgentId) -> usize {
        if self.power.separate { agent.index() } else { 0 }
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
        self.power.concerns(asking, listening)
    }

    fn state(&self, agent: AgentId) -> SystemState {
        self.states.get(self.system_of(agent)).copied().unwrap_or(SystemState::POWER_UP)
    }

    fn request(&mut self, now: Time, request: Request) -> Result<(), Status> {
        let credit = self.credits.get_mut(request.agent.index());
        if !credit.is_some_and(|credit| credit.spend(now)) {
            return Err(Status::BUSY);
        }
        let system = self.system_of(request.agent);
        if let Some(state) = self.states.get_mut(system) {
            // A reset ends where it began: on.
            *state = match request.state {
                SystemState::COLD_RESET | SystemState::WARM_RESET => SystemState::POWER_UP,
                state => state,
            };
        }
        self.operator.report(SystemEvent::Requested(request));
        Ok(())
    }

    /// Where each agent is a system of its own, that is on again when its agent is back.
    fn agent_gone(&mut self, _: Time, agent: AgentId) {
        if self.power.separate
            && let Some(state) = self.states.get_mut(agent.index())
        {
            *state = SystemState::POWER_UP;
        }
    }

    fn resume(&mut self, agent: AgentId, state: SystemState) {
        let system = self.system_of(agent);
        if let Some(place) = self.states.get_mut(system) {
            *place = state;
        }
    }

    fn take_order(&mut self, now: Time) -> Option<Order> {
        self.operator.take_order().or_else(|| {
            let (_, order) = self.next_step().filter(|(at, _)| *at <= now)?;
            self.done += 1;
            Some(order)
        })
    }

    fn told(&mut self, order: Order, agents: usize) {
        self.operator.report(SystemEvent::Ordered { order, told: agents });
    }

    fn next_deadline(&self) -> Option<Time> {
        if self.operator.has_orders() {
            return Some(Time::ZERO);
        }
        self.next_step().map(|(at, _)| at)
    }
}
