//! Board files.

use std::path::Path;

use scmi_board::Board;

use crate::failure::{Failure, Kind};

/// Loads a board file. What is wrong with it is said as the library says it: over several lines, with the place.
pub(crate) fn load(path: &Path) -> Result<Board, Failure> {
    Board::load(path).map_err(|error| match error.report() {
        Some(report) => Failure::verbatim(Kind::File, report),
        None => Failure::from_error(Kind::File, &error),
    })
}
