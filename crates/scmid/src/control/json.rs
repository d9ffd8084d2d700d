//! Bodies of requests: JSON, small, and nothing in it that is not known.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A body of JSON. Types say `deny_unknown_fields`.
#[derive(Debug)]
pub(super) struct Strict<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Strict<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
            let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is no JSON");
            let found = kind.unwrap_or("no content type");
            return Err(problem.field("content-type").found(found).expected("application/json"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = rejection.status();
            Problem::new(status, "the body cannot be read")
                .field("body")
                .found(rejection.body_text())
                .expected(format!("at most {} bytes", super::serve::MAX_BODY))
        })?;
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list is not taken for an object without names.
    if bytes.trim_ascii_start().first().is_some_and(|first| b"[\"-0123456789tfn".contains(first)) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let problem = Problem::new(status, "the body is not what is expected here");
        let found = String::from_utf8_lossy(bytes);
        return Err(problem.field("body").found(found).expected("an object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        // What is no JSON at all, and what does not mean anything here.
        let (status, what) = if error.is_data() {
            (StatusCode::UNPROCESSABLE_ENTITY, "the body is not what is expected here")
        } else {
            (StatusCode::BAD_REQUEST, "the body is no JSON")
        };
        describe(Problem::new(status, what), &path, &error.to_string())
    })?;
    json.end().map_err(|error| {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "the body is no JSON");
        problem.field("body").found(error.to_string()).expected("one value and nothing after it")
    })?;
    Ok(value)
}

/// Takes apart what serde says: "unknown field `x`, expected `a` or `b` at line 1 column 4".
fn describe(problem: Problem, path: &str, said: &str) -> Problem {
    let field = if [".", "?"].contains(&path) { "body" } else { path };
    let problem = problem.field(field);
    let said = said.split(" at line ").next().unwrap_or(said);
    match said.split_once(", expected ") {
        Some((found, expected)) => problem.found(found).expected(expected),
        None => problem.found(said).expected("what the OpenAPI document says"),
    }
}
