//! A driver and its machine.

use scmi::transport::{Channel, Received};

use super::machine::Handle;
use super::memory::Heap;
use super::mmio::MmioFake;
use super::script::ScriptBack;
use crate::driver::{Driver, MmioTransport, Options};

/// A driver over virtio-mmio with queues of at most 16 entries.
pub(crate) type TestDriver = Driver<MmioTransport<MmioFake>, Heap, Handle, 16, 16>;

/// A machine, its scripted device, and the driver's memory.
pub(crate) struct Bench {
    pub(crate) memory: Heap,
    pub(crate) machine: Handle,
    pub(crate) script: ScriptBack,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with_queues([256, 256])
    }

    pub(crate) fn with_queues(entries: [u16; 2]) -> Self {
        let memory = Heap::new(Options::DEFAULT.memory(16, 16));
        let script = ScriptBack::default();
        let machine = Handle::new(memory.clone(), entries, script.clone());
        Self { memory, machine, script }
    }

    pub(crate) fn transport(&self) -> MmioTransport<MmioFake> {
        MmioTransport::new(MmioFake::new(&self.machine)).expect("an SCMI device")
    }

    pub(crate) fn stopped(&self, options: Options) -> TestDriver {
        Driver::stopped(self.transport(), self.memory.clone(), self.machine.clone(), options)
    }

    pub(crate) fn driver(&self) -> TestDriver {
        self.driver_with(Options::DEFAULT)
    }

    pub(crate) fn driver_with(&self, options: Options) -> TestDriver {
        let mut driver = self.stopped(options);
        driver.start().expect("it starts");
        driver
    }

    pub(crate) fn run(&self) {
        self.machine.get_mut().run();
    }
}

/// The next message, if it has come.
pub(crate) fn next(driver: &mut impl Channel) -> Option<(Received, [u8; 136])> {
    let mut buffer = [0; 136];
    let received = driver.receive(&mut buffer)?;
    Some((received, buffer))
}
