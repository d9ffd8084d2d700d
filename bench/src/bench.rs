//! The daemons take turns.

use core::time::Duration;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use scmi_vhost::frontend::{self, Frontend, FrontendError};
use serde::Serialize;

use crate::cases::{Case, Message, ROOM};
use crate::cpu;
use crate::load::{Load, Sample};
use crate::machine::{Machine, load_average};
use crate::options::Options;
use crate::stats::Spread;
use crate::subject::{Programs, Running, Subject};

/// How long a socket that is there may refuse connections: it is bound before it listens.
const PATIENCE: Duration = Duration::from_secs(5);

/// How it was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// How often each daemon had its turn under each load.
    pub rounds: u32,
    /// Seconds of each turn.
    pub seconds: f64,
    /// The CPU that everything was pinned to.
    pub cpu: usize,
    /// The nice value of everything: at -20 other processes hardly get in between.
    pub nice: i32,
    /// Bytes of answer room.
    pub room: usize,
}

/// What one daemon did under one load, round by round.
#[derive(Clone, Debug, Serialize)]
pub struct Rounds {
    /// Answers a second.
    pub rate: Vec<f64>,
    /// Nanoseconds within which half of the answers came.
    pub p50_ns: Vec<f64>,
    /// Nanoseconds within which all but one in a hundred came.
    pub p99_ns: Vec<f64>,
    /// Nanoseconds of the daemon's CPU time for each message.
    pub daemon_ns: Vec<f64>,
    /// Nanoseconds of the client's CPU time for each message.
    pub client_ns: Vec<f64>,
}

impl Rounds {
    fn of(samples: &[Sample]) -> Self {
        let column = |value: fn(&Sample) -> f64| samples.iter().map(value).collect();
        Self {
            rate: column(Sample::rate),
            p50_ns: column(|sample| sample.p50.as_secs_f64() * 1e9),
            p99_ns: column(|sample| sample.p99.as_secs_f64() * 1e9),
            daemon_ns: column(Sample::daemon_nanos),
            client_ns: column(Sample::client_nanos),
        }
    }
}

/// One daemon under one load.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The load.
    #[serde(flatten)]
    pub case: Case,
    /// The daemon.
    pub daemon: Subject,
    /// Answers a second.
    pub rate: Spread,
    /// Nanoseconds within which half of the answers came.
    pub p50_ns: Spread,
    /// Nanoseconds within which all but one in a hundred came.
    pub p99_ns: Spread,
    /// Nanoseconds of the daemon's CPU time for each message.
    pub daemon_cpu_ns: Spread,
    /// Nanoseconds of the client's CPU time for each message.
    pub client_cpu_ns: Spread,
    /// Its rate in those of the peer, round by round.
    pub rate_to_peer: Spread,
    /// Its rate in those of the floor, round by round.
    pub rate_to_floor: Spread,
    /// The numbers of each round.
    pub rounds: Rounds,
}

/// All that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// Where.
    pub machine: Machine,
    /// How.
    pub settings: Settings,
    /// The load average before and after; the bench itself is one.
    pub load_average: [Option<f64>; 2],
    /// The daemons and what they are.
    pub daemons: Vec<(Subject, String)>,
    /// The numbers, three lines for each load.
    pub lines: Vec<Line>,
}

impl Results {
    /// How many times as fast as the peer scmid answers sensor readings with 32 in flight.
    #[must_use]
    pub fn readings_to_peer(&self) -> Option<Spread> {
        let case = Case { message: Message::SensorReadingGet, depth: 32 };
        let mut lines = self.lines.iter();
        let line = lines.find(|line| line.case == case && line.daemon == Subject::Scmid)?;
        Some(line.rate_to_peer)
    }
}

/// The whole measurement, ready to run.
#[derive(Debug)]
pub struct Bench {
    machine: Machine,
    settings: Settings,
    span: Duration,
    programs: Programs,
}

impl Bench {
    /// Builds and installs what is measured, and pins this thread.
    ///
    /// # Errors
    /// When a daemon does not build or install, or the CPU is not to be had.
    pub fn prepare(options: &Options) -> Result<Self> {
        let machine = Machine::this();
        let programs = Programs::prepare()?;
        let cpu = match options.cpu {
            Some(cpu) => cpu,
            None => *cpu::allowed()?.last().context("this process may run on no CPU")?,
        };
        cpu::pin(cpu)?;
        let settings = Settings {
            rounds: options.rounds,
            seconds: options.seconds.as_secs_f64(),
            cpu,
            nice: cpu::go_first(),
            room: ROOM,
        };
        Ok(Self { machine, settings, span: options.seconds, programs })
    }

    /// Measures. `progress` is told what comes next.
    ///
    /// # Errors
    /// When a daemon does not start, or does not answer as it should.
    pub fn run(&self, mut progress: impl FnMut(Case, u32)) -> Result<Results> {
        let before = load_average();
        let mut lines = Vec::new();
        for case in Case::ALL {
            let mut samples = Subject::ALL.map(|_| Vec::new());
            for round in 1..=self.settings.rounds {
                progress(case, round);
                for (subject, samples) in Subject::ALL.into_iter().zip(&mut samples) {
                    samples.push(self.turn(subject, case).with_context(|| {
                        format!("{} under {case}, round {round}", subject.name())
                    })?);
                }
            }
            lines.extend(compare(case, &samples.map(|samples| Rounds::of(&samples)))?);
        }
        Ok(Results {
            machine: self.machine.clone(),
            settings: self.settings.clone(),
            load_average: [before, load_average()],
            daemons: Subject::ALL.map(|subject| (subject, subject.description())).to_vec(),
            lines,
        })
    }

    /// One daemon's turn: started, connected, checked, measured, ended.
    fn turn(&self, subject: Subject, case: Case) -> Result<Sample> {
        let daemon = Running::start(&self.programs, subject, case)?;
        let measured = self.measure(&daemon, subject, case);
        let measured = measured.with_context(|| format!("it said: {:?}", daemon.last_words()))?;
        daemon.stop()?;
        Ok(measured)
    }

    fn measure(&self, daemon: &Running, subject: Subject, case: Case) -> Result<Sample> {
        let mut channel = connect(daemon.socket())?;
        let mut load = Load::new(case);
        if subject.speaks_scmi() {
            load.check(&mut channel)?;
        }
        load.run(&mut channel, daemon.id(), self.span)
    }
}

/// The lines of one load, from the rounds of all daemons.
fn compare(case: Case, rounds: &[Rounds; 3]) -> Result<Vec<Line>> {
    let [_, peer, floor] = rounds;
    let line = |(daemon, rounds): (Subject, &Rounds)| {
        let of = |numbers: &[f64]| Spread::of(numbers.iter().copied());
        let to = |other: &Rounds| {
            Spread::of_ratios(rounds.rate.iter().copied(), other.rate.iter().copied())
        };
        Some(Line {
            case,
            daemon,
            rate: of(&rounds.rate)?,
            p50_ns: of(&rounds.p50_ns)?,
            p99_ns: of(&rounds.p99_ns)?,
            daemon_cpu_ns: of(&rounds.daemon_ns)?,
            client_cpu_ns: of(&rounds.client_ns)?,
            rate_to_peer: to(peer)?,
            rate_to_floor: to(floor)?,
            rounds: rounds.clone(),
        })
    };
    let lines: Option<Vec<Line>> = Subject::ALL.into_iter().zip(rounds).map(line).collect();
    lines.context("no rounds were run")
}

/// Connects the client, which is the same for every daemon.
pub(crate) fn connect(socket: &Path) -> Result<Frontend> {
    let mut options = frontend::Options::default();
    options.max_message = u32::try_from(ROOM)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Frontend::connect(socket, options) {
            Err(FrontendError::Connect { source, .. })
                if source.kind() == io::ErrorKind::ConnectionRefused
                    && Instant::now() < deadline =>
            {
                thread::sleep(Duration::from_millis(2));
            }
            connected => {
                return connected.with_context(|| format!("cannot use {}", socket.display()));
            }
        }
    }
}
