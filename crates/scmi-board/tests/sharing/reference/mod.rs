//! The rules of sharing, once more and as simple as can be: who wants what, in maps and sets, and all that follows from it
//! reckoned anew each time. Written from the rules of docs/scmi.md and not from the servers.

mod agent;
mod base;
mod clock;
mod context;
mod perf;
mod pins;
mod power;
mod powercap;
mod reset;
mod sensor;
mod told;
mod voltage;

use std::collections::{BTreeMap, BTreeSet};

use scmi::platform::Space;

use crate::board::{Terms, View};
use crate::engine::Mail;
use crate::messages::{
    BASE, CLOCK, COMMANDS, NEGOTIATE, PERF, PINS, POWER, POWERCAP, RESET, SENSOR, VERSIONS, VOLTAGE,
};
use agent::Agent;
use base::Order;
use context::{Common, Context, Of, Waiting};
use told::Told;

/// What a command is answered: the words behind the status, or the status that is not SUCCESS.
pub(crate) type Reply = Result<Vec<u32>, i32>;

const NOT_SUPPORTED: i32 = -1;
const INVALID_PARAMETERS: i32 = -2;
const DENIED: i32 = -3;
const NOT_FOUND: i32 = -4;
const OUT_OF_RANGE: i32 = -5;
const BUSY: i32 = -6;
const GENERIC_ERROR: i32 = -8;
const PROTOCOL_ERROR: i32 = -10;
const IN_USE: i32 = -11;

/// Who keeps what the platform keeps: it never leaves.
const PLATFORM: usize = usize::MAX;

/// The agents that have subscribed to something, by what it is.
type Subscribers = BTreeMap<usize, BTreeSet<usize>>;

/// How a board is, by the platform's own ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Whether a clock runs, and its rate.
    pub(crate) clocks: Vec<(bool, u64)>,
    /// The states of power domains.
    pub(crate) power: Vec<u32>,
    /// Performance: the level and the limits, highest first.
    pub(crate) levels: Vec<(u32, u32, u32)>,
    /// Voltage domains: mode and microvolts.
    pub(crate) rails: Vec<(u32, i32)>,
    /// Power caps, 0 where there is none, and averaging intervals.
    pub(crate) caps: Vec<(u32, u32)>,
    /// Who holds a pin.
    pub(crate) pins: Vec<Option<usize>>,
}

/// What the platform should be.
pub(crate) struct Reference {
    common: Common,
    clock: clock::Clocks,
    power: power::Domains,
    perf: perf::Domains,
    voltage: voltage::Domains,
    powercap: powercap::Domains,
    pins: pins::Pins,
    reset: reset::Domains,
    sensor: sensor::Sensors,
}

impl Reference {
    pub(crate) fn new(views: &[View], terms: Terms) -> Self {
        let agents = views.iter().cloned().map(|view| Agent::new(view, terms.devices.clone()));
        let (agents, kept) = (agents.collect(), terms.kept.clone());
        let (told, waiting) = (Told::default(), Vec::new());
        let mut reference = Self {
            common: Common { agents, terms, told, waiting, now: 0 },
            clock: clock::Clocks::default(),
            power: power::Domains::default(),
            perf: perf::Domains::default(),
            voltage: voltage::Domains::default(),
            powercap: powercap::Domains::default(),
            pins: pins::Pins::default(),
            reset: reset::Domains::default(),
            sensor: sensor::Sensors::default(),
        };
        reference.hold(PLATFORM, &kept);
        reference
    }

    pub(crate) fn connect(&mut self, agent: usize) {
        self.disconnect(agent);
        self.common.agents[agent].connected = true;
        let holds = self.common.agents[agent].holds();
        self.hold(agent, &holds);
        self.settle();
    }

    /// Somebody asks for all this to be on.
    fn hold(&mut self, agent: usize, what: &[(Space, usize)]) {
        let mut context = Context::new(&mut self.common, agent, 0);
        for (space, id) in what {
            match space {
                Space::Clock => self.clock.hold(&context, *id),
                Space::PowerDomain => self.power.hold(&mut context, *id),
                _ => self.voltage.hold(&context, *id),
            }
        }
    }

    /// Nobody waits for its answers any more.
    pub(crate) fn disconnect(&mut self, agent: usize) {
        self.common.agents[agent].connected = false;
        self.common.waiting.retain(|waiting| waiting.agent != agent);
        self.forget(agent, &[]);
        self.settle();
    }

    /// An agent has nothing any more, wants nothing but what it holds again at once, and has negotiated nothing.
    fn forget(&mut self, agent: usize, again: &[(Space, usize)]) {
        self.common.agents[agent].speak_the_newest();
        self.leave(agent, false, again);
    }

    /// An agent gives back all that it has, or only what was taken from it.
    fn leave(&mut self, agent: usize, only_taken: bool, again: &[(Space, usize)]) {
        let mut context = Context::new(&mut self.common, agent, 0);
        context.only_taken = only_taken;
        self.clock.leave(&mut context);
        self.power.leave(&mut context, again);
        self.perf.leave(&mut context);
        self.voltage.leave(&context);
        self.powercap.leave(&mut context);
        self.pins.leave(&context);
        self.reset.leave(&mut context);
        self.sensor.leave(&mut context);
    }

    /// In the order of errors of section 2.1. None where the answer comes later.
    pub(crate) fn ask(&mut self, agent: usize, header: u32, params: &[u32]) -> Option<Reply> {
        let (protocol, message) = (header >> 10 & 0xFF, header & 0xFF);
        let checked = self.check(agent, protocol, message, params);
        let answer = match (checked, protocol) {
            (Err(status), _) => Some(Err(status)),
            _ if message == NEGOTIATE => Some(self.negotiate(agent, protocol, params)),
            (Ok(()), BASE) => Some(self.base(agent, message, params)),
            _ => self.ask_protocol(agent, header, params),
        };
        self.settle();
        answer
    }

    fn ask_protocol(&mut self, agent: usize, header: u32, params: &[u32]) -> Option<Reply> {
        let mut context = Context::new(&mut self.common, agent, header);
        let (protocol, message) = (header >> 10 & 0xFF, header & 0xFF);
        let reply = match protocol {
            CLOCK => self.clock.ask(&mut context, message, params),
            POWER => self.power.ask(&mut context, message, params),
            PERF => self.perf.ask(&mut context, message, params),
            VOLTAGE => self.voltage.ask(&mut context, message, params),
            POWERCAP => self.powercap.ask(&mut context, message, params),
            PINS => self.pins.ask(&mut context, message, params),
            RESET => self.reset.ask(&mut context, message, params),
            SENSOR => self.sensor.ask(&mut context, message, params),
            _ => Err(NOT_SUPPORTED),
        };
        (!context.is_late).then_some(reply)
    }

    /// Up to step 5.
    fn check(&self, agent: usize, protocol: u32, message: u32, params: &[u32]) -> Result<(), i32> {
        let agent = &self.common.agents[agent];
        if !agent.has(protocol) {
            return Err(NOT_SUPPORTED);
        }
        if agent.lacks_all(protocol) {
            return Err(DENIED);
        }
        if message == NEGOTIATE {
            return if params.len() == 1 { Ok(()) } else { Err(PROTOCOL_ERROR) };
        }
        let command = COMMANDS.iter().find(|c| (c.protocol, c.message) == (protocol, message));
        let command = command.expect("only these are sent");
        // Permissions are about devices.
        let no_devices = self.common.terms.devices.is_empty();
        let needless = protocol == BASE && matches!(message, 9 | 0xA) && no_devices;
        if needless || command.since > agent.version(protocol) {
            return Err(NOT_FOUND);
        }
        // Two messages have lengths that depend on what is in them.
        let varies = matches!((protocol, message), (CLOCK, 7) | (PINS, 6));
        let right = varies || params.len() == command.words.len();
        if right { Ok(()) } else { Err(PROTOCOL_ERROR) }
    }

    fn negotiate(&mut self, agent: usize, protocol: u32, params: &[u32]) -> Reply {
        let known = VERSIONS.iter().any(|(id, v)| *id == protocol && v.contains(&params[0]));
        if !known {
            return Err(NOT_SUPPORTED);
        }
        self.common.agents[agent].speak(protocol, params[0]);
        Ok(Vec::new())
    }

    fn base(&mut self, agent: usize, message: u32, params: &[u32]) -> Reply {
        let Common { agents, terms, .. } = &mut self.common;
        let (words, order) = base::ask(agents, terms.devices.len(), agent, message, params)?;
        match order {
            Order::Nothing => {}
            Order::Permit { agent, device, protocol, allow } => {
                agents[agent].permit(device, protocol, allow);
                self.leave(agent, true, &[]);
            }
            Order::Reset(agent, permissions) => {
                if permissions {
                    agents[agent].permit_all();
                }
                let connected = agents[agent].connected;
                let again = if connected { agents[agent].holds() } else { Vec::new() };
                self.give_up(agent);
                self.forget(agent, &again);
                self.hold(agent, &again);
            }
        }
        Ok(words)
    }

    /// An agent will not have what it waits for.
    fn give_up(&mut self, agent: usize) {
        let Common { waiting, told, .. } = &mut self.common;
        for waiting in waiting.extract_if(.., |waiting| waiting.agent == agent) {
            if !waiting.delayed {
                told.answer(agent, waiting.header, Err(GENERIC_ERROR));
            }
        }
    }

    /// So many milliseconds go by.
    pub(crate) fn pass(&mut self, millis: u64) {
        let until = self.common.now + millis;
        while let Some(due) = self.due().filter(|due| *due <= until) {
            self.common.now = due;
            self.settle();
        }
        self.common.now = until;
    }

    /// When something happens next.
    fn due(&self) -> Option<u64> {
        let changes = [
            self.clock.due(),
            self.power.due(),
            self.perf.due(),
            self.voltage.due(),
            self.powercap.due(),
            self.reset.due(),
        ];
        let answers = self.common.waiting.iter().map(|waiting| waiting.due);
        changes.into_iter().flatten().chain(answers).min()
    }

    /// What is due now happens: first what happens by itself, then what agents wait for, one agent after the other, each in
    /// the order in which it asked.
    fn settle(&mut self) {
        let now = self.common.now;
        let mut context = Context::new(&mut self.common, PLATFORM, 0);
        self.clock.settle(&mut context);
        self.power.settle(&mut context);
        self.perf.settle(&mut context);
        self.voltage.settle(now);
        self.reset.settle(now);
        while let Some((agent, domain, cap)) = self.powercap.quiet_and_due(now) {
            // Whose doing it is, is said as with a command.
            let mut context = Context::new(&mut self.common, agent, POWERCAP << 10 | 5);
            self.powercap.put(&mut context, domain, cap);
        }
        let due = |waiting: &mut Waiting| waiting.due <= now;
        let mut due: Vec<Waiting> = self.common.waiting.extract_if(.., due).collect();
        due.sort_by_key(|waiting| waiting.agent);
        due.iter().for_each(|waiting| self.complete(waiting));
    }

    fn complete(&mut self, waiting: &Waiting) {
        let Waiting { agent, header, delayed, of, .. } = *waiting;
        let mut context = Context::new(&mut self.common, agent, header);
        let reply = match of {
            Of::Nothing => Ok(Vec::new()),
            Of::Rate(clock) => self.clock.complete(&context, clock, delayed),
            Of::Level(domain) => self.voltage.complete(&context, domain, delayed),
            Of::Cycle(domain) => reset::Domains::complete(&context, domain, delayed),
            Of::Cap(domain, cap) => self.powercap.complete(&mut context, domain, cap, delayed),
            Of::Reading(sensor) => self.sensor.complete(&context, sensor, delayed),
        };
        let header = if delayed { header | 2 << 8 } else { header };
        self.common.told.answer(agent, header, reply);
    }

    /// The id that an agent has for the sensor whose updates it is to get, if it is to get any.
    pub(crate) fn updates(&self, agent: usize) -> Option<u32> {
        self.sensor.updates(&self.common.agents, agent)
    }

    /// The id of a resource that an agent sees.
    pub(crate) fn own(&self, agent: usize, space: Space, id: usize) -> Option<u32> {
        self.common.agents[agent].own(space, id)
    }

    pub(crate) fn is_connected(&self, agent: usize) -> bool {
        self.common.agents[agent].connected
    }

    /// How the board is to be: of each kind of resource what can be seen of it from outside.
    pub(crate) fn state(&self) -> State {
        let clocks = self.clock.state();
        let power = self.power.state_of_all();
        let levels = self.perf.state();
        let rails = self.voltage.state();
        let caps = self.powercap.state();
        State { clocks, power, levels, rails, caps, pins: self.pins.state() }
    }

    /// What agents are to be told since this was last asked, but for what time brings.
    pub(crate) fn mail(&mut self) -> Mail {
        self.common.told.take()
    }
}

/// On and off, by a command that takes an id and a word.
fn subscribe(agents: &mut BTreeSet<usize>, agent: usize, word: u32, offered: bool) -> Reply {
    if word > 1 {
        return Err(INVALID_PARAMETERS);
    }
    if !offered {
        return Err(NOT_SUPPORTED);
    }
    if word == 1 {
        agents.insert(agent);
    } else {
        agents.remove(&agent);
    }
    Ok(Vec::new())
}
