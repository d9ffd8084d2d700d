//! About the service itself: whether it is well, what it counts, what it can.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Routes;
use crate::control::desk::Desk;
use crate::control::{document, metrics};

/// How the daemon is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Health {
    /// `ok`: the platform answers.
    #[schema(example = "ok")]
    pub status: String,
    /// The daemon's version.
    pub version: String,
    /// How long it has served, in seconds.
    pub uptime_seconds: f64,
    /// How many agents it serves.
    pub agents: usize,
    /// How many of them have a driver that is there.
    pub connected: usize,
}

/// Whether the daemon serves.
///
/// An answer means that the platform could be entered: nothing holds it.
#[utoipa::path(get, path = "/health", tag = "service",
    responses((status = 200, description = "It serves.", body = Health)))]
async fn health(State(desk): State<Arc<Desk>>) -> Json<Health> {
    let agents = crate::control::agents::states(&desk);
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: desk.started.elapsed().as_secs_f64(),
        agents: agents.len(),
        connected: agents.iter().filter(|agent| agent.connected).count(),
    })
}

/// What happened so far, for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "service",
    responses((status = 200, description = "The text format, version 0.0.4.", body = String,
        content_type = "text/plain")))]
async fn metrics(State(desk): State<Arc<Desk>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::page(&desk))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "service",
    responses((status = 200, description = "The document.", body = Object)))]
async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], document())
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(health)).routes(routes!(metrics)).routes(routes!(openapi))
}
