//! The OpenAPI document, generated from the routes and their types.

use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi as Document, Ref, ResponseBuilder};

use super::routes;

/// The control interface of `scmid`.
///
/// See and steer a platform while it runs. Requests are strict: what is not known is refused, and the answer says what was
/// expected. Resources have the board's ids and names.
#[derive(OpenApi)]
#[openapi(
    info(title = "scmid control"),
    tags(
        (name = "service", description = "The service itself."),
        (name = "board", description = "The board and its state."),
        (name = "agents", description = "Agents and their counters."),
        (name = "sensors", description = "What sensors read."),
        (name = "orders", description = "Power states that guests shall take."),
        (name = "faults", description = "What goes wrong on purpose."),
        (name = "reload", description = "The board file, read again."),
        (name = "events", description = "What happens."),
    )
)]
struct Front;

/// How any request can be refused.
const REFUSALS: [(&str, &str); 2] = [
    ("400", "The request cannot be understood, or has a query."),
    ("408", "The request takes longer than 10 seconds."),
];

/// The document without its paths.
pub(super) fn front() -> Document {
    Front::openapi()
}

/// The OpenAPI 3.1 document of the control interface, as JSON.
#[must_use]
pub fn document() -> String {
    let (_, mut document) = routes::all(front()).split_for_parts();
    for path in document.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.put, &mut path.post, &mut path.delete];
        operations.into_iter().flatten().for_each(add_refusals);
    }
    // It is plain data: there is nothing in it that JSON cannot say.
    document.to_pretty_json().unwrap_or_default() + "\n"
}

fn add_refusals(operation: &mut Operation) {
    for (status, description) in REFUSALS {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", problem)
            .build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
}
