//! virtio over PCI.

use proptest::prelude::*;
use scmi::transport::{Channel, Received};

use super::{Bench, next};
use crate::driver::testing::{BarFake, ConfigurationFake, Handle, Heap, WINDOWS};
use crate::driver::{
    Bar, Driver, Options, PciFunction, PciTransport, ProbeError, Registers, StartError, Transport,
    Trouble, Vectors, Window,
};

/// Where the tests put BAR 4.
const PLACE: u64 = 0x80_0001_4000;

type Function = PciFunction<ConfigurationFake>;

fn function() -> Function {
    let mut function = PciFunction::new(ConfigurationFake::new());
    assert!(function.place_bar(4, PLACE));
    function.enable();
    function
}

fn map(machine: &Handle) -> impl FnMut(Window) -> Option<BarFake> + use<> {
    let machine = machine.clone();
    move |window| {
        assert_eq!(window.bar, 4);
        let offset = usize::try_from(window.address - PLACE).expect("small");
        let len = usize::try_from(window.len).expect("small");
        Some(BarFake { machine: machine.clone(), offset, len })
    }
}

fn transport(bench: &Bench) -> PciTransport<BarFake> {
    PciTransport::new(&mut function(), map(&bench.machine)).expect("an SCMI device")
}

fn driver(
    bench: &Bench,
    transport: PciTransport<BarFake>,
) -> Result<Driver<PciTransport<BarFake>, Heap, Handle, 16, 16>, StartError> {
    Driver::new(transport, bench.memory.clone(), bench.machine.clone(), Options::DEFAULT)
}

#[test]
fn a_device_is_found_started_and_used() {
    let bench = Bench::new();
    let mut driver = driver(&bench, transport(&bench)).expect("it starts");
    driver.send(4, b"over pci", 8).expect("sent");
    assert_eq!(bench.machine.get().notified, [1, 0]);
    let soon = driver.now().after(core::time::Duration::from_secs(1));
    driver.wait(soon);
    let (received, bytes) = next(&mut driver).expect("answered");
    assert_eq!(received, Received::Reply { tag: 4, len: 8 });
    assert_eq!(&bytes[..8], b"over pci");
    bench.script.0.borrow_mut().events.push([1; 8].to_vec());
    driver.wait(soon);
    assert_eq!(next(&mut driver).expect("an event").0, Received::Event { len: 8 });
    assert_eq!(bench.machine.get().interrupts, 0, "reading the status clears it");
    driver.stop().expect("reset");
    driver.start().expect("and again");
    driver.send(5, &[0; 8], 8).expect("sent");
}

#[test]
fn a_bar_is_measured_and_placed() {
    let mut function = PciFunction::new(ConfigurationFake::new());
    assert_eq!(function.bar(4), Some(Bar { address: 0, size: 0x4000, wide: true }));
    for index in [0, 1, 2, 3, 5, 6, u8::MAX] {
        assert_eq!(function.bar(index), None, "{index}");
        assert!(!function.place_bar(index, PLACE));
    }
    assert!(!function.place_bar(4, PLACE + 0x1000), "not a multiple of its size");
    assert!(function.place_bar(4, PLACE));
    assert_eq!(function.bar(4), Some(Bar { address: PLACE, size: 0x4000, wide: true }));
    function.enable();
    function.bar(4).expect("measured again");
    assert_eq!(function.configuration().read16(4), 0b110, "the command register is as it was");
}

#[test]
fn another_function_is_named() {
    let bench = Bench::new();
    let mut configuration = ConfigurationFake::new();
    configuration.bytes[2] = 0x42;
    let error = PciTransport::new(&mut PciFunction::new(configuration), map(&bench.machine));
    let expected = ProbeError::Pci { vendor: 0x1AF4, device: 0x1042 };
    assert_eq!(error.expect_err("a disk"), expected);
}

#[test]
fn regions_that_cannot_be_used_are_named() {
    let bench = Bench::new();
    let probe = |change: &dyn Fn(&mut ConfigurationFake)| {
        let mut function = function();
        change(function.configuration());
        PciTransport::new(&mut function, map(&bench.machine)).map(drop)
    };
    assert_eq!(probe(&|_| {}), Ok(()));
    for kind in [1, 2, 3] {
        let region = Err(ProbeError::Region(kind));
        let at = ConfigurationFake::new().capability(kind);
        assert_eq!(probe(&|space| space.bytes[at + 3] = 9), region, "no such region");
        assert_eq!(probe(&|space| space.bytes[at + 4] = 2), region, "in a bar that is not there");
        assert_eq!(probe(&|space| space.bytes[at + 4] = 6), region, "in no bar");
        assert_eq!(probe(&|space| space.bytes[at + 9] = 0x40), region, "behind the bar's end");
        assert_eq!(probe(&|space| space.bytes[at + 11] = 0xFF), region, "far behind it");
        assert_eq!(probe(&|space| space.bytes[at + 12..at + 16].fill(0)), region, "empty");
    }
    let at = ConfigurationFake::new().capability(1);
    let short = |space: &mut ConfigurationFake| space.bytes[at + 12..at + 14].fill(0x37);
    assert_eq!(
        probe(&|space| {
            short(space);
            space.bytes[at + 13] = 0
        }),
        Err(ProbeError::Region(1))
    );
    assert_eq!(probe(&|space| space.bytes[6] = 0), Err(ProbeError::Region(1)), "no capabilities");
    assert_eq!(probe(&|space| space.bytes[0x99] = 0x98), Err(ProbeError::Region(1)), "a loop");
    let mut unplaced = PciFunction::new(ConfigurationFake::new());
    let error = PciTransport::new(&mut unplaced, map(&bench.machine));
    assert_eq!(error.expect_err("no place"), ProbeError::Region(1));
    let error = PciTransport::new(&mut function(), |_| None::<BarFake>);
    assert_eq!(error.expect_err("not mapped"), ProbeError::Region(1));
}

#[test]
fn vectors_are_set_at_every_start_and_none_without_them() {
    let bench = Bench::new();
    let vectors = Vectors { configuration: 2, queues: [0, 1] };
    let mut with = driver(&bench, transport(&bench).with_vectors(vectors)).expect("it starts");
    for _ in 0..2 {
        assert_eq!(bench.machine.get().vector, 2);
        assert_eq!(bench.machine.get().queues.map(|queue| queue.vector), [0, 1]);
        bench.machine.get_mut().vector = 0xFFFF;
        with.start().expect("it starts again");
    }
    bench.machine.get_mut().interrupts = 1;
    assert_eq!(with.transport().take_interrupts().0, 0, "the status is not used with vectors");
    drop(with);
    let _without = driver(&bench, transport(&bench)).expect("it starts");
    assert_eq!(bench.machine.get().vector, 0xFFFF);
    assert_eq!(bench.machine.get().queues.map(|queue| queue.vector), [0xFFFF; 2]);
}

#[test]
fn a_doorbell_outside_its_region_is_a_queue_refused() {
    let bench = Bench::new();
    let mut function = function();
    let at = ConfigurationFake::new().capability(2);
    function.configuration().bytes[at + 12..at + 14].copy_from_slice(&[5, 0]);
    let transport = PciTransport::new(&mut function, map(&bench.machine)).expect("a device");
    let error = driver(&bench, transport).expect_err("its doorbell is at 4");
    assert_eq!(error, StartError::QueueRefused { index: 0 });
}

#[test]
fn a_function_that_was_pulled_out_is_lost() {
    let bench = Bench::new();
    let mut driver = driver(&bench, transport(&bench)).expect("it starts");
    bench.machine.get_mut().gone = true;
    let soon = driver.now().after(core::time::Duration::from_millis(1));
    driver.wait(soon);
    assert_eq!(driver.check(), Err(Trouble::Lost(crate::driver::Status::GONE)));
    assert_eq!(driver.transport().queue_size(0), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any configuration space is an SCMI device or an error, and no window lies outside its bar.
    #[test]
    fn any_configuration_space_has_an_end(
        places in prop::collection::vec((0x40_usize..256, any::<u8>()), 0..80), first: u8,
    ) {
        let mut function = function();
        function.configuration().bytes[0x34] = first;
        for (at, byte) in places {
            function.configuration().bytes[at] = byte;
        }
        let machine = Bench::new().machine;
        let _device = PciTransport::new(&mut function, |window: Window| {
            assert!(window.address >= PLACE && window.address + window.len <= PLACE + 0x4000);
            map(&machine)(window)
        });
        assert_eq!(WINDOWS.len(), 4);
    }
}
