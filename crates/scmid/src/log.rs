//! Logs on standard error.

use core::error::Error;
use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// Logs from here on, as far as `filter` lets through: a level, or directives.
///
/// # Errors
/// The filter makes no sense.
pub(crate) fn start(filter: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| format!("--log {filter:?} is no level: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .try_init()
}
