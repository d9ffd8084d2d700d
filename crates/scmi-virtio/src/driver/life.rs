//! Where a device is between reset and reset, and the way there.

use core::time::Duration;

use scmi::Time;

use super::channel::Driver;
use super::clock::Clock;
use super::counters::{add, count};
use super::error::{StartError, Trouble};
use super::memory::{Dma, Shared, is_aligned};
use super::options::{COMMAND_PARTS, Options, largest_power};
use super::queue::{Entry, Layout, Queue};
use super::queues::{EventBuffers, Queues};
use super::slots::Slots;
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

/// What was settled with the device.
#[derive(Clone, Copy, Debug)]
struct Agreement {
    indirect: bool,
    event_idx: bool,
    p2a: bool,
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
        self.queues = None;
        self.life = Life::Failed;
        let agreement = self.agree()?;
        let queues = self.lay_out(agreement)?;
        self.queues = Some(queues);
        self.introduce()?;
        let status = self.transport.status();
        self.transport.set_status(status.with(Status::DRIVER_OK));
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
        let (Some(queues), Some(memory)) = (&mut self.queues, &mut self.memory) else { return };
        add(&mut self.counters.abandoned, queues.commands.in_flight());
        queues.remember_used(&Shared::new(memory));
    }

    /// Counts what the device gave back after its reset.
    pub(super) fn count_late(&mut self) {
        let (Some(queues), Some(memory)) = (&mut self.queues, &mut self.memory) else { return };
        add(&mut self.counters.late, queues.late(&Shared::new(memory)));
    }

    /// Negotiates features, up to FEATURES_OK.
    fn agree(&mut self) -> Result<Agreement, StartError> {
        self.transport.set_status(Status::ACKNOWLEDGE);
        let status = Status::ACKNOWLEDGE.with(Status::DRIVER);
        self.transport.set_status(status);
        let offered = self.transport.device_features();
        if offered & VERSION_1 == 0 || offered == u64::MAX {
            return self.fail(StartError::Legacy { offered });
        }
        let Options { p2a, indirect, event_idx, .. } = self.options;
        let wanted = [(P2A_CHANNELS, p2a), (INDIRECT, indirect), (EVENT_IDX, event_idx)];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted);
        let wanted = wanted.fold(VERSION_1 | ACCESS_PLATFORM, |all, (bit, _)| all | bit);
        let accepted = offered & wanted;
        self.transport.set_driver_features(accepted);
        self.transport.set_status(status.with(Status::FEATURES_OK));
        if !self.transport.status().has(Status::FEATURES_OK) {
            return self.fail(StartError::Features { offered, accepted });
        }
        let has = |bit| accepted & bit != 0;
        Ok(Agreement { indirect: has(INDIRECT), event_idx: has(EVENT_IDX), p2a: has(P2A_CHANNELS) })
    }

    /// Lays the queues and the messages out in shared memory, and fills the event queue.
    fn lay_out(&mut self, agreement: Agreement) -> Result<Queues<COMMANDS, EVENTS>, StartError> {
        let size = self.size(COMMAND_QUEUE, COMMANDS);
        let at_once =
            if agreement.indirect { size } else { size.checked_div(COMMAND_PARTS).unwrap_or(0) };
        if at_once == 0 {
            return self.fail(StartError::Queue { index: COMMAND_QUEUE, entries: size });
        }
        let events_size = if agreement.p2a { self.size(EVENT_QUEUE, EVENTS) } else { 0 };
        if agreement.p2a && events_size == 0 {
            return self.fail(StartError::Queue { index: EVENT_QUEUE, entries: 0 });
        }
        let needed = self.options.memory(size, events_size);
        let parts = if agreement.indirect { COMMAND_PARTS } else { 0 };
        let queues = self.try_lay_out(agreement, [size, events_size], parts, at_once);
        match queues {
            Some(queues) => Ok(queues),
            None => {
                let len = self.aligned_memory();
                self.fail(StartError::Memory { needed, len })
            }
        }
    }

    fn try_lay_out(
        &mut self,
        agreement: Agreement,
        [size, events_size]: [u16; 2],
        parts: u16,
        at_once: u16,
    ) -> Option<Queues<COMMANDS, EVENTS>> {
        let max_message = usize::from(self.options.max_message);
        let stride = self.options.stride();
        let memory = self.memory.as_mut()?;
        if !is_aligned(memory.pointer(), memory.device_address()) {
            return None;
        }
        let shared = Shared::new(memory);
        let event_idx = agreement.event_idx;
        let layout = Layout::new(size, parts, 0)?;
        let commands = Queue::new(&shared, [Entry::NEW; COMMANDS], layout, event_idx)?;
        let start = layout.end();
        let slots = Slots::new(start, stride, at_once);
        let messages = usize::from(at_once).checked_mul(2)?.checked_mul(stride)?;
        let end = start.checked_add(messages)?;
        shared.device_address(start, messages)?;
        let events = if agreement.p2a {
            let layout = Layout::new(events_size, 0, end)?;
            let queue = Queue::new(&shared, [Entry::NEW; EVENTS], layout, event_idx)?;
            Some(EventBuffers::new(&shared, queue, layout.end(), stride, max_message, events_size)?)
        } else {
            None
        };
        Some(Queues::new(commands, slots, events))
    }

    /// Bytes of shared memory, if they are aligned.
    fn aligned_memory(&self) -> usize {
        self.memory.as_ref().map_or(0, |memory| {
            if is_aligned(memory.pointer(), memory.device_address()) { memory.len() } else { 0 }
        })
    }

    /// Entries for a queue: what the device can take and there is a record for.
    fn size(&mut self, index: u16, most: usize) -> u16 {
        let device = self.transport.queue_size(index);
        largest_power(device.min(u16::try_from(most).unwrap_or(u16::MAX)))
    }

    /// Tells the device where its queues are.
    fn introduce(&mut self) -> Result<(), StartError> {
        let (Some(queues), Some(memory)) = (&self.queues, &mut self.memory) else { return Ok(()) };
        let shared = Shared::new(memory);
        let commands = queues.commands.rings(&shared);
        let events = queues.events.as_ref().map(|events| events.queue.rings(&shared));
        for (index, rings) in [(COMMAND_QUEUE, Some(commands)), (EVENT_QUEUE, events)] {
            let Some(rings) = rings else { continue };
            if !rings.is_some_and(|rings| self.transport.start_queue(index, &rings)) {
                return self.fail(StartError::QueueRefused { index });
            }
        }
        Ok(())
    }

    /// Gives the device up, as virtio wants it told.
    fn fail<R>(&mut self, error: StartError) -> Result<R, StartError> {
        let status = self.transport.status();
        self.transport.set_status(status.with(Status::FAILED));
        Err(error)
    }

    /// Asks the device how it is. Called after an interrupt for its configuration, and by
    /// [`wait`](scmi::transport::Channel::wait) when nothing came; harmless at any time.
    ///
    /// # Errors
    /// What is wrong with it, now or since earlier. `Ok` says nothing of a device that is not to run.
    pub fn check(&mut self) -> Result<(), Trouble> {
        match self.life {
            Life::Running => {}
            Life::Broken(trouble) => return Err(trouble),
            Life::Stopped | Life::Failed | Life::Unreset => return Ok(()),
        }
        let status = self.transport.status();
        let trouble = if status == Status::GONE || !status.has(Status::DRIVER_OK) {
            Trouble::Lost(status)
        } else if status.has(Status::NEEDS_RESET) {
            Trouble::NeedsReset
        } else {
            return Ok(());
        };
        self.get_into(trouble);
        Err(trouble)
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
