//! Orders of the operator: a power state that guests shall take.

use core::time::Duration;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use scmi::protocol::system::platform::{Order, SystemServer};
use scmi::protocol::system::wire::SystemState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Routes;
use crate::OrderError;
use crate::control::desk::Desk;
use crate::control::json::Strict;
use crate::control::problem::Problem;

/// What guests shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// Power off.
    Shutdown,
    /// Start again.
    Reboot,
    /// Sleep.
    Suspend,
    /// Go on after a suspend; a machine that was stopped by force runs again.
    Resume,
}

impl OrderKind {
    fn state(self) -> SystemState {
        match self {
            Self::Shutdown => SystemState::SHUTDOWN,
            Self::Reboot => SystemState::COLD_RESET,
            Self::Suspend => SystemState::SUSPEND,
            Self::Resume => SystemState::POWER_UP,
        }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// What guests shall do.
    pub order: OrderKind,
    /// The agent that is told; all, where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "vm1")]
    pub agent: Option<String>,
    /// Whether it is done to the machine, not asked of its operating system. The agent's `qmp` in the board file says where
    /// the machine is.
    #[serde(default)]
    pub forced: bool,
    /// How long a guest may take to shut down before its machine is ended, such as `30 s`; the board's `shutdown-timeout`
    /// where it is not given. Only with a shutdown that is not forced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "30 s")]
    pub timeout: Option<String>,
}

/// An order that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct GivenOrder {
    /// What guests shall do.
    pub order: OrderKind,
    /// Whether it is done to the machine.
    pub forced: bool,
    /// The agents that listened, and are told. Where it is empty nobody is: the guests are not there, or have no driver
    /// for it.
    pub told: Vec<String>,
}

/// The longest time that fits a notification, in milliseconds.
const LONGEST: Duration = Duration::from_millis(u32::MAX as u64);

/// Orders guests to shut down, reboot or suspend.
///
/// Guests are asked, or with `forced` their machines are stopped, reset or ended. What becomes of it is seen in the events, and
/// in the daemon's log.
#[utoipa::path(post, path = "/v1/orders", tag = "orders", request_body = NewOrder,
    responses(
        (status = 202, description = "It was given.", body = GivenOrder),
        (status = 400, description = "The body is no JSON.", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "The board has no system, or not this state.", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = Problem,
            content_type = "application/problem+json"),
        (status = 415, description = "The body is said to be something else.", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "The order makes no sense here.", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Too many orders wait.", body = Problem,
            content_type = "application/problem+json")))]
async fn give(
    State(desk): State<Arc<Desk>>,
    Strict(new): Strict<NewOrder>,
) -> Result<(StatusCode, Json<GivenOrder>), Problem> {
    let (order, forced) = (new.order, new.forced);
    let given = understood(&desk, &new)?;
    let listening = desk.with(|_, platform| {
        platform.server::<SystemServer>().map(SystemServer::listening).unwrap_or_default()
    });
    desk.daemon.order(given).map_err(|error| refused(&desk, order, error))?;
    let told = listening.iter().filter(|agent| given.to.is_none_or(|to| to == *agent));
    let told: Vec<String> = told.map(|agent| desk.name(agent)).collect();
    Ok((StatusCode::ACCEPTED, Json(GivenOrder { order, forced, told })))
}

fn understood(desk: &Desk, new: &NewOrder) -> Result<Order, Problem> {
    let board = desk.board();
    let wrong = |error: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error);
    let to = match &new.agent {
        None => None,
        Some(name) => Some(desk.agent(name).ok_or_else(|| {
            let names = board.agents.iter().map(|agent| agent.name.as_str());
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Problem::unknown(status, "agent", "agent", name, names)
        })?),
    };
    let waits = new.order == OrderKind::Shutdown && !new.forced;
    let usual = board.system.as_ref().map_or(Duration::ZERO, |it| it.system.shutdown_timeout);
    let timeout = match &new.timeout {
        None if waits => usual,
        None => Duration::ZERO,
        Some(text) if !waits => {
            return Err(wrong("only a shutdown that is not forced has a timeout")
                .field("timeout")
                .found(text)
                .expected("no timeout"));
        }
        Some(text) => {
            let parsed = scmi_board::parse_duration(text).map_err(|error| error.to_string());
            let short = |timeout: &Duration| *timeout <= LONGEST;
            let limit = || "a time of at most 4294967 s".to_owned();
            let fits = parsed.and_then(|time| Some(time).filter(short).ok_or_else(limit));
            fits.map_err(|expected| {
                wrong("timeout is no time").field("timeout").found(text).expected(expected)
            })?
        }
    };
    Ok(Order { to, state: new.order.state(), graceful: !new.forced, timeout })
}

fn refused(desk: &Desk, order: OrderKind, error: OrderError) -> Problem {
    match error {
        OrderError::Full => Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        OrderError::NoSystem => {
            Problem::new(StatusCode::CONFLICT, error.to_string()).expected("a board with [system]")
        }
        OrderError::State => {
            let board = desk.board();
            let system = board.system.as_ref().map(|system| &system.system);
            let all =
                [OrderKind::Shutdown, OrderKind::Reboot, OrderKind::Suspend, OrderKind::Resume];
            let can = |kind: &OrderKind| system.is_some_and(|system| system.has(kind.state()));
            let can: Vec<String> = all
                .into_iter()
                .filter(can)
                .map(|kind| format!("{kind:?}").to_lowercase())
                .collect();
            Problem::new(StatusCode::CONFLICT, error.to_string())
                .field("order")
                .found(format!("{order:?}").to_lowercase())
                .expected(format!("one of {}", can.join(", ")))
        }
    }
}

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(give))
}
