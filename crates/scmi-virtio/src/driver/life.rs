//! Where a device is between reset and reset, and the way there.

use core::time::Duration;

use scmi::Time;

use super::channel::Driver;
use super::clock::Clock;
use super::counters::{add, count};
use super::error::{StartError, Trouble};
use super::memory::{Dma, Shared, is_aligned};
use super::options::{COMMAND_PARTS, Options, largest_power};
use super::queue::Layout;
use super::transport::{Status, Transport};
use crate::ids::{COMMAND_QUEUE, EVENT_QUEUE, P2A_CHANNELS};

/// VIRTIO_F_INDIRECT_DESC.
const INDIRECT: u64 = 1 << 28;
/// VIRTIO_F_EVENT_IDX.
const EVENT_IDX: u64 = 1 << 29;
/// VIRTIO_F_VERSION_1.
const VERSION_1: u64 = 1 << 32;
/// VIRTIO_F_ACCESS_PLATFORM: addresses are what [`Dma::device_address`] says, which they are in any case.
const ACCESS_PLATFORM: u64 = 1 << 33;

/// Where a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It was reset, or never started: all memory is the driver's.
    Stopped,
    /// It could not be started, and will be reset before anything else.
    Failed,
    /// It runs.
    Running,
    /// It ran, and is of no use until it is started again. Its memory is still its own.
    Broken(Trouble),
    /// It did not say that it was reset. Its memory is still its own.
    Unreset,
}

impl Life {
    /// Whether it runs. By hand, since a comparison of whole lives is more code than all its callers.
    pub(super) const fn runs(self) -> bool {
        matches!(self, Self::Running)
    }
}

/// How many commands fit into a queue at once.
const fn at_once(features: u64, entries: u16) -> u16 {
    // COMMAND_PARTS of them make a command.
    if features & INDIRECT != 0 { entries } else { entries >> 1 }
}

impl<T, M, C, const COMMANDS: usize, const EVENTS: usize> Driver<T, M, C, COMMANDS, EVENTS>
where
    T: Transport,
    M: Dma,
    C: Clock,
{
    /// Resets the device and starts it with fresh queues: the first time, after a suspend, after trouble, or just so.
    /// Commands that were with it are abandoned: their answers never come, and whoever waits for them
    /// is to be told.
    ///
    /// # Errors
    /// [`StartError`]. The device does not run then; it can be tried again.
    pub fn start(&mut self) -> Result<(), StartError> {
        self.stop()?;
        self.count_late();
        self.queues.end();
        self.life = Life::Failed;
        let begun = self.begin();
        // The device is given up, or goes: as virtio wants it told.
        let how = if begun.is_ok() { Status::DRIVER_OK } else { Status::FAILED };
        let status = self.transport.status();
        self.transport.set_status(status.with(how));
        begun?;
        self.life = Life::Running;
        count(&mut self.counters.starts);
        self.kick(EVENT_QUEUE);
        self.check().map_err(StartError::Trouble)
    }

    /// Stops the device, before a suspend for instance: resets it, and takes all memory back. Commands that
    /// were with it are abandoned. [`start`](Self::start) goes on.
    ///
    /// # Errors
    /// [`StartError::Reset`]: the device does not say that it was reset. The memory is its own until it does.
    pub fn stop(&mut self) -> Result<(), StartError> {
        self.transport.set_status(Status::RESET);
        let deadline = self.clock.now().after(self.options.reset_patience);
        loop {
            let status = self.transport.status();
            if status == Status::RESET {
                break;
            }
            if self.clock.now() >= deadline {
                self.life = Life::Unreset;
                return Err(StartError::Reset { status });
            }
            core::hint::spin_loop();
        }
        if !matches!(self.life, Life::Stopped) {
            self.reclaim();
        }
        self.life = Life::Stopped;
        Ok(())
    }

    /// The device was reset: nothing is with it any more, whatever it did not give back.
    fn reclaim(&mut self) {
        let Some(memory) = &mut self.memory else { return };
        add(&mut self.counters.abandoned, self.queues.commands.in_flight());
        self.queues.remember_used(&Shared::new(memory));
    }

    /// Counts what the device gave back after its reset.
    pub(super) fn count_late(&mut self) {
        let Some(memory) = &mut self.memory else { return };
        add(&mut self.counters.late, self.queues.late(&Shared::new(memory)));
    }

    /// Agrees on features and lays the queues out, up to the moment before the device runs.
    fn begin(&mut self) -> Result<(), StartError> {
        let features = self.agree()?;
        let sizes = self.sizes(features)?;
        self.lay_out(features, sizes)?;
        self.introduce()
    }

    /// Negotiates features, up to FEATURES_OK; those that hold.
    fn agree(&mut self) -> Result<u64, StartError> {
        self.transport.set_status(Status::ACKNOWLEDGE);
        let status = Status::ACKNOWLEDGE.with(Status::DRIVER);
        self.transport.set_status(status);
        let offered = self.transport.device_features();
        if offered & VERSION_1 == 0 || offered == u64::MAX {
            return Err(StartError::Legacy { offered });
        }
        let Options { p2a, indirect, event_idx, .. } = self.options;
        let unwanted = if p2a { 0 } else { P2A_CHANNELS }
            | if indirect { 0 } else { INDIRECT }
            | if event_idx { 0 } else { EVENT_IDX };
        let known = VERSION_1 | ACCESS_PLATFORM | P2A_CHANNELS | INDIRECT | EVENT_IDX;
        let accepted = offered & known & !unwanted;
        self.transport.set_driver_features(accepted);
        self.transport.set_status(status.with(Status::FEATURES_OK));
        if !self.transport.status().has(Status::FEATURES_OK) {
            return Err(StartError::Features { offered, accepted });
        }
        Ok(accepted)
    }

    /// Entries of the command queue, and of the event queue if there is one.
    fn sizes(&mut self, features: u64) -> Result<[u16; 2], StartError> {
        let commands = self.size(COMMAND_QUEUE, COMMANDS);
        if at_once(features, commands) == 0 {
            return Err(StartError::Queue { index: COMMAND_QUEUE, entries: commands });
        }
        if features & P2A_CHANNELS == 0 {
            return Ok([commands, 0]);
        }
        match self.size(EVENT_QUEUE, EVENTS) {
            0 => Err(StartError::Queue { index: EVENT_QUEUE, entries: 0 }),
            events => Ok([commands, events]),
        }
    }

    /// Lays the queues and the messages out in shared memory, and fills the event queue.
    fn lay_out(&mut self, features: u64, [commands, events]: [u16; 2]) -> Result<(), StartError> {
        let max_message = usize::from(self.options.max_message);
        let stride = self.options.stride();
        let Some(memory) = &mut self.memory else { return Ok(()) };
        let aligned = is_aligned(memory.pointer(), memory.device_address());
        let shared = Shared::new(memory);
        let len = if aligned { shared.len() } else { 0 };
        let parts = if features & INDIRECT != 0 { COMMAND_PARTS } else { 0 };
        // Numbers of 16 bits each, and multiples of the alignment: no sum wraps where there is as much memory.
        let start = Layout::bytes(commands, parts);
        let messages = usize::from(commands).saturating_mul(2).saturating_mul(stride);
        let behind = start.saturating_add(messages);
        let mut needed = behind;
        if events > 0 {
            let buffers = usize::from(events).saturating_mul(stride);
            needed = needed.saturating_add(Layout::bytes(events, 0)).saturating_add(buffers);
        }
        let error = StartError::Memory { needed, len };
        if needed > len {
            return Err(error);
        }
        let event_idx = features & EVENT_IDX != 0;
        let queues = &mut self.queues;
        queues.slots.begin(start, stride, at_once(features, commands));
        queues.commands.lay([commands, parts], 0);
        queues.commands.begin(&shared, event_idx).ok_or(error)?;
        if events > 0 {
            queues.events.queue.lay([events, 0], behind);
            queues.events.begin(&shared, event_idx, [stride, max_message]).ok_or(error)?;
        }
        Ok(())
    }

    /// Entries for a queue: what the device can take and there is a record for.
    fn size(&mut self, index: u16, most: usize) -> u16 {
        let device = self.transport.queue_size(index);
        largest_power(device.min(u16::try_from(most).unwrap_or(u16::MAX)))
    }

    /// Tells the device where its queues are.
    fn introduce(&mut self) -> Result<(), StartError> {
        let Some(memory) = &mut self.memory else { return Ok(()) };
        let shared = Shared::new(memory);
        for index in [COMMAND_QUEUE, EVENT_QUEUE] {
            let commands = index == COMMAND_QUEUE;
            let queues = &self.queues;
            let layout =
                if commands { queues.commands.layout() } else { queues.events.queue.layout() };
            if layout.is_none() {
                continue;
            }
            let rings = layout.rings(&shared);
            if !rings.is_some_and(|rings| self.transport.start_queue(index, &rings)) {
                return Err(StartError::QueueRefused { index });
            }
        }
        Ok(())
    }

    /// Asks the device how it is. Called after an interrupt for its configuration, and by
    /// [`wait`](scmi::transport::Channel::wait) when nothing came; harmless at any time.
    ///
    /// # Errors
    /// What is wrong with it, now or since earlier. `Ok` says nothing of a device that is not to run.
    pub fn check(&mut self) -> Result<(), Trouble> {
        self.look();
        match self.life {
            Life::Broken(trouble) => Err(trouble),
            _ => Ok(()),
        }
    }

    /// As [`Self::check`]; what is wrong is remembered, and the channel closed from then on.
    // There once: firmware is small.
    #[inline(never)]
    pub(super) fn look(&mut self) {
        if !self.life.runs() {
            return;
        }
        let status = self.transport.status();
        if status == Status::GONE || !status.has(Status::DRIVER_OK) {
            self.get_into(Trouble::Lost(status));
        } else if status.has(Status::NEEDS_RESET) {
            self.get_into(Trouble::NeedsReset);
        }
    }

    /// From here on the device is of no use.
    pub(super) fn get_into(&mut self, trouble: Trouble) {
        if self.life.runs() {
            self.life = Life::Broken(trouble);
            count(&mut self.counters.troubles);
        }
    }

    /// How long a wait lasts at most when there is no device to wait for.
    pub(super) fn until_without_device(&self, until: Time) -> Time {
        until.min(self.clock.now().after(Duration::from_millis(10)))
    }
}
