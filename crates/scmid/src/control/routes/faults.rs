//! Faults: what goes wrong on purpose.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use scmi_board::{Board, BoardError, FaultReport, FaultTally};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Routes;
use crate::FaultError;
use crate::control::desk::Desk;
use crate::control::fault::NewFault;
use crate::control::json::Strict;
use crate::control::problem::Problem;

/// A fault that stands, and what it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct FaultState {
    /// By what number traces call it.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The kinds of things that it does.
    #[schema(example = json!(["delay"]))]
    pub does: Vec<String>,
    /// The whole rule: what makes an equal one when it is sent again.
    pub rule: NewFault,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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

impl FaultState {
    fn of(report: FaultReport, board: &Board) -> Self {
        let FaultReport { id, rule, seen, chosen, done, skipped, .. } = report;
        Self {
            id,
            does: rule.acts.kinds().map(|kind| kind.word().to_owned()).collect(),
            rule: NewFault::of(&rule, board),
            name: rule.name,
            seen,
            chosen,
            done: by_kind(&done),
            skipped,
        }
    }
}

/// How often each kind was done, to whomever.
fn by_kind(done: &[FaultTally]) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    for tally in done {
        *kinds.entry(tally.kind.word().to_owned()).or_default() += tally.count;
    }
    kinds
}

/// What goes wrong on purpose, and how often it did.
#[utoipa::path(get, path = "/v1/faults", tag = "faults",
    responses((status = 200, description = "All faults.", body = FaultsState)))]
async fn list(State(desk): State<Arc<Desk>>) -> Json<FaultsState> {
    let (reports, totals) = desk.daemon.faults();
    let board = desk.board();
    let state = |report| FaultState::of(report, &board);
    Json(FaultsState {
        faults: reports.into_iter().map(state).collect(),
        done: by_kind(&totals.done),
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
    desk.daemon.add_faults(&fault.toml(), "fault").map_err(|error| refused(&error))?;
    tracing::warn!("control: fault {name:?} is done from now on");
    find(&desk, &name).map(|state| (StatusCode::CREATED, state))
}

/// One fault that stands.
#[utoipa::path(get, path = "/v1/faults/{fault}", tag = "faults",
    params(("fault" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "Its rule and what it did.", body = FaultState),
        (status = 404, description = "There is none of this name.", body = Problem,
            content_type = "application/problem+json")))]
async fn show(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
) -> Result<Json<FaultState>, Problem> {
    find(&desk, &name)
}

fn find(desk: &Desk, name: &str) -> Result<Json<FaultState>, Problem> {
    let report = desk.daemon.faults().0.into_iter().find(|report| report.rule.name == name);
    let state = report.map(|report| Json(FaultState::of(report, &desk.board())));
    state.ok_or_else(|| unknown(desk, name))
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
    Ok(Json(FaultState::of(report, &desk.board())))
}

fn unknown(desk: &Desk, name: &str) -> Problem {
    let (reports, _) = desk.daemon.faults();
    let names = reports.iter().map(|report| report.rule.name.as_str());
    Problem::unknown(StatusCode::NOT_FOUND, "fault", "fault", name, names)
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
    Routes::new().routes(routes!(list, add, clear)).routes(routes!(show, remove))
}
