//! What all devices of a machine are used with.

use scmi::agent::Timeouts;
use scmi_virtio::driver::{Driver, Options, Region, Transport};

use crate::dma;
use crate::failure::Failure;
use crate::interrupts::{Interrupts, Taken, Waiter};
use crate::tree::{Line, ScmiNode};

/// Entries of each queue.
const ENTRIES: u16 = 64;

/// Bytes of a message that an agent has room for, as it is if one says nothing.
const MOST_BYTES: u32 = 136;

/// A device that runs. It is reset when it is dropped.
pub type Device<'s, T> = Driver<T, Region, Waiter<'s>, { ENTRIES as usize }, { ENTRIES as usize }>;

/// What all devices of a machine are used with.
#[derive(Debug)]
pub struct Session {
    interrupts: Interrupts,
    options: Options,
    timeouts: Timeouts,
    devices: u32,
}

impl Session {
    /// Devices are to be as the tree says.
    pub(crate) fn new(node: Option<ScmiNode>, interrupts: Interrupts) -> Self {
        let (mut options, mut timeouts) = (Options::DEFAULT, Timeouts::default());
        if let Some(bytes) = node.and_then(|node| node.max_message) {
            // The tree counts what follows the header and the status.
            let bytes = bytes.saturating_add(8).min(MOST_BYTES);
            options.max_message = u16::try_from(bytes).unwrap_or(options.max_message);
        }
        if let Some(timeout) = node.and_then(|node| node.timeout) {
            timeouts.response = timeout;
        }
        Self { interrupts, options, timeouts, devices: 0 }
    }

    /// How long answers are waited for.
    pub const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// How many devices were started.
    pub(crate) const fn devices(&self) -> u32 {
        self.devices
    }

    /// What interrupts came.
    pub(crate) const fn taken(&self) -> Taken {
        self.interrupts.taken()
    }

    /// Starts a device.
    ///
    /// # Errors
    /// [`Failure::Memory`] and [`Failure::Start`].
    pub fn start<T: Transport>(
        &mut self,
        transport: T,
        line: Line,
    ) -> Result<Device<'_, T>, Failure> {
        self.devices = self.devices.saturating_add(1);
        let memory = dma::take(self.options.memory(ENTRIES, ENTRIES)).ok_or(Failure::Memory)?;
        let waiter = self.interrupts.waiter(line);
        Device::new(transport, memory, waiter, self.options).map_err(Failure::Start)
    }
}
