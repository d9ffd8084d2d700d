//! Sensors: what they read, and what the operator has them read.

use core::fmt;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Routes;
use crate::control::board::{SensorState, sensor};
use crate::control::desk::Desk;
use crate::control::json::Strict;
use crate::control::problem::Problem;

/// What a sensor shall read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The value of a sensor without axes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "85 °C")]
    pub value: Option<Amount>,
    /// The values of a sensor with axes, one each, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Amount>>,
}

/// A number in the sensor's unit, or a text with a unit such as `85 °C` or `850 mV`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Amount {
    /// In the sensor's unit.
    Number(f64),
    /// With a unit.
    Text(String),
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a text with a unit")
            }

            fn visit_f64<E>(self, number: f64) -> Result<Amount, E> {
                Ok(Amount::Number(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Amount, E> {
                Ok(Amount::Text(number.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Amount, E> {
                Ok(Amount::Text(number.to_string()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Amount, E> {
                Ok(Amount::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The shortest text that means this number: as it was written.
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Whether a sensor was held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Released {
    /// Whether it was held until now.
    pub was_held: bool,
    /// The sensor as it is now.
    pub sensor: SensorState,
}

/// One sensor, read.
#[utoipa::path(get, path = "/v1/sensors/{sensor}", tag = "sensors",
    params(("sensor" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The sensor as it is now.", body = SensorState),
        (status = 404, description = "There is none of this name.", body = Problem,
            content_type = "application/problem+json")))]
async fn read(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
) -> Result<Json<SensorState>, Problem> {
    let id = find(&desk, &name)?;
    sensor(&desk, id).map(Json).ok_or_else(|| unknown(&desk, &name))
}

/// Has a sensor read a value of the operator's.
///
/// It takes the place of the sensor's source until it is released. Whoever waits for a trip point that it crosses is told at
/// the sensor's next sample.
#[utoipa::path(put, path = "/v1/sensors/{sensor}/source", tag = "sensors", request_body = Hold,
    params(("sensor" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The sensor as it is now.", body = SensorState),
        (status = 400, description = "The body is no JSON.", body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "There is none of this name.", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "The body is said to be something else.", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "The sensor cannot read this.", body = Problem,
            content_type = "application/problem+json")))]
async fn hold(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    Strict(hold): Strict<Hold>,
) -> Result<Json<SensorState>, Problem> {
    let id = find(&desk, &name)?;
    let values = values(&desk, id, &hold)?;
    desk.daemon.hold_sensor(id, &values);
    tracing::info!("control: sensor {name} is held at {values:?}");
    sensor(&desk, id).map(Json).ok_or_else(|| unknown(&desk, &name))
}

/// Has a sensor read the source that the board gives it.
#[utoipa::path(delete, path = "/v1/sensors/{sensor}/source", tag = "sensors",
    params(("sensor" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The sensor as it is now; it need not have been held.", body = Released),
        (status = 404, description = "There is none of this name.", body = Problem,
            content_type = "application/problem+json")))]
async fn release(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
) -> Result<Json<Released>, Problem> {
    let id = find(&desk, &name)?;
    let was_held = desk.daemon.release_sensor(id);
    if was_held {
        tracing::info!("control: sensor {name} is released");
    }
    let sensor = sensor(&desk, id).ok_or_else(|| unknown(&desk, &name))?;
    Ok(Json(Released { was_held, sensor }))
}

fn find(desk: &Desk, name: &str) -> Result<usize, Problem> {
    desk.board().sensor(name).map(|(id, _)| id).ok_or_else(|| unknown(desk, name))
}

fn unknown(desk: &Desk, name: &str) -> Problem {
    let board = desk.board();
    let names = board.sensors.iter().map(scmi_board::Sensor::name);
    Problem::unknown(StatusCode::NOT_FOUND, "sensor", "sensor", name, names)
}

/// The values that a sensor shall read, in its own units.
fn values(desk: &Desk, id: usize, hold: &Hold) -> Result<Vec<i64>, Problem> {
    let wrong = |error: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error);
    let board = desk.board();
    let Some(sensor) = board.sensors.get(id) else { return Ok(Vec::new()) };
    let axes = sensor.description.axes.len();
    let amounts: Vec<(String, &Amount)> = match (&hold.value, &hold.values) {
        (Some(value), None) if axes == 0 => vec![("value".to_owned(), value)],
        (None, Some(values)) if axes > 0 && values.len() == axes => {
            let named = values.iter().enumerate();
            named.map(|(axis, value)| (format!("values[{axis}]"), value)).collect()
        }
        _ => {
            let expected = if axes == 0 {
                "value, and no values".to_owned()
            } else {
                format!("values: {axes} of them, one for each axis, and no value")
            };
            let found = match (&hold.value, &hold.values) {
                (None, None) => "neither value nor values".to_owned(),
                (Some(_), Some(_)) => "both value and values".to_owned(),
                (Some(_), None) => "value".to_owned(),
                (None, Some(values)) => format!("values: {} of them", values.len()),
            };
            let problem = wrong("these are not the values of this sensor".to_owned());
            return Err(problem.field("body").found(found).expected(expected));
        }
    };
    let measured = sensor.measures().zip(amounts);
    let parsed = measured.map(|(measure, (field, amount))| {
        let text = amount.to_string();
        measure.parse(&text).map_err(|error| {
            let problem = wrong(format!("sensor {} cannot read this", sensor.name()));
            problem.field(field).found(text).expected(error.to_string())
        })
    });
    parsed.collect()
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(read)).routes(routes!(hold, release))
}
