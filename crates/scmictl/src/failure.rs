//! What can go wrong, and the exit code that says so.

use core::error::Error;
use core::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use scmi::agent::CallError;
use scmi::transport::SendError;

/// Why the tool did not do what was asked: one line, and an exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The platform refused, or does not answer as it should.
    Platform,
    /// The command line, where its parser cannot see it.
    Usage,
    /// There is no connection, or no longer.
    Connection,
    /// A file or message that was given, or a place to write to.
    File,
    /// Whoever reads our output has closed it: nobody is left to complain to.
    ClosedPipe,
}

impl Failure {
    /// A failure of this kind; `what` went wrong.
    pub(crate) fn new(kind: Kind, what: impl fmt::Display) -> Self {
        Self { kind, message: format!("scmictl: {what}") }
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

    /// What was asked of the platform, and what came back.
    pub(crate) fn call(what: impl fmt::Display, error: &CallError) -> Self {
        let kind = match error {
            CallError::Channel(SendError::Closed) => Kind::Connection,
            _ => Kind::Platform,
        };
        Self::because(kind, what, error)
    }

    /// The same, as what happened while the connection to `target` was lost.
    #[cfg(feature = "host")]
    pub(crate) fn lost(self, target: impl fmt::Display) -> Self {
        match self.kind {
            Kind::ClosedPipe => self,
            _ => Self { kind: Kind::Connection, ..self }.of(format_args!("lost {target}")),
        }
    }

    /// The same, as a part of something larger.
    #[cfg(feature = "host")]
    pub(crate) fn of(self, what: impl fmt::Display) -> Self {
        let message = self.message.strip_prefix("scmictl: ").unwrap_or(&self.message);
        Self::new(self.kind, format_args!("{what}: {message}"))
    }

    /// The same, with something that may help.
    pub(crate) fn hint(self, hint: impl fmt::Display) -> Self {
        match self.kind {
            Kind::ClosedPipe => self,
            _ => Self { message: format!("{} ({hint})", self.message), ..self },
        }
    }

    /// Says so on standard error, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let code = match self.kind {
            Kind::ClosedPipe => return ExitCode::SUCCESS,
            Kind::Platform => 1,
            Kind::Usage => 2,
            Kind::Connection => 3,
            Kind::File => 4,
        };
        // If nobody reads it, the exit code still says it.
        let _ = writeln!(io::stderr(), "{}", self.message);
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
