//! virtio-mmio.

use super::Bench;
use crate::driver::testing::MmioFake;
use crate::driver::{MmioTransport, ProbeError, Transport};

#[test]
fn what_is_no_scmi_device_is_named() {
    let bench = Bench::new();
    let good = || MmioFake::new(&bench.machine);
    let probe = |fake| MmioTransport::new(fake).expect_err("not an SCMI device");
    assert_eq!(probe(MmioFake { magic: 0, ..good() }), ProbeError::Magic(0));
    assert_eq!(probe(MmioFake { magic: u32::MAX, ..good() }), ProbeError::Magic(u32::MAX));
    assert_eq!(probe(MmioFake { version: 1, ..good() }), ProbeError::Version(1));
    assert_eq!(probe(MmioFake { version: 3, ..good() }), ProbeError::Version(3));
    assert_eq!(probe(MmioFake { device: 0, version: 1, ..good() }), ProbeError::Device(0));
    assert_eq!(probe(MmioFake { device: 2, ..good() }), ProbeError::Device(2));
    assert!(bench.machine.get().statuses.is_empty(), "nothing was touched");
    MmioTransport::new(good()).expect("the real one");
}

#[test]
fn interrupts_are_acknowledged_as_they_were_read() {
    let bench = Bench::new();
    let mut transport = bench.transport();
    assert_eq!(transport.take_interrupts().0, 0);
    bench.machine.get_mut().interrupts = 0b11;
    let interrupts = transport.take_interrupts();
    assert!(interrupts.queue() && interrupts.configuration());
    assert_eq!(bench.machine.get().interrupts, 0);
}

#[test]
fn a_queue_that_is_in_use_is_not_taken() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let rings = bench.machine.get().queues[0].rings;
    assert!(!driver.transport().start_queue(0, &rings));
    assert_eq!(driver.transport().queue_size(2), 0, "there is no third");
}
