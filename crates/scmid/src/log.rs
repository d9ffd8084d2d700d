//! Logs on standard error.

use core::error::Error;
use std::io::{self, IsTerminal};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs from here on, as far as `filter` lets through: a level, or directives.
///
/// # Errors
/// The filter makes no sense.
pub(crate) fn start(filter: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let filter: Targets =
        filter.parse().map_err(|error| format!("--log {filter:?} is no level: {error}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        // It would complain on standard error, and panic when that is what fails: a closed pipe must not end us.
        .log_internal_errors(false);
    Ok(tracing_subscriber::registry().with(filter).with(lines).try_init()?)
}
