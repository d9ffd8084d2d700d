//! What the host does when an agent asks for a state of the system, and when the operator orders one.
//!
//! The platform tells agents by itself; here is the rest: the log, the command of the board file, and the machines whose
//! agents have a QMP socket. A thread waits at the operator's desk and hands on; commands and machines have threads of
//! their own, because they may take their time.

mod apart;
mod command;
mod counters;
mod machine;
mod qmp;
mod witness;

use core::time::Duration;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use scmi::platform::AgentId;
use scmi::protocol::system::platform::{Order, Request};
use scmi::protocol::system::wire::SystemState;
use scmi_board::{Board, Operator, RequestCommand, SystemEvent, SystemPower};

use apart::Apart;
use command::{Runner, Told};
use counters::{Counter, Counters};
use machine::{Act, Machine};

pub use apart::{Helper, help};
pub(crate) use witness::Witness;

/// Sees to what happens to a system, until it is dropped.
#[derive(Debug)]
pub(crate) struct Clerk {
    operator: Operator,
    counters: Arc<Counters>,
    means: Arc<Mutex<Arc<Means>>>,
    thread: Option<JoinHandle<()>>,
}

/// What a clerk has at hand: it is the board's, and may be another one later.
#[derive(Debug)]
pub(crate) struct Means {
    system: SystemPower,
    /// By agent.
    machines: Vec<Option<Arc<Machine>>>,
    runs: Option<Arc<Runs>>,
}

impl Clerk {
    /// A clerk for the system of a board, who waits at the operator's desk from now on. The board's command is run by `helper`,
    /// where there is one.
    pub(crate) fn start(
        board: &Board,
        system: &SystemPower,
        operator: &Operator,
        witness: &Witness,
        helper: Option<Helper>,
    ) -> io::Result<Self> {
        let counters = Arc::new(Counters::default());
        let means = Means::new(board, system, (None, helper), &counters)?;
        let means = Arc::new(Mutex::new(Arc::new(means)));
        let work = Work {
            names: board.agents.iter().map(|agent| agent.name.clone()).collect(),
            means: Arc::clone(&means),
            counters: Arc::clone(&counters),
        };
        let (desk, witness) = (operator.clone(), witness.clone());
        let thread = thread::Builder::new().name("operator".into()).spawn(move || {
            while let Some(event) = desk.wait_event() {
                work.see_to(event);
                witness.see(&event);
            }
        })?;
        Ok(Self { operator: operator.clone(), counters, means, thread: Some(thread) })
    }

    /// What is needed by another board of the same agents. Machines and the command go on as they are where it says the same.
    pub(crate) fn means_of(&self, board: &Board) -> io::Result<Means> {
        let now = current(&self.means);
        let system = board.system.as_ref().unwrap_or(&now.system);
        Means::new(board, system, (Some(&now), None), &self.counters)
    }

    /// Has it used from the next event on. What waits for a machine or a command that is not there any more is called off.
    pub(crate) fn take(&self, means: Means) {
        *self.means.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(means);
    }

    /// Whether a process apart runs the command.
    pub(crate) fn runs_apart(&self) -> bool {
        current(&self.means).runs.as_ref().is_some_and(|runs| matches!(&**runs, Runs::Apart(_)))
    }

    /// What happened so far, by name.
    pub(crate) fn items(&self) -> Vec<(&'static str, u64)> {
        self.counters.items().chain([("lost", self.operator.lost())]).collect()
    }

    /// Logs what happened so far, if anything did.
    pub(crate) fn log(&self) {
        tracing::info!("{} lost={}", self.counters, self.operator.lost());
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.operator.close();
        // It never waits for anything but the desk.
        let _panicked = self.thread.take().map(JoinHandle::join);
    }
}

fn current(means: &Mutex<Arc<Means>>) -> Arc<Means> {
    Arc::clone(&means.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Means {
    fn new(
        board: &Board,
        system: &SystemPower,
        (before, helper): (Option<&Self>, Option<Helper>),
        counters: &Arc<Counters>,
    ) -> io::Result<Self> {
        let same = before.filter(|before| before.system.on_request == system.on_request);
        let runs = match (same, &system.on_request) {
            (Some(before), _) => before.runs.clone(),
            (None, None) => None,
            (None, Some(command)) => Some(Arc::new(Runs::start(command, helper, counters)?)),
        };
        let machine = |(index, agent): (usize, &scmi_board::Agent)| {
            let Some(path) = &agent.qmp else { return Ok(None) };
            let known = before.and_then(|before| before.machines.get(index)?.as_ref());
            match known.filter(|machine| machine.path() == path) {
                Some(machine) => Ok(Some(Arc::clone(machine))),
                None => Ok(Some(Arc::new(Machine::start(&agent.name, path, counters)?))),
            }
        };
        let machines = board.agents.iter().enumerate().map(machine).collect::<io::Result<_>>()?;
        Ok(Self { system: system.clone(), machines, runs })
    }
}

/// What the clerk's thread goes by.
struct Work {
    /// By agent.
    names: Vec<String>,
    means: Arc<Mutex<Arc<Means>>>,
    counters: Arc<Counters>,
}

/// Who runs the command.
#[derive(Debug)]
enum Runs {
    Here(Runner),
    Apart(Apart),
}

impl Runs {
    fn start(
        command: &RequestCommand,
        helper: Option<Helper>,
        counters: &Arc<Counters>,
    ) -> io::Result<Self> {
        if let Some(helper) = helper {
            return Ok(Self::Apart(Apart::start(helper, counters)?));
        }
        let (of, counters) = (command.clone(), Arc::clone(counters));
        Ok(Self::Here(Runner::start(command, move |ran| ran.note(&of, &counters))?))
    }

    /// Has the command run; not where too much waits already.
    fn run(&self, told: Told) -> bool {
        match self {
            Self::Here(runner) => runner.run(told),
            Self::Apart(apart) => apart.run(&told),
        }
    }
}

impl Work {
    fn see_to(&self, event: SystemEvent) {
        match event {
            SystemEvent::Requested(request) => self.requested(request),
            SystemEvent::Ordered { order, told } => self.ordered(order, told),
            _ => {}
        }
    }

    fn requested(&self, Request { agent, state, graceful }: Request) {
        self.counters.add(Counter::Requests);
        let name = self.name(agent);
        let (word, how) = (word(state), how(graceful));
        tracing::info!("agent {name} asks for a {how} {word} of the system");
        let means = current(&self.means);
        if let Some(runs) = &means.runs {
            let ran = runs.run(Told { agent: name.to_owned(), state: word, graceful });
            self.count_dropped(ran, "the command");
        }
        let timeout = means.system.system.shutdown_timeout;
        let concerns = |other| means.system.concerns(agent, other);
        self.do_to_machines(&means, state, graceful, timeout, concerns);
    }

    fn ordered(&self, Order { to, state, graceful, timeout }: Order, told: usize) {
        self.counters.add(Counter::Orders);
        let whom =
            to.map_or_else(|| "all agents".to_owned(), |to| format!("agent {}", self.name(to)));
        let (how, what) = (how(graceful), word(state));
        tracing::info!("the operator orders a {how} {what} of {whom}; so many listen: {told}");
        if told == 0 {
            tracing::warn!(
                "nobody is told of the {what}: the guests are not there yet, or have no driver for it"
            );
        }
        let means = current(&self.means);
        let concerns = |other| to.is_none_or(|to| to == other);
        self.do_to_machines(&means, state, graceful, timeout, concerns);
    }

    /// What is graceful is the guests' business, until their time is over.
    fn do_to_machines(
        &self,
        means: &Means,
        state: SystemState,
        graceful: bool,
        timeout: Duration,
        concerns: impl Fn(AgentId) -> bool,
    ) {
        let act = match graceful {
            false => Act::to_force(state),
            true if state == SystemState::SHUTDOWN && !timeout.is_zero() => {
                Some(Act::EndAfter(timeout))
            }
            true => None,
        };
        let Some(act) = act else { return };
        for (index, machine) in means.machines.iter().enumerate() {
            if let Some(machine) = machine
                && AgentId::from_index(index).is_some_and(&concerns)
            {
                let done = machine.act(act);
                self.count_dropped(done, "a machine");
            }
        }
    }

    fn count_dropped(&self, taken: bool, by: &str) {
        if !taken {
            self.counters.add(Counter::Dropped);
            tracing::warn!("dropped: {by} has too much to do already");
        }
    }

    fn name(&self, agent: AgentId) -> &str {
        self.names.get(agent.index()).map_or("?", String::as_str)
    }
}

fn how(graceful: bool) -> &'static str {
    if graceful { "graceful" } else { "forceful" }
}

/// A state as the command and people read it.
fn word(state: SystemState) -> String {
    state.word().map_or_else(|| format!("{:#010x}", state.0), str::to_owned)
}
