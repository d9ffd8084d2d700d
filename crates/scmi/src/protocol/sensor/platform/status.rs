//! A sensor as it is, for whoever operates the platform.

use super::super::wire::TripMode;
use super::{SensorConfig, SensorModel, SensorServer};
use crate::platform::AgentSet;
use crate::time::Time;
use crate::wire::Status;

/// A sensor as it is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SensorStatus {
    /// How it is set up.
    pub config: SensorConfig,
    /// Who is told when a trip point is crossed.
    pub trip_agents: AgentSet,
    /// Who is sent readings unasked.
    pub update_agents: AgentSet,
}

impl SensorServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn SensorModel {
        self.model.as_mut()
    }

    /// The sensor at a position as it is; none beyond the last.
    pub fn status(&self, sensor: usize) -> Option<SensorStatus> {
        let watch = self.watches.get(sensor)?;
        Some(SensorStatus {
            config: watch.config,
            trip_agents: watch.trip_agents,
            update_agents: watch.update_agents,
        })
    }

    /// The trip points of a sensor that are on: number, mode, and value in units of the sensor.
    pub fn trip_points(&self, sensor: usize) -> impl Iterator<Item = (usize, TripMode, i64)> {
        let trips = self.watches.get(sensor).map_or(&[][..], |watch| &watch.trips);
        let on = trips.iter().enumerate().filter(|(_, trip)| trip.mode != TripMode::OFF);
        on.map(|(number, trip)| (number, trip.mode, trip.value))
    }

    /// Reads a sensor, also one that is disabled: one value for a scalar, one an axis otherwise, in units of the sensor.
    ///
    /// # Errors
    /// What the model says; [`Status::NOT_FOUND`] beyond the last sensor.
    pub fn read_now(&mut self, now: Time, sensor: usize) -> Result<&[i64], Status> {
        let description = self.model.sensors().get(sensor).ok_or(Status::NOT_FOUND)?;
        let values = self.values.get_mut(..super::server::values_of(description));
        let values = values.unwrap_or_default();
        self.model.read(now, sensor, values)?;
        Ok(values)
    }
}
