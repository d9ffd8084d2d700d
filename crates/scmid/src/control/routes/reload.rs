//! The board file, read again.

use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use scmi_board::{Change, Refusal};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Routes;
use crate::control::desk::Desk;
use crate::control::problem::Problem;
use crate::{ReloadError, Reloaded};

/// Changes and reasons that are told, of however many there are.
const TOLD: usize = 100;

/// A board file that was read again, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct ReloadState {
    /// The file.
    #[schema(example = "board.toml")]
    pub file: String,
    /// How many keys are different, and are in force; none where the file says the same as before.
    pub changes: usize,
    /// What they are; of many, the first 100.
    pub changed: Vec<ChangeState>,
}

/// Something that is different in a board file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct ChangeState {
    /// File and line; only the file where the line went with what stood there.
    #[schema(example = "board.toml:10")]
    pub at: String,
    /// The table that it is of; empty for the file as a whole.
    #[schema(example = "sensor \"cpu\"")]
    pub item: String,
    /// The key in it; empty where the table itself came or went.
    #[schema(example = "source.max")]
    pub key: String,
    /// What stood there, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "78.0")]
    pub was: Option<String>,
    /// What stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "80.0")]
    pub is: Option<String>,
    /// All of it in words.
    #[schema(example = "source.max of sensor \"cpu\": was 78.0, is 80.0")]
    pub text: String,
}

/// Something that is different in a board file and cannot be while agents are there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct ReasonState {
    /// What is different.
    #[serde(flatten)]
    pub change: ChangeState,
    /// Why it cannot be.
    #[schema(example = "agents know it by now")]
    pub why: String,
}

impl ChangeState {
    fn new(file: &Path, change: &Change) -> Self {
        let file = file.display();
        let at = change.line.map_or_else(|| file.to_string(), |line| format!("{file}:{line}"));
        let Change { item, key, was, is, .. } = change.clone();
        Self { at, item, key, was, is, text: change.to_string() }
    }
}

impl ReasonState {
    fn new(file: &Path, refusal: &Refusal) -> Self {
        Self { change: ChangeState::new(file, &refusal.change), why: refusal.why.clone() }
    }
}

impl From<&Reloaded> for ReloadState {
    fn from(done: &Reloaded) -> Self {
        let changed = done.changes.iter().take(TOLD);
        Self {
            file: done.file.display().to_string(),
            changes: done.changes.len(),
            changed: changed.map(|change| ChangeState::new(&done.file, change)).collect(),
        }
    }
}

/// How a client is told that nothing was changed.
pub(in crate::control) fn refused(error: &ReloadError) -> Problem {
    match error {
        ReloadError::NoFile => Problem::new(StatusCode::CONFLICT, error.to_string()),
        ReloadError::Board(wrong) => {
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
            problem.report(crate::reload::said(wrong))
        }
        ReloadError::Refused { file, refusals } => {
            let reasons = refusals.iter().take(TOLD);
            let reasons = reasons.map(|refusal| ReasonState::new(file, refusal)).collect();
            Problem::new(StatusCode::CONFLICT, error.to_string()).reasons(reasons)
        }
        ReloadError::Thread(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}

/// Reads the board file again.
///
/// What can change while guests are there changes, at once; where anything else is different, nothing does. The page of the
/// board file says which keys can. There is no body.
#[utoipa::path(post, path = "/v1/reload", tag = "reload",
    responses(
        (status = 200, description = "The file is in force; it may say the same as before.", body = ReloadState),
        (status = 409, description = "It has what cannot change: nothing did.", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "There is a body, and it is too large.", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "The file is no board that can be served, or there is a body: nothing changed.",
            body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The system gives no threads: nothing changed.", body = Problem,
            content_type = "application/problem+json")))]
async fn reload(State(desk): State<Arc<Desk>>, body: Bytes) -> Result<Json<ReloadState>, Problem> {
    if !body.is_empty() {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "a reload has no body");
        let found = String::from_utf8_lossy(&body);
        return Err(problem.field("body").found(found).expected("no body"));
    }
    let daemon = Arc::clone(&desk.daemon);
    // A large file takes its time, and others want to be served meanwhile.
    let result = spawn_blocking(move || daemon.reload()).await.map_err(|error| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("the reload did not end: {error}"))
    })?;
    result.map(|done| Json((&done).into())).map_err(|error| refused(&error))
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(reload))
}
