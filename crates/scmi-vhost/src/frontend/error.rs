//! What can go wrong before messages flow.

use core::time::Duration;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a device could not be had, or what it refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FrontendError {
    /// Nobody listens, or not for us.
    #[error("cannot connect to {}", path.display())]
    Connect {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system refuses memory, file descriptors or a thread.
    #[error("the system refuses what a guest needs")]
    System(#[from] io::Error),
    /// The device did not answer in time; it may be serving somebody else.
    #[error("the device did not answer within {patience:?}; it may be serving another VMM")]
    Silent {
        /// How long was waited.
        patience: Duration,
    },
    /// The vhost-user conversation failed.
    #[error("the device refused {step}")]
    Refused {
        /// What was asked.
        step: &'static str,
        /// Why.
        source: vhost::Error,
    },
    /// The device lacks what is needed.
    #[error("the device offers features {offered:#x} and lacks {missing:#x}")]
    Features {
        /// What it offers.
        offered: u64,
        /// What is not among it.
        missing: u64,
    },
    /// The options do not fit together.
    #[error("{0}")]
    Options(&'static str),
}
