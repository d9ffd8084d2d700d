//! What a client is told when something is wrong with its request: RFC 9457, with what was found and what was expected.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::routes::ReasonState;

/// Why a request was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Problem {
    /// The status of the answer.
    #[schema(example = 422)]
    pub status: u16,
    /// What is wrong, in one line.
    #[schema(example = "value is out of range")]
    pub error: String,
    /// Where in the request: a field of the body, a part of the path, or a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "value")]
    pub field: Option<String>,
    /// What stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "200")]
    pub found: Option<String>,
    /// What may stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "a value from 0 to 125 °C")]
    pub expected: Option<String>,
    /// What only a reload says.
    #[serde(flatten)]
    pub reload: Box<ReloadProblem>,
}

/// What is in the way of a board file that was read again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct ReloadProblem {
    /// Everything in it that cannot change while agents are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reasons: Option<Vec<ReasonState>>,
    /// Everything that is wrong with it, as `scmid --check` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub report: Option<String>,
}

/// Longest text of a client that is told back to it.
const MAX_FOUND: usize = 80;

impl Problem {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        let status = status.as_u16();
        let (field, found, expected) = (None, None, None);
        Self { status, error: error.into(), field, found, expected, reload: Box::default() }
    }

    pub(super) fn reasons(mut self, reasons: Vec<ReasonState>) -> Self {
        self.reload.reasons = Some(reasons);
        self
    }

    pub(super) fn report(mut self, report: impl Into<String>) -> Self {
        self.reload.report = Some(report.into());
        self
    }

    pub(super) fn field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    pub(super) fn found(self, found: impl Into<String>) -> Self {
        let found: String = found.into();
        let cut: String = found.chars().take(MAX_FOUND).collect();
        let found = if cut.len() < found.len() { cut + "..." } else { found };
        Self { found: Some(found), ..self }
    }

    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    /// A name that is none of those that are there.
    pub(super) fn unknown<'a>(
        status: StatusCode,
        what: &str,
        field: &str,
        found: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Self {
        Self::new(status, format!("there is no {what} of this name"))
            .field(field)
            .found(found)
            .expected(one_of(names))
    }
}

/// The names that may stand somewhere; of many the first.
fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 16;
    let names: Vec<&str> = names.collect();
    let Some((shown, more)) = names.split_at_checked(SHOWN).filter(|(_, more)| !more.is_empty())
    else {
        return if names.is_empty() {
            "none: the board has none".into()
        } else {
            format!("one of {}", names.join(", "))
        };
    };
    format!("one of {} and {} more", shown.join(", "), more.len())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
