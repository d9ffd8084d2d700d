//! The rules of sharing, once more and as simple as can be: who wants what, in maps and sets, and all that follows from it
//! reckoned anew each time. Written from the rules of docs/scmi.md and not from the servers.

mod base;
mod clock;
mod context;
mod perf;
mod pins;
mod power;
mod powercap;
mod reset;
mod sensor;
mod voltage;

use std::collections::{BTreeMap, BTreeSet};

use scmi::platform::Space;

use crate::board::View;
use crate::engine::Mail;
use crate::messages::{
    BASE, CLOCK, COMMANDS, NEGOTIATE, PERF, PINS, POWER, POWERCAP, RESET, SENSOR, VERSIONS, VOLTAGE,
};
use context::{Agent, Context, Told};

/// What a command is answered: the words behind the status, or the status that is not SUCCESS.
pub(crate) type Reply = Result<Vec<u32>, i32>;

const NOT_SUPPORTED: i32 = -1;
const INVALID_PARAMETERS: i32 = -2;
const DENIED: i32 = -3;
const NOT_FOUND: i32 = -4;
const OUT_OF_RANGE: i32 = -5;
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
#[derive(Default)]
pub(crate) struct Reference {
    agents: Vec<Agent>,
    told: Told,
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
    pub(crate) fn new(views: &[View], kept: &[(Space, usize)]) -> Self {
        let agents = views.iter().cloned().map(Agent::new).collect();
        let mut reference = Self { agents, ..Self::default() };
        reference.hold(PLATFORM, kept);
        reference
    }

    pub(crate) fn connect(&mut self, agent: usize) {
        self.disconnect(agent);
        self.agents[agent].connected = true;
        let holds = self.agents[agent].holds();
        self.hold(agent, &holds);
    }

    /// Somebody asks for all this to be on.
    fn hold(&mut self, agent: usize, what: &[(Space, usize)]) {
        let mut context = Context::new(&self.agents, &mut self.told, agent, 0);
        for (space, id) in what {
            match space {
                Space::Clock => self.clock.hold(&context, *id),
                Space::PowerDomain => self.power.hold(&mut context, *id),
                _ => self.voltage.hold(&context, *id),
            }
        }
    }

    pub(crate) fn disconnect(&mut self, agent: usize) {
        self.agents[agent].connected = false;
        self.forget(agent, &[]);
    }

    /// An agent has nothing any more, wants nothing but what it holds again at once, and has negotiated nothing.
    fn forget(&mut self, agent: usize, again: &[(Space, usize)]) {
        self.agents[agent].speak_the_newest();
        let mut context = Context::new(&self.agents, &mut self.told, agent, 0);
        self.clock.leave(&mut context);
        self.power.leave(&mut context, again);
        self.perf.leave(&mut context);
        self.voltage.leave(&mut context);
        self.powercap.leave(&mut context);
        self.pins.leave(&mut context);
        self.reset.leave(&mut context);
        self.sensor.leave(&mut context);
    }

    /// In the order of errors of section 2.1.
    pub(crate) fn ask(&mut self, agent: usize, header: u32, params: &[u32]) -> Reply {
        let (protocol, message) = (header >> 10 & 0xFF, header & 0xFF);
        if !self.agents[agent].has(protocol) {
            return Err(NOT_SUPPORTED);
        }
        if message == NEGOTIATE {
            return self.negotiate(agent, protocol, params);
        }
        let command = COMMANDS.iter().find(|c| (c.protocol, c.message) == (protocol, message));
        let command = command.expect("only these are sent");
        if command.since > self.agents[agent].version(protocol) {
            return Err(NOT_FOUND);
        }
        // Two messages have lengths that depend on what is in them.
        let varies = matches!((protocol, message), (CLOCK, 7) | (PINS, 6));
        if !varies && params.len() != command.words.len() {
            return Err(PROTOCOL_ERROR);
        }
        if protocol == BASE {
            let target = base::reset(&self.agents, agent, params)?;
            let connected = self.agents[target].connected;
            let again = if connected { self.agents[target].holds() } else { Vec::new() };
            self.forget(target, &again);
            self.hold(target, &again);
            return Ok(Vec::new());
        }
        let mut context = Context::new(&self.agents, &mut self.told, agent, header);
        match protocol {
            CLOCK => self.clock.ask(&mut context, message, params),
            POWER => self.power.ask(&mut context, message, params),
            PERF => self.perf.ask(&mut context, message, params),
            VOLTAGE => self.voltage.ask(&mut context, message, params),
            POWERCAP => self.powercap.ask(&mut context, message, params),
            PINS => self.pins.ask(&mut context, message, params),
            RESET => self.reset.ask(&mut context, message, params),
            SENSOR => self.sensor.ask(&mut context, message, params),
            _ => Err(NOT_SUPPORTED),
        }
    }

    fn negotiate(&mut self, agent: usize, protocol: u32, params: &[u32]) -> Reply {
        let [version] = *params else { return Err(PROTOCOL_ERROR) };
        let known = VERSIONS.iter().any(|(id, v)| *id == protocol && v.contains(&version));
        if !known {
            return Err(NOT_SUPPORTED);
        }
        self.agents[agent].versions.insert(protocol, version);
        Ok(Vec::new())
    }

    /// The id that an agent has for the sensor whose updates it is to get, if it is to get any.
    pub(crate) fn updates(&self, agent: usize) -> Option<u32> {
        self.sensor.updates(&self.agents, agent)
    }

    /// The id of a resource that an agent sees.
    pub(crate) fn own(&self, agent: usize, space: Space, id: usize) -> Option<u32> {
        self.agents[agent].own(space, id)
    }

    pub(crate) fn is_connected(&self, agent: usize) -> bool {
        self.agents[agent].connected
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
        self.told.take()
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
