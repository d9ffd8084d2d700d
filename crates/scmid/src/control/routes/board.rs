//! The board.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use utoipa_axum::routes;

use super::Routes;
use crate::control::board::{BoardState, Measure};
use crate::control::desk::Desk;

/// The board and its state.
///
/// All resources with what they are set to, by whom, and what they read. Ids are the board's; an agent may see a resource under
/// another one, or not at all.
#[utoipa::path(get, path = "/v1/board", tag = "board",
    responses((status = 200, description = "The board as it is now.", body = BoardState)))]
async fn board(State(desk): State<Arc<Desk>>) -> Json<BoardState> {
    Json(BoardState::of(&desk, Measure::All))
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(board))
}
