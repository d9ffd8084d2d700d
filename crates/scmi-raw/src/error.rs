//! Why there is no way through raw mode, or no longer.

use std::io;
use std::path::PathBuf;

/// Why there is no way through raw mode, or no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RawError {
    /// There is no such directory.
    #[error(
        "there is no {}; debugfs is not mounted there, or this machine has no SCMI platform with that number",
        .path.display()
    )]
    NoInstance {
        /// The directory.
        path: PathBuf,
    },
    /// The kernel has the instance, but not its raw mode.
    #[error(
        "there is no {}; this kernel has no SCMI raw mode (CONFIG_ARM_SCMI_RAW_MODE_SUPPORT)",
        .path.display()
    )]
    NoRawMode {
        /// The file that is missing.
        path: PathBuf,
    },
    /// Raw mode is there, but not for us.
    #[error("{} may not be used; debugfs is for root", .path.display())]
    NoPermission {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be opened or locked.
    #[error("cannot open {}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The kernel took a command or gave an answer no longer.
    #[error("cannot {what} {file}")]
    Lost {
        /// What was tried.
        what: &'static str,
        /// The file of raw mode.
        file: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process reads the notifications.
    #[error("another process reads the notifications of raw mode; there is one queue for all")]
    Watched,
}
