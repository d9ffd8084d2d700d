//! Where a trace goes.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a trace cannot be written at all.
#[derive(Debug, Error)]
#[error("cannot write the trace to {}", path.display())]
pub(crate) struct OpenError {
    path: PathBuf,
    source: io::Error,
}

/// Opens the file of a trace; `-` is standard output. A FIFO is opened when somebody reads it.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Write + Send>, OpenError> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdout()));
    }
    match File::create(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(source) => Err(OpenError { path: path.to_owned(), source }),
    }
}
