//! The driver against machines over virtual time.

mod hostile;
mod life;
mod messages;
mod mmio;
mod pci;
#[cfg(feature = "device")]
mod platform;

use scmi::transport::{Channel, Received};

use super::testing::{Handle, Heap, MmioFake, ScriptBack};
use super::{Driver, MmioTransport, Options};

/// A driver over virtio-mmio with queues of at most 16 entries.
type TestDriver = Driver<MmioTransport<MmioFake>, Heap, Handle, 16, 16>;

/// A machine, its scripted device, and the driver's memory.
struct Bench {
    memory: Heap,
    machine: Handle,
    script: ScriptBack,
}

impl Bench {
    fn new() -> Self {
        Self::with_queues([256, 256])
    }

    fn with_queues(entries: [u16; 2]) -> Self {
        let memory = Heap::new(Options::DEFAULT.memory(16, 16));
        let script = ScriptBack::default();
        let machine = Handle::new(memory.clone(), entries, script.clone());
        Self { memory, machine, script }
    }

    fn transport(&self) -> MmioTransport<MmioFake> {
        MmioTransport::new(MmioFake::new(&self.machine)).expect("an SCMI device")
    }

    fn stopped(&self, options: Options) -> TestDriver {
        Driver::stopped(self.transport(), self.memory.clone(), self.machine.clone(), options)
    }

    fn driver(&self) -> TestDriver {
        self.driver_with(Options::DEFAULT)
    }

    fn driver_with(&self, options: Options) -> TestDriver {
        let mut driver = self.stopped(options);
        driver.start().expect("it starts");
        driver
    }

    fn run(&self) {
        self.machine.get_mut().run();
    }
}

/// The next message, if it has come.
fn next(driver: &mut impl Channel) -> Option<(Received, [u8; 136])> {
    let mut buffer = [0; 136];
    let received = driver.receive(&mut buffer)?;
    Some((received, buffer))
}
