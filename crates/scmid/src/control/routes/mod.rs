//! What clients can ask, one file a subject. Each file has its handlers with their part of the OpenAPI document, and a
//! `routes` that puts them together; a new subject is a new file and a line in [`all`].

mod agents;
mod board;
mod events;
mod faults;
mod orders;
mod reload;
mod sensors;
mod service;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

pub use faults::{Cleared, FaultState, FaultsState};
pub use orders::{GivenOrder, NewOrder, OrderKind};
pub use reload::{ChangeState, ReasonState, ReloadState};
pub use sensors::{Amount, Hold, Released};
pub use service::Health;

pub(super) use reload::refused;

use super::desk::Desk;

/// A part of the interface.
pub(super) type Routes = OpenApiRouter<Arc<Desk>>;

/// All of it.
pub(super) fn all(document: utoipa::openapi::OpenApi) -> Routes {
    Routes::with_openapi(document)
        .merge(service::routes())
        .merge(board::routes())
        .merge(agents::routes())
        .merge(sensors::routes())
        .merge(orders::routes())
        .merge(faults::routes())
        .merge(reload::routes())
        .merge(events::routes())
}
