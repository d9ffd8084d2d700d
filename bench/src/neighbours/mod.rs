//! What an agent feels of its neighbours: how fast it is answered while others on the same platform do what they like.
//!
//! The daemon and the agent that is measured share one CPU, its neighbours have the others.

mod guests;
mod report;

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::workspace_root;
use serde::Serialize;

use crate::bench::{Settings, connect};
use crate::cases::{Case, Message, ROOM};
use crate::cpu;
use crate::load::{Load, Sample};
use crate::machine::{Machine, load_average};
use crate::options::Options;
use crate::stats::Spread;
use crate::subject::Running;
use guests::{Deed, Guests};

/// The guests' board, and our own agent on it.
const BOARD: &str = "examples/three-guests.toml";
const OURS: &str = "operator";
const OTHERS: [&str; 3] = ["dash", "media", "radio"];

/// How many commands a neighbour of ours that floods keeps in flight.
const FLOOD: u16 = 128;

/// What the neighbours do meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Situation {
    /// There are none.
    Alone,
    /// One of our own floods.
    OneFloods,
    /// Three of our own flood.
    ThreeFlood,
    /// Three Linux guests are there.
    GuestsIdle,
    /// One of the guests is killed in the middle of the measurement.
    GuestKilled,
    /// One of the guests reboots.
    GuestReboots,
    /// One of the guests floods.
    GuestFloods,
}

impl Situation {
    /// All, in the order in which they are measured: a guest that floods is not one of those that die.
    pub const ALL: [Self; 7] = [
        Self::Alone,
        Self::OneFloods,
        Self::ThreeFlood,
        Self::GuestsIdle,
        Self::GuestKilled,
        Self::GuestReboots,
        Self::GuestFloods,
    ];
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Alone => "alone",
            Self::OneFloods => "an agent of our own floods",
            Self::ThreeFlood => "three agents of our own flood",
            Self::GuestsIdle => "three Linux guests, idle",
            Self::GuestKilled => "one of them is killed",
            Self::GuestReboots => "one of them reboots",
            Self::GuestFloods => "one of them floods",
        })
    }
}

/// What our agent saw in one situation.
#[derive(Clone, Debug, Serialize)]
pub struct Felt {
    /// What the neighbours did.
    pub situation: Situation,
    /// How many commands our agent kept in flight.
    pub depth: u16,
    /// Answers a second.
    pub rate: Spread,
    /// Nanoseconds within which half of the answers came.
    pub p50_ns: Spread,
    /// Nanoseconds within which all but one in a hundred came.
    pub p99_ns: Spread,
    /// Nanoseconds within which all came.
    pub worst_ns: Spread,
    /// How much of its CPU the daemon used, for whomever: 1 is all of it.
    pub daemon_busy: Spread,
}

/// All that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Feelings {
    /// Where.
    pub machine: Machine,
    /// How; the CPU is that of the daemon and of our agent.
    pub settings: Settings,
    /// The CPU of the neighbours.
    pub others_cpu: usize,
    /// The load average before and after.
    pub load_average: [Option<f64>; 2],
    /// Two lines for each situation.
    pub lines: Vec<Felt>,
}

/// The measurement, ready to run.
#[derive(Debug)]
pub struct Neighbours {
    machine: Machine,
    settings: Settings,
    others_cpu: usize,
    span: Duration,
    board: PathBuf,
}

impl Neighbours {
    /// Finds the CPUs.
    ///
    /// # Errors
    /// When there are not two of them.
    pub fn prepare(options: &Options) -> Result<Self> {
        let machine = Machine::this();
        let allowed = cpu::allowed()?;
        let cpu = options.cpu.or_else(|| allowed.last().copied()).context("no CPU")?;
        let others = allowed.iter().copied().find(|other| *other != cpu);
        let others_cpu = others.context("this needs two CPUs, one of them for the neighbours")?;
        let settings = Settings {
            rounds: options.rounds,
            seconds: options.seconds.as_secs_f64(),
            cpu,
            nice: cpu::go_first(),
            room: ROOM,
        };
        let board = workspace_root().join(BOARD);
        Ok(Self { machine, settings, others_cpu, span: options.seconds, board })
    }

    /// Measures. `progress` is told what comes next.
    ///
    /// # Errors
    /// When the daemon or a guest does not start, or somebody is not answered as it should be.
    pub fn run(&self, mut progress: impl FnMut(Situation, u32)) -> Result<Feelings> {
        let before = load_average();
        let mut samples = vec![Vec::new(); Situation::ALL.len() * 2];
        for round in 1..=self.settings.rounds {
            let text = std::fs::read_to_string(&self.board)?;
            let daemon = on(self.settings.cpu, || Running::scmid(&text, OURS))?;
            let mut guests = None;
            for (index, situation) in Situation::ALL.into_iter().enumerate() {
                progress(situation, round);
                for (place, depth) in [(0, 1), (1, 32)] {
                    let sample = self.sample(situation, depth, &daemon, &mut guests);
                    let sample = sample.with_context(|| format!("{situation}, round {round}"))?;
                    if let Some(samples) = samples.get_mut(index * 2 + place) {
                        samples.push(sample);
                    }
                }
            }
            drop(guests);
            daemon.stop()?;
        }
        let cases =
            Situation::ALL.into_iter().flat_map(|situation| [(situation, 1), (situation, 32)]);
        let lines: Option<Vec<_>> = cases
            .zip(&samples)
            .map(|((situation, depth), samples)| Felt::of(situation, depth, samples))
            .collect();
        Ok(Feelings {
            machine: self.machine.clone(),
            settings: self.settings.clone(),
            others_cpu: self.others_cpu,
            load_average: [before, load_average()],
            lines: lines.context("no rounds were run")?,
        })
    }

    /// Guests are made when the first situation wants them.
    fn sample(
        &self,
        situation: Situation,
        depth: u16,
        daemon: &Running,
        guests: &mut Option<Guests>,
    ) -> Result<Sample> {
        let deed = match situation {
            Situation::Alone => return self.beside(0, depth, daemon),
            Situation::OneFloods => return self.beside(1, depth, daemon),
            Situation::ThreeFlood => return self.beside(OTHERS.len(), depth, daemon),
            Situation::GuestsIdle => Deed::Nothing,
            Situation::GuestKilled => Deed::Die,
            Situation::GuestReboots => Deed::Reboot,
            Situation::GuestFloods => Deed::Flood,
        };
        cpu::go_to(self.others_cpu)?;
        let guests = match guests {
            Some(guests) => guests,
            None => guests.insert(Guests::boot(daemon.socket(), &self.board)?),
        };
        guests.ready(deed)?;
        thread::scope(|scope| {
            let measured = scope.spawn(|| self.measure(depth, daemon));
            // After the warm-up.
            thread::sleep(self.span / 2);
            guests.now(deed)?;
            let measured = measured.join();
            guests.done(deed)?;
            measured.map_err(|_| anyhow::anyhow!("the measurement panicked"))?
        })
    }

    /// Measures while so many agents of our own flood.
    fn beside(&self, floods: usize, depth: u16, daemon: &Running) -> Result<Sample> {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let names = OTHERS.iter().take(floods);
            let floods: Vec<_> =
                names.map(|name| scope.spawn(|| self.flood(daemon, name, &stop))).collect();
            let measured = scope.spawn(|| self.measure(depth, daemon)).join();
            stop.store(true, Ordering::Relaxed);
            for flood in floods {
                let asked = flood.join().map_err(|_| anyhow::anyhow!("a flood panicked"))??;
                ensure!(asked > u64::from(FLOOD), "it flooded with {asked} messages only");
            }
            measured.map_err(|_| anyhow::anyhow!("the measurement panicked"))?
        })
    }

    fn flood(&self, daemon: &Running, agent: &str, stop: &AtomicBool) -> Result<u64> {
        cpu::go_to(self.others_cpu)?;
        let mut channel = connect(&socket_of(daemon.socket(), agent))?;
        let case = Case { message: Message::ProtocolVersion, depth: FLOOD };
        Load::new(case).flood(&mut channel, stop)
    }

    fn measure(&self, depth: u16, daemon: &Running) -> Result<Sample> {
        cpu::go_to(self.settings.cpu)?;
        let mut channel = connect(daemon.socket())?;
        let mut load = Load::new(Case { message: Message::ProtocolVersion, depth });
        load.run(&mut channel, daemon.id(), self.span)
    }
}

impl Felt {
    fn of(situation: Situation, depth: u16, samples: &[Sample]) -> Option<Self> {
        let spread = |value: fn(&Sample) -> f64| Spread::of(samples.iter().map(value));
        Some(Self {
            situation,
            depth,
            rate: spread(Sample::rate)?,
            p50_ns: spread(|sample| sample.p50.as_secs_f64() * 1e9)?,
            p99_ns: spread(|sample| sample.p99.as_secs_f64() * 1e9)?,
            worst_ns: spread(|sample| sample.worst.as_secs_f64() * 1e9)?,
            daemon_busy: spread(|sample| sample.daemon.div_duration_f64(sample.elapsed))?,
        })
    }
}

/// Does something on a CPU, on a thread of its own, so that this one stays where it is.
fn on<R: Send>(cpu: usize, what: impl FnOnce() -> Result<R> + Send) -> Result<R> {
    thread::scope(|scope| {
        let done = scope.spawn(|| cpu::go_to(cpu).and_then(|()| what())).join();
        done.map_err(|_| anyhow::anyhow!("it panicked"))?
    })
}

/// The socket of another agent of the daemon that has this one.
fn socket_of(socket: &Path, agent: &str) -> PathBuf {
    socket.with_file_name(format!("{agent}.sock"))
}
