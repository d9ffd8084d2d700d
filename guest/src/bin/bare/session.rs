//! A device from its start to its end.

use scmi::agent::{Client, Timeouts};
use scmi_guest::{Interrupts, Line, ScmiNode, Waiter, dma, println};
use scmi_virtio::driver::{Driver, Options, Region, Transport};

use crate::board;
use crate::failure::Failure;

/// Entries of each queue.
const ENTRIES: u16 = 64;

/// Bytes of a message that a [`Client`] has room for, as it is if one says nothing.
const MOST_BYTES: u32 = 136;

/// What all devices are used with.
pub(crate) struct Session {
    interrupts: Interrupts,
    options: Options,
    timeouts: Timeouts,
    devices: u32,
}

type Device<'s, T> = Driver<T, Region, Waiter<'s>, { ENTRIES as usize }, { ENTRIES as usize }>;

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

    /// How many devices were used.
    pub(crate) const fn devices(&self) -> u32 {
        self.devices
    }

    /// Starts a device, uses what is behind it, and resets it.
    pub(crate) fn run(&mut self, transport: impl Transport, line: Line) -> Result<(), Failure> {
        self.devices = self.devices.saturating_add(1);
        let before = self.interrupts.taken();
        let memory = dma::take(self.options.memory(ENTRIES, ENTRIES)).ok_or(Failure::Memory)?;
        let waiter = self.interrupts.waiter(line);
        let driver = Device::new(transport, memory, waiter, self.options);
        let mut driver = driver.map_err(Failure::Start)?;
        let mut client = Client::new(&mut driver);
        client.set_timeouts(self.timeouts);
        board::list(&mut client)?;
        board::set_a_clock(&mut client)?;
        board::watch_a_sensor(&mut client)?;
        println!("counted: {:?}", driver.counters());
        drop(driver);
        let after = self.interrupts.taken();
        println!(
            "interrupts: {} of the device, {} of the timer, {} others",
            after.device.wrapping_sub(before.device),
            after.timer.wrapping_sub(before.timer),
            after.other.wrapping_sub(before.other),
        );
        Ok(())
    }
}
