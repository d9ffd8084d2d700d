//! When one life of a guest's driver ends and the next one begins.
//!
//! The vhost-user protocol does not say so: a VMM that pauses its guest and a guest that resets its device
//! look the same, a stopped ring. What differs is the next start. A guest that was paused goes on where its
//! ring stood; a new driver begins with an empty ring.

use super::ring::Mark;

/// The state of the driver's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// There is no driver, or it has not started its command queue.
    None,
    /// The command queue runs.
    Running {
        /// What the driver negotiated.
        features: u64,
    },
    /// The command queue was stopped.
    Paused {
        /// What the driver had negotiated.
        features: u64,
        /// Where the ring stood.
        mark: Mark,
    },
}

impl Life {
    /// The command queue stops.
    pub(super) fn pause(&mut self, mark: Mark) {
        if let Self::Running { features } = *self {
            *self = Self::Paused { features, mark };
        }
    }

    /// The command queue starts. Whether a new life begins with it.
    ///
    /// A ring of which nothing was taken yet may be an old one or a new one. It does not matter then: a
    /// driver that sent no command has no state here that could be lost.
    pub(super) fn start(&mut self, features: u64, mark: Mark) -> bool {
        let resumed = match *self {
            Self::Paused { features: old, mark: stood } => {
                old == features && stood == mark && !mark.is_fresh()
            }
            Self::None | Self::Running { .. } => false,
        };
        *self = Self::Running { features };
        !resumed
    }
}
