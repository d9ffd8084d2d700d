//! The course of the show.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use scmi::agent::CallError;
use scmi::protocol::sensor::agent::{Event, Sensors};
use scmi::protocol::sensor::wire::Reading;
use scmi::wire::ProtocolId;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::acts::{Act, Trip};
use super::faces::Face;
use super::scene::{Closing, Note, Opening, Row, Scene, State, Tally};
use super::settings::{Power, Undo};
use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::resource::Resource as _;
use crate::sensor::{Setup, read};

/// From one drawing to the next.
const FRAME: Duration = Duration::from_millis(100);

/// A reading that takes longer is asked for in one frame of ten only.
const SLOW: Duration = Duration::from_millis(20);

/// The show, while it runs.
pub(super) struct Play<'s, 'c, 'o, 'f> {
    pub(super) session: &'s mut Session<'c>,
    pub(super) scene: Scene<'o>,
    pub(super) setup: Setup,
    /// The trip point that is waited for.
    pub(super) trip: Option<Trip>,
    /// What was changed besides sensors, first to last.
    pub(super) undo: Vec<Undo>,
    /// The power that the board drew at first.
    pub(super) power: Option<Power>,
    opening: &'o Opening,
    face: &'f mut dyn Face,
    start: Instant,
    frames: u32,
    /// Somebody wants it to end.
    ended: Arc<AtomicBool>,
}

impl<'s, 'c, 'o, 'f> Play<'s, 'c, 'o, 'f> {
    pub(super) fn new(
        session: &'s mut Session<'c>,
        opening: &'o Opening,
        span: Duration,
        face: &'f mut dyn Face,
    ) -> Result<Self, Failure> {
        let ended = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&ended)).map_err(|error| {
                Failure::because(Kind::Platform, "cannot wait for signals", &error)
            })?;
        }
        let scene = Scene {
            span,
            elapsed: Duration::ZERO,
            rows: opening.catalog.entries.iter().map(Row::new).collect(),
            notes: Vec::new(),
            tally: Tally::default(),
        };
        let (setup, start) = (Setup::default(), Instant::now());
        let (trip, undo, power) = (None, Vec::new(), None);
        Ok(Self {
            session,
            scene,
            setup,
            trip,
            undo,
            power,
            opening,
            face,
            start,
            frames: 0,
            ended,
        })
    }

    /// Whether the platform has a protocol.
    pub(super) fn has(&self, protocol: ProtocolId) -> bool {
        self.opening.platform.protocols.iter().any(|known| known.id == protocol.0)
    }

    /// Plays it to its end, and puts back what was changed.
    pub(super) fn run(mut self) -> Result<Closing, Failure> {
        let played = self.play();
        let restored = self.setup.restore(self.session);
        let mut undo = self.undo.iter().rev();
        let undone = undo.try_for_each(|undo| undo.perform(self.session));
        played.and(restored).and(undone)?;
        let Scene { elapsed, tally, .. } = self.scene;
        Ok(Closing { elapsed, tally, report: None, socket_gone: false })
    }

    fn play(&mut self) -> Result<(), Failure> {
        let mut acts = Act::ALL.iter().peekable();
        while self.scene.elapsed < self.scene.span && !self.ended.load(Ordering::Relaxed) {
            self.read()?;
            self.draw()?;
            let now = self.scene.elapsed;
            while let Some(act) = acts.next_if(|act| act.begins(self.scene.span) <= now) {
                self.perform(*act)?;
            }
            self.watch_trip()?;
            self.frames = self.frames.saturating_add(1);
            self.listen((FRAME * self.frames).min(self.scene.span))?;
        }
        self.draw()
    }

    fn tick(&mut self) {
        self.scene.elapsed = self.start.elapsed();
    }

    fn draw(&mut self) -> Result<(), Failure> {
        self.tick();
        Ok(self.face.frame(&self.scene)?)
    }

    /// Says what happened.
    pub(super) fn note(&mut self, name: &str, text: String) -> Result<(), Failure> {
        self.tick();
        let note = Note { at: self.scene.elapsed, name: name.into(), text };
        self.face.note(&note)?;
        self.scene.notes.push(note);
        Ok(())
    }

    /// Reads every sensor that does not send its readings.
    fn read(&mut self) -> Result<(), Failure> {
        if self.scene.rows.is_empty() {
            return Ok(());
        }
        let seldom = self.frames.is_multiple_of(10);
        let mut sensors = Sensors::open(self.session)
            .map_err(|error| Failure::call("asking for the sensors", &error))?;
        for row in &mut self.scene.rows {
            if row.updates.is_some() || (row.slow && !seldom) {
                continue;
            }
            let before = Instant::now();
            match read(&mut sensors, row.entry, false) {
                Ok(readings) => row.take(self.start.elapsed(), readings),
                Err(CallError::Refused(status)) => row.state = State::Refused(status),
                Err(error) => {
                    let what = format!("reading {}", row.entry.called());
                    return Err(Failure::call(what, &error));
                }
            }
            let took = before.elapsed();
            row.slow = took > SLOW;
            if !row.slow {
                self.scene.tally.latencies.push(took);
            }
            if self.ended.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(())
    }

    /// Takes events until then, counted from the start.
    fn listen(&mut self, until: Duration) -> Result<(), Failure> {
        loop {
            self.tick();
            let rest = until.saturating_sub(self.scene.elapsed);
            let until = self.session.now().after(rest);
            let Some(event) = self.session.next_event(until) else {
                self.tick();
                return Ok(());
            };
            if let Some(event) = Event::parse(event.header(), event.payload()) {
                self.event(&event)?;
            }
        }
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Update { sensor, readings } => {
                self.scene.tally.updates += 1;
                let at = self.start.elapsed();
                if let Some(row) = self.row(*sensor) {
                    row.updates = row.updates.map(|count| count + 1);
                    let readings: Vec<Reading> = readings.iter().collect();
                    row.take(at, readings);
                }
                Ok(())
            }
            Event::TripPoint { sensor, rising, .. } => self.crossed(*sensor, *rising),
            _ => Ok(()),
        }
    }

    /// The row of a sensor.
    pub(super) fn row(&mut self, sensor: u32) -> Option<&mut Row<'o>> {
        self.scene.rows.get_mut(usize::try_from(sensor).ok()?)
    }
}
