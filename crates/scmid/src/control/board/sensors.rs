//! Sensors.

use scmi::protocol::sensor::platform::{SensorServer, SensorStatus};
use scmi::protocol::sensor::wire::TripMode;
use scmi::wire::Status;
use scmi_board::{Measure as Reads, Sensor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Measure, id};
use crate::control::desk::Desk;
use crate::control::quantity::Quantity;

/// A sensor as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct SensorState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// What it reads now: one value, or one an axis.
    pub values: Vec<SensorValue>,
    /// Why it could not be read, as an agent would be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fault: Option<String>,
    /// Where its values come from: `board`, or `held` by the operator.
    #[schema(example = "board")]
    pub source: String,
    /// Whether agents can read it.
    pub enabled: bool,
    /// How often it is sampled for who waits for it, where that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub interval: Option<Quantity>,
    /// Its trip points that are on.
    pub trip_points: Vec<TripPoint>,
    /// The agents that are told when one is crossed.
    pub trips_told_to: Vec<String>,
    /// The agents that are sent readings unasked.
    pub updates_sent_to: Vec<String>,
}

/// One value of a sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct SensorValue {
    /// The axis, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub axis: Option<String>,
    /// What is measured.
    #[schema(example = "temperature")]
    pub kind: String,
    /// The value.
    pub value: Quantity,
}

/// A trip point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct TripPoint {
    /// Its number.
    pub id: u32,
    /// Which crossings count: `rising`, `falling` or `both`.
    #[schema(example = "rising")]
    pub mode: String,
    /// Where it is.
    pub value: Quantity,
}

/// What is copied out while the platform is held.
struct Seen {
    status: SensorStatus,
    trips: Vec<(usize, TripMode, i64)>,
    reading: Option<Result<Vec<i64>, Status>>,
}

fn see(now: scmi::Time, server: &mut SensorServer, id: usize, measure: Measure) -> Option<Seen> {
    let status = server.status(id)?;
    let trips = server.trip_points(id).collect();
    let reading = (measure == Measure::All).then(|| server.read_now(now, id).map(<[i64]>::to_vec));
    Some(Seen { status, trips, reading })
}

pub(super) fn states(desk: &Desk, measure: Measure) -> Vec<SensorState> {
    let board = desk.board();
    let sensors = &board.sensors;
    let seen = desk.each(sensors.len(), |now, server, id| see(now, server, id, measure));
    let states = sensors.iter().zip(seen).enumerate();
    states.map(|(id, (sensor, seen))| state(desk, id, sensor, seen)).collect()
}

/// The sensor at a position, read.
pub(in crate::control) fn one(desk: &Desk, id: usize) -> Option<SensorState> {
    let board = desk.board();
    let sensor = board.sensors.get(id)?;
    let seen = desk
        .with(|now, platform| see(now, platform.server_mut::<SensorServer>()?, id, Measure::All))?;
    Some(state(desk, id, sensor, seen))
}

fn state(desk: &Desk, position: usize, sensor: &Sensor, seen: Seen) -> SensorState {
    let Seen { status, trips, reading } = seen;
    let fault = match &reading {
        Some(Err(status)) => Some(status.to_string()),
        _ => None,
    };
    let readings = reading.and_then(Result::ok).unwrap_or_default();
    let values = sensor.measures().zip(readings).map(|(measure, raw)| SensorValue {
        axis: measure.axis.map(str::to_owned),
        kind: kind(&measure),
        value: quantity(&measure, raw),
    });
    let trip = |(number, mode, raw): (usize, TripMode, i64)| {
        let measure = sensor.measures().next()?;
        Some(TripPoint { id: id(number), mode: word(mode), value: quantity(&measure, raw) })
    };
    let held = desk.daemon.held_sensor(position).is_some();
    let interval = status.config.interval.as_nanos();
    SensorState {
        id: id(position),
        name: sensor.name().to_owned(),
        values: values.collect(),
        fault,
        source: if held { "held" } else { "board" }.to_owned(),
        enabled: status.config.enabled,
        interval: (interval != 0).then(|| Quantity::prefixed(interval.into(), -9, "s")),
        trip_points: trips.into_iter().filter_map(trip).collect(),
        trips_told_to: desk.names(status.trip_agents),
        updates_sent_to: desk.names(status.update_agents),
    }
}

fn kind(measure: &Reads<'_>) -> String {
    let kind = measure.kind;
    kind.word().map_or_else(|| format!("{:#04x}", kind.0), str::to_owned)
}

fn quantity(measure: &Reads<'_>, raw: i64) -> Quantity {
    Quantity::plain(raw, measure.exponent, measure.kind.unit())
}

fn word(mode: TripMode) -> String {
    match mode {
        TripMode::RISING => "rising".into(),
        TripMode::FALLING => "falling".into(),
        TripMode::BOTH => "both".into(),
        other => format!("{:#04x}", other.0),
    }
}
