//! What happens, as it happens.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use utoipa_axum::routes;

use super::Routes;
use crate::control::desk::Desk;
use crate::control::problem::Problem;

/// What happens, from now on.
///
/// Server-sent events; the data of each is JSON: `agent` (one came or has gone), `changed` (a resource is not as it was),
/// `refusal` (commands were refused), `request` (an agent asks for a power state), `order` (the operator does), `dropped` (the
/// client was too slow, and so many events were lost), `reload` (the board file was read again). States are compared ten times a second: what is changed and changed
/// back in between is not seen. Readings of sensors and measured power are no changes.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    responses(
        (status = 200, description = "Events, until the client leaves.", body = String,
            content_type = "text/event-stream"),
        (status = 503, description = "Eight clients listen already.", body = Problem,
            content_type = "application/problem+json")))]
async fn events(State(desk): State<Arc<Desk>>) -> Result<Response<Body>, Problem> {
    let feed = desk.events.listen().ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many clients listen to events")
    })?;
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    Ok((headers, Body::new(feed)).into_response())
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(events))
}
