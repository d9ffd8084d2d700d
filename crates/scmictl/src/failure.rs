//! What can go wrong, and the exit code that says so.

use core::error::Error;
use core::fmt;
use std::io;
use std::process::ExitCode;

/// Why the tool did not do what was asked: one line, and an exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line, where its parser cannot see it.
    Usage,
    /// A file or message that was given, or a place to write to.
    File,
    /// Whoever reads our output has closed it: nobody is left to complain to.
    ClosedPipe,
}

impl Failure {
    /// A failure of this kind; `what` went wrong.
    pub(crate) fn new(kind: Kind, what: impl fmt::Display) -> Self {
        Self::verbatim(kind, format_args!("scmictl: {what}"))
    }

    /// A failure with a text of its own, which may have several lines.
    pub(crate) fn verbatim(kind: Kind, text: impl fmt::Display) -> Self {
        Self { kind, message: text.to_string() }
    }

    /// An error, and the reasons behind it.
    pub(crate) fn from_error(kind: Kind, error: &(dyn Error + 'static)) -> Self {
        Self::new(kind, reasons(error))
    }

    /// What was tried, and why it failed.
    pub(crate) fn because(
        kind: Kind,
        what: impl fmt::Display,
        error: &(dyn Error + 'static),
    ) -> Self {
        Self::new(kind, format_args!("{what}: {}", reasons(error)))
    }

    /// Says so on standard error, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let code = match self.kind {
            Kind::ClosedPipe => return ExitCode::SUCCESS,
            Kind::Usage => 2,
            Kind::File => 4,
        };
        eprintln!("{}", self.message);
        ExitCode::from(code)
    }
}

/// Only writing our own output gives an error without context.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Kind::ClosedPipe, "");
        }
        Self::because(Kind::File, "cannot write the output", &error)
    }
}

/// An error and its sources, in one line.
fn reasons(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut reason = error.source();
    while let Some(error) = reason {
        text.push_str(&format!(": {error}"));
        reason = error.source();
    }
    text
}
