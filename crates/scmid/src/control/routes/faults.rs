//! Faults: what goes wrong on purpose.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use scmi_board::{BoardError, FaultReport};
use scmi_virtio::device::fault::Kind;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Routes;
use crate::FaultError;
use crate::control::desk::Desk;
use crate::control::json::Strict;
use crate::control::problem::Problem;

/// A fault: the keys of a table `[[fault]]` of the board file, which mean the same here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFault {
    /// What reports call it; no other that stands has this name.
    #[schema(example = "slow")]
    pub name: String,
    /// Whose messages; everybody's where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// `answers`, `delayed-responses` or `notifications`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// By its name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Word>,
    /// By its name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Word>,
    /// The id of the domain, clock, sensor or pin, as the agent knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<u64>,
    /// So many that match pass first; or a time of the platform, such as `30 s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Word>,
    /// Each of so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Of the probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How often at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What is done: the keys of `do` in the board file.
    #[serde(rename = "do")]
    #[schema(value_type = Object, example = json!({ "delay": "2 s" }))]
    pub acts: serde_json::Map<String, serde_json::Value>,
}

/// A whole number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Word {
    /// A number.
    Number(u64),
    /// A name, or a number with a unit.
    Text(String),
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of zero or more, or a text")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Word, E> {
                Ok(Word::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A fault that stands, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct FaultState {
    /// By what number traces call it.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The kinds of things that it does.
    #[schema(example = json!(["delay"]))]
    pub does: Vec<String>,
    /// Messages that it is about.
    pub seen: u64,
    /// Those that it chose.
    pub chosen: u64,
    /// How often each kind of thing was done.
    pub done: BTreeMap<String, u64>,
    /// How often one could not be done.
    pub skipped: u64,
}

/// All faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct FaultsState {
    /// Those that stand, in the order in which they are asked.
    pub faults: Vec<FaultState>,
    /// How often each kind of thing was done, by those that are gone too.
    pub done: BTreeMap<String, u64>,
    /// How often one could not be done.
    pub skipped: u64,
    /// Buffers of answers that never came which went back to their guests, or were forgotten with them.
    pub given_back: u64,
}

/// How many faults there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Cleared {
    /// So many.
    pub cleared: usize,
}

impl From<FaultReport> for FaultState {
    fn from(report: FaultReport) -> Self {
        let FaultReport { id, rule, seen, chosen, done, skipped, .. } = report;
        Self {
            id,
            does: rule.acts.kinds().map(|kind| kind.word().to_owned()).collect(),
            name: rule.name,
            seen,
            chosen,
            done: named(done),
            skipped,
        }
    }
}

fn named(done: impl IntoIterator<Item = (Kind, u64)>) -> BTreeMap<String, u64> {
    let done = done.into_iter().filter(|(_, times)| *times != 0);
    done.map(|(kind, times)| (kind.word().to_owned(), times)).collect()
}

/// What goes wrong on purpose, and how often it did.
#[utoipa::path(get, path = "/v1/faults", tag = "faults",
    responses((status = 200, description = "All faults.", body = FaultsState)))]
async fn list(State(desk): State<Arc<Desk>>) -> Json<FaultsState> {
    let (reports, totals) = desk.daemon.faults();
    Json(FaultsState {
        faults: reports.into_iter().map(FaultState::from).collect(),
        done: named(Kind::ALL.into_iter().zip(totals.done)),
        skipped: totals.skipped,
        given_back: totals.given_back,
    })
}

/// Has something go wrong from now on.
///
/// The fault stands behind those that are there: of several that choose a message the first one has it.
#[utoipa::path(post, path = "/v1/faults", tag = "faults", request_body = NewFault,
    responses(
        (status = 201, description = "It stands.", body = FaultState),
        (status = 400, description = "The body is no JSON.", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "One of this name stands, or too many do.", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "The body is said to be something else.", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "There can be no such fault.", body = Problem,
            content_type = "application/problem+json")))]
async fn add(
    State(desk): State<Arc<Desk>>,
    Strict(fault): Strict<NewFault>,
) -> Result<(StatusCode, Json<FaultState>), Problem> {
    let name = fault.name.clone();
    // What the board file would have, so that it is checked as there.
    let table = serde_json::to_value(&fault).map(|table| toml(&table)).unwrap_or_default();
    desk.daemon
        .add_faults(&format!("fault = [{table}]"), "fault")
        .map_err(|error| refused(&error))?;
    tracing::warn!("control: fault {name:?} is done from now on");
    let added = desk.daemon.faults().0.into_iter().find(|report| report.rule.name == name);
    added
        .map(|report| (StatusCode::CREATED, Json(report.into())))
        .ok_or_else(|| unknown(&desk, &name))
}

/// Has no fault happen any more.
///
/// Buffers that faults keep go back to their guests.
#[utoipa::path(delete, path = "/v1/faults", tag = "faults",
    responses((status = 200, description = "There are none.", body = Cleared)))]
async fn clear(State(desk): State<Arc<Desk>>) -> Json<Cleared> {
    let cleared = desk.daemon.clear_faults();
    tracing::info!("control: all faults are removed, {cleared} of them");
    Json(Cleared { cleared })
}

/// Has one fault happen no more.
///
/// Buffers that it keeps go back to their guests.
#[utoipa::path(delete, path = "/v1/faults/{fault}", tag = "faults",
    params(("fault" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "What it did until now.", body = FaultState),
        (status = 404, description = "There is none of this name.", body = Problem,
            content_type = "application/problem+json")))]
async fn remove(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
) -> Result<Json<FaultState>, Problem> {
    let report = desk.daemon.remove_fault(&name).ok_or_else(|| unknown(&desk, &name))?;
    tracing::info!("control: fault {name:?} is removed");
    Ok(Json(report.into()))
}

fn unknown(desk: &Desk, name: &str) -> Problem {
    let (reports, _) = desk.daemon.faults();
    let names = reports.iter().map(|report| report.rule.name.as_str());
    Problem::unknown(StatusCode::NOT_FOUND, "fault", "fault", name, names)
}

/// JSON as a value of TOML, in one line.
fn toml(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(table) => {
            let keys = table.iter().map(|(key, value)| {
                format!("{} = {}", serde_json::Value::from(key.as_str()), toml(value))
            });
            format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        // Nothing that the checker takes for something.
        serde_json::Value::Null => "[]".to_owned(),
        // Texts, numbers, true and false are written alike in both.
        other => other.to_string(),
    }
}

fn refused(error: &FaultError) -> Problem {
    match error {
        FaultError::NotAdded { name, why } => {
            let problem = Problem::new(StatusCode::CONFLICT, why.to_string());
            problem.field("name").found(name.as_str())
        }
        FaultError::Text(error) => wrong(error),
    }
}

/// The first thing that is wrong, taken apart: "delay of do of fault "x": found 3, expected a time".
fn wrong(error: &BoardError) -> Problem {
    let said = error.report().and_then(|report| report.problems().first());
    let message = said.map_or_else(|| error.to_string(), |problem| problem.message().to_owned());
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "there can be no such fault");
    let Some((place, rest)) = message.split_once(": ") else { return problem.found(message) };
    let place = place.split_once("fault ").map_or(place, |(before, _)| before);
    let mut path: Vec<&str> = place.split(" of ").filter(|part| !part.is_empty()).collect();
    path.reverse();
    let field = if path.is_empty() { "body".to_owned() } else { path.join(".") };
    let problem = problem.field(field);
    match rest.split_once(", expected ") {
        Some((found, expected)) => {
            problem.found(found.strip_prefix("found ").unwrap_or(found)).expected(expected)
        }
        None => problem.found(rest).expected("what docs/board-file.md says"),
    }
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(list, add, clear)).routes(routes!(remove))
}
