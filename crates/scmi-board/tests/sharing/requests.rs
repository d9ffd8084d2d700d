//! What agents think of doing.

use core::fmt;

use scmi::platform::Space;

use crate::board::{View, count};
use crate::messages::{COMMANDS, Command, NEGOTIATE, VERSIONS, Word};
use crate::random::Random;

/// A step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An agent asks: the header, and the words behind it.
    Ask { agent: usize, what: &'static str, header: u32, params: Vec<u32> },
    /// An agent's channel ends, and comes to life again if it is told so.
    Leave { agent: usize, comes_back: bool },
    /// So many milliseconds pass.
    Pass { millis: u64 },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask { agent, what, params, .. } => write!(f, "agent {agent}: {what} {params:x?}"),
            Self::Leave { agent, comes_back: false } => write!(f, "agent {agent} leaves"),
            Self::Leave { agent, comes_back: true } => {
                write!(f, "agent {agent} leaves and comes back")
            }
            Self::Pass { millis } => write!(f, "{millis} ms pass"),
        }
    }
}

/// Thinks of the next step of one of the agents.
pub(crate) fn next(random: &mut Random, views: &[View]) -> Step {
    let agent = random.below(views.len());
    match random.below(1000) {
        0..=4 => Step::Leave { agent, comes_back: !random.once_in(3) },
        5 => Step::Pass { millis: 12_000 },
        6..=8 => Step::Pass { millis: random.pick(&[100, 1000]) },
        9..=58 => Step::Pass { millis: random.pick(&[1, 2, 5, 8, 20, 50]) },
        59..=68 => negotiate(random, agent),
        _ => command(random, agent, &views[agent]),
    }
}

fn negotiate(random: &mut Random, agent: usize) -> Step {
    let (protocol, versions) = random.pick(&VERSIONS[1..]);
    let version =
        if random.once_in(2) { versions[versions.len() - 1] } else { random.pick(versions) };
    let params = if random.once_in(10) { vec![random.word()] } else { vec![version] };
    ask(random, agent, "NEGOTIATE", protocol << 10 | NEGOTIATE, params)
}

fn command(random: &mut Random, agent: usize, view: &View) -> Step {
    let all: usize = COMMANDS.iter().map(|command| command.weight).sum();
    let mut left = random.below(all);
    let chosen = COMMANDS.iter().find(|command| {
        let here = left < command.weight;
        left = left.saturating_sub(command.weight);
        here
    });
    let command = chosen.expect("one of them");
    let params = command.words.iter().map(|word| fill(random, agent, view, *word)).collect();
    let params = spoil(random, command, params);
    ask(random, agent, command.name, command.header(), params)
}

fn ask(
    random: &mut Random,
    agent: usize,
    what: &'static str,
    header: u32,
    params: Vec<u32>,
) -> Step {
    let token = random.word() & 0x3FF;
    Step::Ask { agent, what, header: header | token << 18, params }
}

fn fill(random: &mut Random, agent: usize, view: &View, word: Word) -> u32 {
    let number = |number: usize| u32::try_from(number).expect("small");
    match word {
        _ if random.once_in(80) => random.pick(&[0, 1, 2, 3, 0x8000_0000, 0xFFFF_FFFF]),
        Word::Id(space) => {
            let seen = view.lists.get(&space).map_or_else(|| count(space), Vec::len);
            let beyond = usize::from(random.once_in(20));
            number(random.below(seen.max(1) + beyond))
        }
        Word::Agent if !random.once_in(3) => number(agent + 1),
        Word::Agent | Word::Other => number(random.below(8)),
        Word::Of(words) => random.pick(words),
    }
}

/// Now and then a command is too long or too short. CLOCK_CONFIG_SET has two right lengths.
fn spoil(random: &mut Random, command: &Command, mut params: Vec<u32>) -> Vec<u32> {
    let short = command.name == "CLOCK_CONFIG_SET" && random.once_in(3);
    let only_function = command.name == "PIN_SETTINGS_CONFIGURE" && params[2] >> 2 & 0xFF == 0;
    if short || random.once_in(60) {
        params.pop();
    } else if only_function {
        params.truncate(3);
    } else if random.once_in(60) {
        params.push(0);
    }
    params
}

/// The spaces whose resources are read back, each with the gets that do it.
pub(crate) const READ_BACK: &[(Space, &[&str])] = &[
    (Space::PowerDomain, &["POWER_STATE_GET"]),
    (Space::PerfDomain, &["PERF_LIMITS_GET", "PERF_LEVEL_GET"]),
    (Space::Clock, &["CLOCK_ATTRIBUTES", "CLOCK_RATE_GET", "CLOCK_CONFIG_GET", "CLOCK_PARENT_GET"]),
    (Space::Sensor, &["SENSOR_CONFIG_GET", "SENSOR_READING_GET"]),
    (Space::VoltageDomain, &["VOLTAGE_CONFIG_GET", "VOLTAGE_LEVEL_GET"]),
    (Space::PowerCap, &["POWERCAP_CAP_GET", "POWERCAP_PAI_GET"]),
    (Space::Pin, &["PIN_SETTINGS_GET"]),
];
