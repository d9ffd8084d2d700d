//! What there is to show.

use core::time::Duration;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use scmi::protocol::sensor::wire::Reading;
use scmi::wire::{ProtocolId, Status};
use scmid::AgentReport;

use crate::connect::Session;
use crate::failure::Failure;
use crate::list::Platform;
use crate::sensor::{Catalog, Entry};

/// What was found.
pub(super) struct Opening {
    /// Where the board comes from.
    pub(super) origin: String,
    pub(super) socket: PathBuf,
    pub(super) platform: Platform,
    pub(super) catalog: Catalog,
}

impl Opening {
    /// Asks for all of it.
    pub(super) fn discover(
        session: &mut Session<'_>,
        origin: &str,
        socket: &Path,
    ) -> Result<Self, Failure> {
        let platform = Platform::discover(session)?;
        let sensors = platform.protocols.iter().any(|known| known.id == ProtocolId::SENSOR.0);
        let catalog = if sensors { Catalog::load(session)? } else { Catalog::empty() };
        Ok(Self { origin: origin.into(), socket: socket.into(), platform, catalog })
    }
}

/// The state of the show.
pub(super) struct Scene<'o> {
    pub(super) span: Duration,
    pub(super) elapsed: Duration,
    /// In the order of the catalog.
    pub(super) rows: Vec<Row<'o>>,
    pub(super) notes: Vec<Note>,
    pub(super) tally: Tally,
}

/// A sensor and what it reads.
pub(super) struct Row<'o> {
    pub(super) entry: &'o Entry,
    pub(super) state: State,
    /// The first value of the last readings, with the time of each.
    pub(super) history: VecDeque<(Duration, i64)>,
    /// How many readings came unasked; none while nobody asked for them.
    pub(super) updates: Option<u64>,
    /// A reading takes long, so it is not asked for in every frame.
    pub(super) slow: bool,
}

/// What is known of a sensor's reading.
pub(super) enum State {
    Unknown,
    Reads(Vec<Reading>),
    /// The platform refused to say.
    Refused(Status),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) at: Duration,
    /// Whom it happened to.
    pub(super) name: String,
    pub(super) text: String,
}

/// What was counted on the agent's side.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) updates: u64,
    pub(super) crossings: u64,
    /// How long readings took that the platform answered at once.
    pub(super) latencies: Vec<Duration>,
}

/// How it ended.
#[derive(Debug, Default)]
pub(super) struct Closing {
    pub(super) elapsed: Duration,
    pub(super) tally: Tally,
    /// What the platform counted.
    pub(super) report: Option<AgentReport>,
    pub(super) socket_gone: bool,
}

/// Values that a row remembers: as many as are drawn.
pub(super) const HISTORY: usize = 32;

impl<'o> Row<'o> {
    pub(super) fn new(entry: &'o Entry) -> Self {
        Self {
            entry,
            state: State::Unknown,
            history: VecDeque::with_capacity(HISTORY),
            updates: None,
            slow: false,
        }
    }

    /// Takes a reading.
    pub(super) fn take(&mut self, at: Duration, readings: Vec<Reading>) {
        if let Some(first) = readings.first() {
            if self.history.len() == HISTORY {
                self.history.pop_front();
            }
            self.history.push_back((at, first.value.get()));
        }
        self.state = State::Reads(readings);
    }

    /// What is shown of it: numbers, in columns where there are several, and their unit.
    pub(super) fn value(&self) -> (String, &'static str) {
        match &self.state {
            State::Unknown => ("-".into(), ""),
            State::Refused(status) => (status.to_string(), ""),
            State::Reads(readings) => {
                let several = readings.len() > 1;
                let channels = self.entry.channels.iter().zip(readings);
                let numbers: Vec<String> = channels
                    .map(|(channel, reading)| channel.scale.number(reading.value.get()))
                    .map(|number| if several { format!("{number:>8}") } else { number })
                    .collect();
                let unit = self.entry.channels.first().map_or("", |channel| channel.scale.unit());
                (numbers.join(" "), unit)
            }
        }
    }

    /// How fast the value moves, in values a second, as far as it was seen.
    pub(super) fn slope(&self) -> Option<f64> {
        let ((from, first), (to, last)) = (self.history.front()?, self.history.back()?);
        let span = to.saturating_sub(*from).as_secs_f64();
        // Values of sensors are far below what a double holds exactly, and this is an estimate.
        (span > 0.0).then(|| to_f64(last.saturating_sub(*first)) / span)
    }
}

/// The nearest double.
#[expect(clippy::cast_precision_loss, reason = "for estimates and drawings")]
pub(super) fn to_f64(value: i64) -> f64 {
    value as f64
}

impl Tally {
    /// The middle one of the times that readings took.
    pub(super) fn median(&self) -> Option<Duration> {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

impl Closing {
    /// How it went, in a few sentences.
    pub(super) fn sentences(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(AgentReport { device, platform, .. }) = &self.report {
            lines.push(format!(
                "{} of {} commands answered in {:.1} s, {} refused.",
                device.answered,
                device.commands,
                self.elapsed.as_secs_f64(),
                platform.refused
            ));
            let plural = if platform.delayed == 1 { "" } else { "s" };
            lines.push(format!(
                "{} notifications and {} delayed response{plural} came back.",
                platform.notifications, platform.delayed
            ));
        }
        if let Some(median) = self.tally.median() {
            let micros = median.as_nanos() / 1000;
            let count = self.tally.latencies.len();
            lines
                .push(format!("A reading took {micros} µs there and back, the median of {count}."));
        }
        let socket =
            if self.socket_gone { "the socket is gone" } else { "the socket is still there" };
        lines.push(format!("All settings were put back, the platform has ended, {socket}."));
        lines
    }
}
