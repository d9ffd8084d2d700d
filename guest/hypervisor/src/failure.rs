//! Why there is no guest.

use core::fmt;

use dtoolkit::error::FdtParseError;
use scmi::platform::{BadDescription, BuildError};

use crate::layout::{KERNEL, OWN};
use crate::stage2::NotMapped;

/// Why there is no guest.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The image is too large.
    Image,
    /// There is no device tree where the machine said.
    NoTree(FdtParseError),
    /// The tree lacks something.
    Tree(&'static str),
    /// No kernel is where it should be.
    NoKernel,
    /// Something cannot be given to the guest.
    Stage2(NotMapped),
    /// A part of the board contradicts itself.
    Board(BadDescription),
    /// The board's parts do not fit together.
    Platform(BuildError),
    /// There is no area.
    Area,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image => write!(f, "the image ends beyond {:#x}, where its memory does", OWN.end),
            Self::NoTree(error) => write!(f, "no device tree: {error}"),
            Self::Tree(what) => write!(f, "the device tree has no {what}"),
            Self::NoKernel => write!(
                f,
                "no arm64 Image is at {KERNEL:#x}: start QEMU with \
                 -device loader,file=Image,addr={KERNEL:#x},force-raw=on"
            ),
            Self::Stage2(error) => error.fmt(f),
            Self::Board(error) => error.fmt(f),
            Self::Platform(error) => error.fmt(f),
            Self::Area => f.write_str("the area for messages is none"),
        }
    }
}

impl From<FdtParseError> for Failure {
    fn from(error: FdtParseError) -> Self {
        Self::NoTree(error)
    }
}

impl From<NotMapped> for Failure {
    fn from(error: NotMapped) -> Self {
        Self::Stage2(error)
    }
}

impl From<BadDescription> for Failure {
    fn from(error: BadDescription) -> Self {
        Self::Board(error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::Platform(error)
    }
}
