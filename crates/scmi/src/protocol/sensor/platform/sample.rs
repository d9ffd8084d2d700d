//! Sensors that are watched: when each is sampled, and which trip points a sample crosses.

use core::time::Duration;

use super::super::wire::{Interval, TripMode};
use super::model::{Sensor, SensorConfig};
use crate::platform::{AgentId, AgentSet};
use crate::time::Time;

/// A sensor without update intervals is looked at this often while somebody waits for its trip points.
const TRIP_POLL: Duration = Duration::from_millis(100);

/// No sensor is sampled more often than this: an agent chooses the interval, and thereby our work.
const FASTEST: Duration = Duration::from_micros(500);

/// A trip point, as it was set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip {
    pub(super) mode: TripMode,
    pub(super) value: i64,
    /// Who was the last to set it.
    pub(super) set_by: Option<AgentId>,
    /// On which side the last sample was; unknown before the first one.
    above: Option<bool>,
}

impl Trip {
    pub(super) const OFF: Self = Self { mode: TripMode::OFF, value: 0, set_by: None, above: None };

    pub(super) const fn new(mode: TripMode, value: i64, set_by: AgentId) -> Self {
        Self { mode, value, set_by: Some(set_by), above: None }
    }

    /// Takes note of the side that a value is on, if none was known: a crossing is told from here on.
    fn begin(&mut self, value: i64) {
        self.above.get_or_insert(value >= self.value);
    }

    /// Takes a sample; whether it crossed this trip point in a direction that is watched for, and rising.
    pub(super) fn cross(&mut self, sample: i64) -> Option<bool> {
        let above = sample >= self.value;
        let before = self.above.replace(above)?;
        let watched = match self.mode {
            TripMode::RISING => above,
            TripMode::FALLING => !above,
            TripMode::BOTH => true,
            _ => false,
        };
        (above != before && watched).then_some(above)
    }
}

/// What the server remembers of a sensor.
#[derive(Debug)]
pub(super) struct Watch {
    /// Who was the last to set the configuration; that of the trip points is in them.
    pub(super) set_by: Option<AgentId>,
    pub(super) config: SensorConfig,
    pub(super) trips: alloc::vec::Vec<Trip>,
    pub(super) trip_agents: AgentSet,
    pub(super) update_agents: AgentSet,
    /// When it is sampled next; none while nobody waits for it.
    pub(super) due: Option<Time>,
}

impl Watch {
    pub(super) fn new(sensor: &Sensor) -> Self {
        Self {
            set_by: None,
            config: sensor.config,
            trips: alloc::vec![Trip::OFF; sensor.trip_points.into()],
            trip_agents: AgentSet::default(),
            update_agents: AgentSet::default(),
            due: None,
        }
    }

    /// What an agent was the last to set goes back to how it is at start.
    pub(super) fn restore(&mut self, agent: AgentId, sensor: &Sensor) {
        if self.set_by == Some(agent) {
            self.set_by = None;
            self.config = sensor.config;
        }
        for trip in self.trips.iter_mut().filter(|trip| trip.set_by == Some(agent)) {
            *trip = Trip::OFF;
        }
    }

    /// Whether somebody waits for what a sample may bring.
    fn wanted(&self) -> bool {
        let trips = !self.trip_agents.is_empty()
            && self.trips.iter().any(|trip| trip.mode != TripMode::OFF);
        self.config.enabled && (trips || !self.update_agents.is_empty())
    }

    fn period(&self) -> Duration {
        let interval = if self.config.interval == Interval::default() {
            TRIP_POLL
        } else {
            Duration::from_nanos(self.config.interval.as_nanos())
        };
        interval.max(FASTEST)
    }

    /// Starts, keeps or stops sampling after something changed. `restart` begins a new interval.
    pub(super) fn reschedule(&mut self, now: Time, restart: bool) {
        self.due = match (self.wanted(), self.due) {
            (false, _) => {
                // Whoever watches next must not hear of what was crossed meanwhile.
                self.trips.iter_mut().for_each(|trip| trip.above = None);
                None
            }
            (true, Some(due)) if !restart => Some(due),
            (true, _) => Some(now.after(self.period())),
        };
    }

    /// Whether a trip point is watched whose side is not known yet.
    pub(super) fn wants_side(&self) -> bool {
        let unknown = |trip: &Trip| trip.mode != TripMode::OFF && trip.above.is_none();
        self.due.is_some() && !self.trip_agents.is_empty() && self.trips.iter().any(unknown)
    }

    /// Takes note of the side of each trip point that a value is on.
    pub(super) fn begin(&mut self, value: i64) {
        self.trips.iter_mut().for_each(|trip| trip.begin(value));
    }

    /// A sample was taken: the next one is an interval after it was due, or after now when that has passed.
    pub(super) fn advance(&mut self, now: Time) {
        let next = self.due.unwrap_or(now).after(self.period());
        self.due = Some(if next > now { next } else { now.after(self.period()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trip_point_is_crossed_in_the_direction_it_watches() {
        let mut rising = Trip { mode: TripMode::RISING, value: 50, ..Trip::OFF };
        let samples = [60, 40, 49, 50, 51, 49];
        let crossed = samples.map(|sample| rising.cross(sample));
        assert_eq!(crossed, [None, None, None, Some(true), None, None]);
        let mut both = Trip { mode: TripMode::BOTH, value: 50, ..Trip::OFF };
        assert_eq!(
            samples.map(|s| both.cross(s)),
            [None, Some(false), None, Some(true), None, Some(false)]
        );
        let mut off = Trip::OFF;
        assert_eq!([-1, 1].map(|sample| off.cross(sample)), [None, None]);
    }
}
