//! A guest that does what no driver would.

use std::path::Path;
use std::time::Instant;

use scmi_vhost::frontend::{Connection, Descriptor, Options, Ram, RawQueue};
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};

use crate::daemon::{PATIENCE, is_version, version_request};

pub(crate) const COMMANDS: usize = 0;
pub(crate) const EVENTS: usize = 1;

/// Two queues without checks, and some memory to point at.
pub(crate) struct RawGuest {
    pub(crate) connection: Connection,
    pub(crate) ram: Ram,
    pub(crate) queues: [RawQueue; 2],
    pub(crate) kicks: [EventFd; 2],
    pub(crate) calls: [EventFd; 2],
    /// A request lies here; what it is does not matter to those who only want memory.
    pub(crate) request: u64,
    /// Room for answers, [`RawGuest::ROOM`] bytes of 0xEE.
    pub(crate) room: u64,
    /// Room for indirect tables.
    pub(crate) tables: u64,
}

impl RawGuest {
    pub(crate) const ENTRIES: u16 = 16;
    pub(crate) const ROOM: u32 = 4096;
    const BYTES: u64 = 1 << 20;

    /// Connects and starts both queues.
    pub(crate) fn start(path: impl AsRef<Path>) -> Self {
        Self::start_with(path, &Options::default())
    }

    pub(crate) fn start_with(path: impl AsRef<Path>, options: &Options) -> Self {
        let connection = Connection::open(path, options).expect("connection");
        let mut ram = Ram::new(Self::BYTES).expect("ram");
        let queues = [(); 2].map(|()| RawQueue::new(&mut ram, Self::ENTRIES).expect("queue"));
        let request = ram.allocate(8192, 8).expect("ram");
        let room = ram.allocate(Self::ROOM.into(), 8).expect("ram");
        let tables = ram.allocate(4096, 16).expect("ram");
        let fd = || EventFd::new(EFD_NONBLOCK).expect("eventfd");
        let (kicks, calls) = ([fd(), fd()], [fd(), fd()]);
        let mut guest = Self { connection, ram, queues, kicks, calls, request, room, tables };
        guest.reset_memory();
        guest.connection.set_memory(&[&guest.ram]).expect("memory");
        guest.start_rings();
        guest
    }

    /// Starts the queues from where they are placed.
    pub(crate) fn start_rings(&mut self) {
        for index in [COMMANDS, EVENTS] {
            self.start_ring(index, 0);
        }
    }

    pub(crate) fn start_ring(&mut self, index: usize, base: u16) {
        let mut placement = self.queues[index].placement();
        placement.base = base;
        let (kick, call) = (&self.kicks[index], &self.calls[index]);
        self.connection.start_ring(index, &placement, &self.ram, kick, call).expect("ring");
    }

    /// Starts both queues with empty rings, as a guest does that rebooted. They must have been stopped.
    pub(crate) fn restart(&mut self) {
        for queue in &mut self.queues {
            queue.clear(&self.ram).expect("ram");
        }
        self.start_rings();
    }

    /// Puts a good request and marked room for answers in their places.
    pub(crate) fn reset_memory(&self) {
        self.ram.write(self.request, &version_request(0x155)).expect("ram");
        self.ram.write(self.room, &vec![0xEE; Self::ROOM as usize]).expect("ram");
    }

    pub(crate) fn readable(&self, len: u32) -> Descriptor {
        Descriptor { start: self.request, len, flags: Descriptor::NEXT, next: 1 }
    }

    pub(crate) fn writable(&self, len: u32) -> Descriptor {
        Descriptor { start: self.room, len, flags: Descriptor::WRITE, next: 0 }
    }

    /// Writes descriptors from the table's start on, and offers the first.
    pub(crate) fn offer(&mut self, queue: usize, descriptors: &[Descriptor]) {
        for (index, descriptor) in (0..).zip(descriptors) {
            self.queues[queue].describe(&self.ram, index, *descriptor).expect("ram");
        }
        self.queues[queue].offer(&self.ram, 0).expect("ram");
        self.kick(queue);
    }

    pub(crate) fn kick(&self, queue: usize) {
        self.kicks[queue].write(1).expect("kick");
    }

    /// Waits for the next used element.
    pub(crate) fn used(&mut self, queue: usize) -> (u32, u32) {
        let start = Instant::now();
        loop {
            if let Some(used) = self.queues[queue].pop(&self.ram).expect("ram") {
                return used;
            }
            assert!(start.elapsed() < PATIENCE, "the chain did not come back");
            std::thread::yield_now();
        }
    }

    /// Says that everything before an index was taken, by asking to be woken for what comes there.
    pub(crate) fn say_taken(&self, queue: usize, index: u16) {
        let at = self.queues[queue].placement().available + 4 + 2 * u64::from(Self::ENTRIES);
        self.ram.write(at, &index.to_le_bytes()).expect("ram");
    }

    /// What lies in the room for answers.
    pub(crate) fn answer(&self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.ram.read(self.room, &mut bytes).expect("ram");
        bytes
    }

    /// Whether nothing was written from `written` on.
    pub(crate) fn untouched_from(&self, written: usize) -> bool {
        self.answer(Self::ROOM as usize)[written..].iter().all(|byte| *byte == 0xEE)
    }

    /// Sends a good command and expects its answer.
    pub(crate) fn check(&mut self) {
        self.reset_memory();
        let (readable, writable) = (self.readable(4), self.writable(12));
        self.offer(COMMANDS, &[readable, writable]);
        assert_eq!(self.used(COMMANDS), (0, 12));
        assert!(is_version(&version_request(0x155), &self.answer(12)), "{:x?}", self.answer(12));
        assert!(self.untouched_from(12));
    }
}
