//! Why it ended early.

use core::error::Error as _;
use core::fmt;

use scmi::agent::CallError;
use scmi_virtio::driver::{ProbeError, StartError};

use crate::pci::PciError;

/// Why it ended early.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// No interrupt controller or timer of a known kind.
    NoInterrupts,
    /// Registers that are where none can be.
    Unmapped(u64),
    /// A function without an interrupt.
    NoLine,
    /// A function without a place.
    Pci(PciError),
    /// A device that is not what it should be.
    Probe(ProbeError),
    /// No memory is left for a device.
    Memory,
    /// A device that does not start.
    Start(StartError),
    /// What was asked, and why there is no answer.
    Call(&'static str, CallError),
}

impl Failure {
    /// Says what was asked.
    pub fn asking(what: &'static str) -> impl FnOnce(CallError) -> Self {
        move |error| Self::Call(what, error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterrupts => f.write_str("no interrupt controller or timer that is known"),
            Self::Unmapped(address) => write!(f, "no registers can be at {address:#x}"),
            Self::NoLine => f.write_str("the function has no interrupt"),
            Self::Pci(error) => error.fmt(f),
            Self::Probe(error) => error.fmt(f),
            Self::Memory => f.write_str("no memory is left for the device"),
            Self::Start(error) => error.fmt(f),
            Self::Call(what, error) => {
                write!(f, "{what}: {error}")?;
                error.source().map_or(Ok(()), |source| write!(f, ": {source}"))
            }
        }
    }
}
