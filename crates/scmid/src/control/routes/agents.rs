//! The agents.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use utoipa_axum::routes;

use super::Routes;
use crate::control::agents::{AgentState, states};
use crate::control::desk::Desk;
use crate::control::problem::Problem;

/// The agents and their counters.
#[utoipa::path(get, path = "/v1/agents", tag = "agents",
    responses((status = 200, description = "All of them, in the order of the board.", body = [AgentState])))]
async fn agents(State(desk): State<Arc<Desk>>) -> Json<Vec<AgentState>> {
    Json(states(&desk))
}

/// One agent and its counters.
#[utoipa::path(get, path = "/v1/agents/{agent}", tag = "agents",
    params(("agent" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The agent.", body = AgentState),
        (status = 404, description = "There is none of this name.", body = Problem,
            content_type = "application/problem+json")))]
async fn agent(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
) -> Result<Json<AgentState>, Problem> {
    let agent = states(&desk).into_iter().find(|agent| agent.name == name);
    agent.map(Json).ok_or_else(|| {
        let board = desk.board();
        let names = board.agents.iter().map(|agent| agent.name.as_str());
        Problem::unknown(StatusCode::NOT_FOUND, "agent", "agent", &name, names)
    })
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(agents)).routes(routes!(agent))
}
