//! What agents have set of sensors.

use core::fmt;

use super::super::wire::{ConfigWord, Interval, Rounding, TripMode};
use super::model::{Intervals, Sensor, SensorConfig};
use super::sample::Trip;
use super::server::SensorServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement, Subject};
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Config(SensorConfig),
    TripMode(usize, TripMode),
    TripValue(usize, i64),
    Trips(AgentId),
    Updates(AgentId),
}

impl SensorServer {
    pub(super) fn identify_sensor(&self, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let Some(sensor) = self.model.sensors().get(id) else { return Ok(()) };
        write!(to, "{}; type {}; exponent {}", sensor.name, sensor.kind.0, sensor.exponent)?;
        for axis in &sensor.axes {
            write!(to, "; axis {} type {} exponent {}", axis.name, axis.kind.0, axis.exponent)?;
        }
        write!(to, "; trip points {}; intervals", sensor.trip_points)?;
        let mut interval = |interval: &Interval| write!(to, " {}", interval.as_nanos());
        match &sensor.intervals {
            Intervals::None => {}
            Intervals::List(list) => list.iter().try_for_each(&mut interval)?,
            Intervals::Range { first, last, step } => {
                [first, last, step].into_iter().try_for_each(&mut interval)?;
                to.write_str(" range")?;
            }
        }
        if sensor.timestamps.is_some() { to.write_str("; timestamps") } else { Ok(()) }
    }

    pub(super) fn say(&self, id: usize, say: &mut Statement<'_>) {
        let (Some(watch), Some(sensor)) = (self.watches.get(id), self.model.sensors().get(id))
        else {
            return;
        };
        let set = watch.set_by.is_some() || watch.config != sensor.config;
        let config = set.then(|| u64::from(watch.config.word()));
        say.value(StateKind::CONFIG, config, watch.set_by);
        for (trip, number) in watch.trips.iter().zip(0_u16..) {
            let mode = trip.set_by.map(|_| trip.mode.0.into());
            say.part((StateKind::TRIP_MODE, number), mode, trip.set_by);
            let value = trip.set_by.map(|_| trip.value.cast_unsigned());
            say.part((StateKind::TRIP_VALUE, number), value, trip.set_by);
        }
        say.agents(StateKind::NOTIFY_TRIPS, &watch.trip_agents);
        say.agents(StateKind::NOTIFY, &watch.update_agents);
    }

    fn fact(&self, entry: &StateEntry) -> Option<(usize, Fact)> {
        let (Subject::Resource(_, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let sensor = self.model.sensors().get(id)?;
        let agent = || entry.agent().filter(|_| value == 1);
        let trip = usize::from(entry.key.part);
        let fact = match entry.key.kind {
            StateKind::CONFIG => Fact::Config(config(sensor, u32::try_from(value).ok()?)?),
            StateKind::TRIP_MODE if trip < usize::from(sensor.trip_points) => {
                entry.by?;
                let mode = TripMode(u8::try_from(value).ok()?);
                (mode <= TripMode::BOTH).then_some(Fact::TripMode(trip, mode))?
            }
            StateKind::TRIP_VALUE if trip < usize::from(sensor.trip_points) => {
                entry.by?;
                Fact::TripValue(trip, value.cast_signed())
            }
            StateKind::NOTIFY_TRIPS => Fact::Trips(agent().filter(|_| sensor.trip_points > 0)?),
            StateKind::NOTIFY => Fact::Updates(agent().filter(|_| sensor.updates)?),
            _ => return None,
        };
        Some((id, fact))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// Sensors that are watched are sampled an interval from now on.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        for entry in entries {
            let Some((id, fact)) = self.fact(entry) else { continue };
            let Some(watch) = self.watches.get_mut(id) else { continue };
            let trip = |watch: &mut super::sample::Watch, trip: usize, set: &dyn Fn(&mut Trip)| {
                if let Some(trip) = watch.trips.get_mut(trip) {
                    trip.set_by = entry.by;
                    set(trip);
                }
            };
            match fact {
                Fact::Config(config) => {
                    watch.config = config;
                    watch.set_by = entry.by;
                    self.model.configured(now, id, config);
                }
                Fact::TripMode(number, mode) => trip(watch, number, &|trip| trip.mode = mode),
                Fact::TripValue(number, value) => trip(watch, number, &|trip| trip.value = value),
                Fact::Trips(agent) => watch.trip_agents.insert(agent),
                Fact::Updates(agent) => watch.update_agents.insert(agent),
            }
        }
        for id in 0..self.watches.len() {
            if let Some(watch) = self.watches.get_mut(id) {
                watch.reschedule(now, true);
            }
            self.begin_trips(now, id);
        }
    }
}

/// A configuration that CONFIG_SET could have made.
fn config(sensor: &Sensor, word: u32) -> Option<SensorConfig> {
    let parsed = ConfigWord(word);
    let interval = parsed.interval();
    let known = interval == sensor.config.interval
        || sensor.intervals.round(interval, Rounding::Down) == Ok(interval);
    let stamped = !parsed.timestamps() || sensor.timestamps.is_some();
    let config =
        SensorConfig { enabled: parsed.enabled(), timestamps: parsed.timestamps(), interval };
    (known && stamped && config.word() == word).then_some(config)
}
