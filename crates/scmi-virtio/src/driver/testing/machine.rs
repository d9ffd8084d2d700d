//! A machine with one virtio device, over virtual time: what registers do, and when the device gets its turn.

use core::cell::{Ref, RefCell, RefMut};
use core::fmt;
use core::time::Duration;
use std::boxed::Box;
use std::rc::Rc;
use std::vec::Vec;

use scmi::Time;

use super::memory::Heap;
use super::ring::Ring;
use crate::driver::queue::Rings;
use crate::driver::{Clock, Status};

/// VIRTIO_F_EVENT_IDX.
pub(crate) const EVENT_IDX: u64 = 1 << 29;
/// VIRTIO_F_INDIRECT_DESC.
pub(crate) const INDIRECT: u64 = 1 << 28;
/// VIRTIO_F_VERSION_1.
pub(crate) const VERSION_1: u64 = 1 << 32;

/// What a device does with its rings when it has its turn.
pub(crate) trait Back {
    fn run(&mut self, now: Time, commands: &mut Ring, events: Option<&mut Ring>);

    /// When it wants a turn without being kicked.
    fn next_deadline(&self) -> Option<Time> {
        None
    }

    /// The device was reset.
    fn reset(&mut self, now: Time) {
        let _ = now;
    }
}

/// A queue's registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueRegisters {
    pub(crate) most: u16,
    pub(crate) rings: Rings,
    pub(crate) ready: bool,
    pub(crate) vector: u16,
}

impl QueueRegisters {
    const fn new(most: u16) -> Self {
        let rings = Rings { size: 0, descriptors: 0, available: 0, used: 0 };
        Self { most, rings, ready: false, vector: 0xFFFF }
    }
}

pub(crate) struct Machine {
    pub(crate) memory: Heap,
    pub(crate) now: Time,
    pub(crate) offered: u64,
    pub(crate) accepted: u64,
    /// Bits that FEATURES_OK is refused for.
    pub(crate) disliked: u64,
    pub(crate) status: Status,
    /// Every status that was set.
    pub(crate) statuses: Vec<Status>,
    /// The device does not say that it was reset.
    pub(crate) stubborn: bool,
    /// Nothing answers any more.
    pub(crate) gone: bool,
    pub(crate) selected: u16,
    pub(crate) feature_selects: [u32; 2],
    pub(crate) queues: [QueueRegisters; 2],
    pub(crate) rings: [Option<Ring>; 2],
    pub(crate) interrupts: u8,
    /// The configuration's MSI-X vector.
    pub(crate) vector: u16,
    pub(crate) notified: Vec<u16>,
    /// Interrupts that were raised.
    pub(crate) raised: usize,
    pub(crate) back: Box<dyn Back>,
}

/// A handle to a machine: registers and the clock have one each.
#[derive(Clone)]
pub(crate) struct Handle(Rc<RefCell<Machine>>);

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    /// A device that offers everything and has queues of so many entries.
    pub(crate) fn new(memory: Heap, entries: [u16; 2], back: impl Back + 'static) -> Self {
        Self(Rc::new(RefCell::new(Machine {
            memory,
            now: Time::ZERO,
            offered: 0b11 | INDIRECT | EVENT_IDX | VERSION_1 | 1 << 33 | 1 << 36 | 1 << 40,
            accepted: 0,
            disliked: 0,
            status: Status(0),
            statuses: Vec::new(),
            stubborn: false,
            gone: false,
            selected: 0,
            feature_selects: [0; 2],
            queues: entries.map(QueueRegisters::new),
            rings: [None, None],
            interrupts: 0,
            vector: 0xFFFF,
            notified: Vec::new(),
            raised: 0,
            back: Box::new(back),
        })))
    }

    pub(crate) fn get(&self) -> Ref<'_, Machine> {
        self.0.borrow()
    }

    pub(crate) fn get_mut(&self) -> RefMut<'_, Machine> {
        self.0.borrow_mut()
    }
}

impl Machine {
    pub(crate) fn set_status(&mut self, status: Status) {
        self.statuses.push(status);
        if self.stubborn && status == Status::RESET {
            return;
        }
        self.status = status;
        if status == Status::RESET {
            self.back.reset(self.now);
            self.rings = [None, None];
            self.interrupts = 0;
            self.accepted = 0;
            for queue in &mut self.queues {
                *queue = QueueRegisters::new(queue.most);
            }
            return;
        }
        assert_eq!(self.accepted & !self.offered, 0, "a feature was accepted that is not offered");
        if status.has(Status::FEATURES_OK) && self.accepted & self.disliked != 0 {
            self.status = Status(status.0 & !Status::FEATURES_OK.0);
        }
    }

    pub(crate) fn set_ready(&mut self, index: u16) {
        assert!(self.status.has(Status::FEATURES_OK), "a queue before FEATURES_OK");
        assert!(!self.status.has(Status::DRIVER_OK), "a queue after DRIVER_OK");
        let queue = &mut self.queues[usize::from(index)];
        assert!(queue.rings.size <= queue.most && queue.rings.size.is_power_of_two());
        queue.ready = true;
        let event_idx = self.accepted & EVENT_IDX != 0;
        let ring = Ring::new(self.memory.clone(), queue.rings, event_idx);
        self.rings[usize::from(index)] = Some(ring);
    }

    pub(crate) fn notify(&mut self, index: u16) {
        assert!(self.status.has(Status::DRIVER_OK), "a kick before DRIVER_OK");
        self.notified.push(index);
    }

    /// The device's turn.
    pub(crate) fn run(&mut self) {
        let (true, false) = (self.status.has(Status::DRIVER_OK), self.gone) else { return };
        let [Some(commands), events] = &mut self.rings else { return };
        let before = [commands.used, events.as_ref().map_or(0, |ring| ring.used)];
        self.back.run(self.now, commands, events.as_mut());
        for (ring, before) in [Some(&*commands), events.as_ref()].into_iter().zip(before) {
            let Some(ring) = ring else { continue };
            ring.ask_for_kick(true);
            if ring.used != before && ring.wants_call(before) {
                self.interrupts |= 1;
                self.raised += 1;
            }
        }
    }

    /// The device says that something about it changed.
    pub(crate) fn trouble(&mut self, status: Status) {
        self.status = self.status.with(status);
        self.interrupts |= 2;
        self.raised += 1;
    }
}

/// Time as the machine has it. Every look at it takes a microsecond, in which the device may work; sleep goes on to
/// whatever comes next.
impl Clock for Handle {
    fn now(&self) -> Time {
        let mut machine = self.get_mut();
        machine.now = machine.now.after(Duration::from_micros(1));
        machine.run();
        machine.now
    }

    fn sleep(&mut self, until: Time) {
        let mut machine = self.get_mut();
        machine.run();
        while machine.interrupts == 0 && machine.now < until {
            let next = machine.back.next_deadline().unwrap_or(until).min(until);
            machine.now = next.max(machine.now.after(Duration::from_micros(1)));
            machine.run();
        }
    }
}
