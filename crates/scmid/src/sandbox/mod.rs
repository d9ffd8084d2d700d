//! A process that gives up what it does not need, before the first byte of a guest is read.
//!
//! 1. [`Needs`]: which paths a daemon of this board needs, and what for.
//! 2. [`Sandbox::files`]: Landlock. It holds for the thread that asks and for all that it starts, so it comes before them, with the
//!    right to make sockets in the folders of the sockets.
//! 3. [`Sandbox::calls`]: seccomp, for all threads that there are by then: no more sockets are made from then on, and nothing but the
//!    system calls of the lists in `lists` is answered.
//! 4. [`Granted`]: which files may be read, for whoever wants others later.

mod calls;
mod files;
mod granted;
mod lists;
mod needs;

use core::fmt;

use thiserror::Error;

pub use granted::Granted;
pub use needs::Needs;

/// Whether a daemon limits itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SandboxMode {
    /// As far as the kernel can; what it cannot is a line in the log.
    #[default]
    On,
    /// It does, or it does not start.
    Required,
    /// It does not, which is a line in the log.
    Off,
}

impl fmt::Display for SandboxMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On => "on",
            Self::Required => "required",
            Self::Off => "off",
        })
    }
}

/// Why there is no sandbox where one is required.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The kernel has no Landlock, or it is not switched on.
    #[error("files cannot be limited: this kernel has no Landlock, or it is off (lsm=landlock)")]
    NoLandlock,
    /// Landlock fails.
    #[error("files cannot be limited by Landlock")]
    Files(#[source] Box<dyn core::error::Error + Send + Sync>),
    /// Seccomp fails, or is not there.
    #[error("system calls cannot be limited by seccomp")]
    Calls(#[source] Box<dyn core::error::Error + Send + Sync>),
}

/// A sandbox that is being closed, in two steps.
#[derive(Debug)]
pub struct Sandbox {
    mode: SandboxMode,
    needs: Needs,
    granted: Granted,
    /// What to say of the files when all is done.
    files: Option<String>,
}

impl Sandbox {
    /// Limits the files of this thread, and of all that it starts from now on, to what is needed.
    ///
    /// # Errors
    /// [`SandboxError`], only where a sandbox is required.
    pub fn files(mode: SandboxMode, needs: Needs) -> Result<Self, SandboxError> {
        if mode == SandboxMode::Off {
            tracing::warn!("the sandbox is off, as was asked for");
            return Ok(Self { mode, needs, granted: Granted::everything(), files: None });
        }
        match files::restrict(&needs) {
            Ok(words) => {
                let granted = Granted::of(&needs);
                Ok(Self { mode, needs, granted, files: Some(words) })
            }
            Err(error) if mode == SandboxMode::Required => Err(error),
            Err(error) => {
                said(&error);
                let granted = Granted::without_files(&needs);
                Ok(Self { mode, needs, granted, files: None })
            }
        }
    }

    /// What may be read.
    #[must_use]
    pub fn granted(&self) -> &Granted {
        &self.granted
    }

    /// Limits the system calls of all threads to those that are needed. Sockets listen by then.
    ///
    /// # Errors
    /// [`SandboxError`], only where a sandbox is required.
    pub fn calls(self) -> Result<Granted, SandboxError> {
        if self.mode == SandboxMode::Off {
            return Ok(self.granted);
        }
        match calls::restrict(&self.needs) {
            Ok(count) => {
                let files = self.files.as_deref().unwrap_or("no limit of files");
                tracing::info!("sandbox: {files}; {count} system calls");
            }
            Err(error) if self.mode == SandboxMode::Required => return Err(error),
            Err(error) => {
                said(&error);
                if let Some(files) = self.files {
                    tracing::info!("sandbox: {files}; no limit of system calls");
                }
            }
        }
        Ok(self.granted)
    }
}

/// Says in one line what is not limited, and why.
fn said(error: &SandboxError) {
    let source = core::error::Error::source(error).map(|source| format!(": {source}"));
    tracing::warn!("sandbox: {error}{}; going on without", source.unwrap_or_default());
}
