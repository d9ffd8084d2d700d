//! The guest's driver against QEMU's registers, without a guest: a machine whose processor sleeps, whose bus we read and
//! write over QEMU's test protocol, and whose memory is a file that is ours as well.
//!
//! So what stands between our driver and a platform is what a real guest would meet: QEMU's virtio-mmio, its PCI
//! host, its virtio-pci, its vhost-user frontend. Behind it is `scmid`, or the other daemon.

mod machine;
mod qtest;

use core::time::Duration;
use std::fs;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use scmi::Time;
use scmi::agent::{CallerExt, Client};
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::sensor::wire::{AttributesLow, Reading};
use scmi::transport::{Channel, Received};
use scmi::wire::ProtocolId;
use scmi_test_kit::{Board, PATIENCE, Scmid, start_peer};
use scmi_vhost::{Clock as _, MonotonicClock};
use scmi_virtio::driver::{
    Clock, Driver, GuestDma, Life, Options, PciFunction, PciTransport, Transport,
};

use zerocopy::FromZeros;

use crate::machine::{Bus, Machine, PCI_MEMORY};

/// The machine's own clock; it sleeps for a millisecond, so interrupts are looked for as often.
#[derive(Debug, Default)]
struct Wall(MonotonicClock);

impl Clock for Wall {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn sleep(&mut self, until: Time) {
        thread::sleep(until.since(self.now()).min(Duration::from_millis(1)));
    }
}

type Driven<T> = Driver<T, GuestDma, Wall, 64, 64>;

/// A driver whose device runs.
fn start<T: Transport>(machine: &Machine, transport: T, options: Options) -> Result<Driven<T>> {
    let memory = machine.memory(options.memory(64, 64))?;
    Ok(Driver::new(transport, memory, Wall::default(), options)?)
}

/// As many commands as fit, at once; each comes back under its own name.
fn fill<T: Transport>(driver: &mut Driven<T>) {
    let most = u16::try_from(driver.limits().in_flight).expect("few");
    assert!(most >= 32, "{most} at once");
    for tag in 0..most {
        // PROTOCOL_VERSION of Base, with the tag as its token.
        let request = (0x10_u32 << 10 | u32::from(tag) << 18).to_le_bytes();
        driver.send(tag, &request, 12).expect("there is room");
    }
    let until = driver.now().after(PATIENCE);
    let mut waiting: Vec<u16> = (0..most).collect();
    let mut buffer = [0; 136];
    while !waiting.is_empty() {
        assert!(driver.now() < until, "no answer to {waiting:?}");
        match driver.receive(&mut buffer) {
            Some(Received::Reply { tag, len }) => {
                assert_eq!(len, 12);
                let token = u32::from_le_bytes(buffer[..4].try_into().expect("4")) >> 18;
                assert_eq!(token, u32::from(tag));
                waiting.retain(|waiting| *waiting != tag);
            }
            Some(Received::Event { .. }) => {}
            None => driver.wait(until),
        }
    }
}

/// What a guest does with `scmid`: asks, reads a slow sensor through the event queue, suspends, resumes.
fn use_scmid<T: Transport>(driver: &mut Driven<T>) -> Result<()> {
    for round in 0..3 {
        assert!(driver.limits().p2a);
        fill(driver);
        let mut client: Client<'_> = Client::new(&mut *driver);
        assert_eq!(client.protocol_version(ProtocolId::BASE)?.0, 0x2_0001);
        let mut sensors = Sensors::open(&mut client)?;
        let mut slow = None;
        sensors.describe(&mut |info| {
            slow = slow.or_else(|| info.low.has(AttributesLow::ASYNC).then_some(info.id))
        })?;
        let mut reading = [Reading::new_zeroed()];
        sensors.read_async(slow.context("the demo board has a slow sensor")?, &mut reading)?;
        let counters = driver.counters();
        assert_eq!((counters.starts, counters.troubles, counters.late), (round + 1, 0, 0));
        assert!(counters.events > round, "the delayed response came as an event");
        driver.stop()?;
        assert_eq!(driver.life(), Life::Stopped);
        driver.start()?;
    }
    Ok(())
}

#[test]
fn over_mmio_with_interrupts_and_by_polling() -> Result<()> {
    let scmid = Scmid::start(&Board::demo())?;
    for interrupts in [true, false] {
        let machine = Machine::start(&scmid.socket("vm1"), Bus::Mmio)?;
        let mut options = Options::DEFAULT;
        options.interrupts = interrupts;
        let transport = machine.mmio_device()?;
        use_scmid(&mut start(&machine, transport, options)?)?;
    }
    Ok(())
}

#[test]
fn over_mmio_without_indirect_descriptors_and_event_indexes() -> Result<()> {
    let scmid = Scmid::start(&Board::demo())?;
    let machine = Machine::start(&scmid.socket("vm1"), Bus::Mmio)?;
    let mut options = Options::DEFAULT;
    (options.indirect, options.event_idx) = (false, false);
    let transport = machine.mmio_device()?;
    use_scmid(&mut start(&machine, transport, options)?)
}

#[test]
fn over_pci_whose_bars_nobody_placed() -> Result<()> {
    let scmid = Scmid::start(&Board::demo())?;
    let machine = Machine::start(&scmid.socket("vm1"), Bus::Pci)?;
    let mut function = machine.pci_function()?;
    let bar = function.bar(4).context("a bar for the device's registers")?;
    ensure!(bar.address == 0 && bar.size == 0x4000, "{bar:?}");
    ensure!(function.place_bar(4, PCI_MEMORY), "the bar does not go where it should");
    function.enable();
    let transport = PciTransport::new(&mut function, |window| machine.window(window))?;
    use_scmid(&mut start(&machine, transport, Options::DEFAULT)?)
}

#[test]
fn an_interrupt_says_why_and_ends_when_that_was_read() -> Result<()> {
    let scmid = Scmid::start(&Board::demo())?;
    let machine = Machine::start(&scmid.socket("vm1"), Bus::Mmio)?;
    let mut driver = start(&machine, machine.mmio_device()?, Options::DEFAULT)?;
    driver.arm();
    driver.send(0, &(0x10_u32 << 10).to_le_bytes(), 12)?;
    let start = Instant::now();
    // QEMU interrupts once when it starts, too.
    let (mut told, mut reply) = (false, None);
    while !told || reply.is_none() {
        ensure!(start.elapsed() < PATIENCE, "interrupted: {told}; an answer: {reply:?}");
        told |= driver.interrupt().queue();
        reply = reply.or_else(|| driver.receive(&mut [0; 12]));
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(reply, Some(Received::Reply { tag: 0, len: 12 }));
    while driver.interrupt().0 != 0 {
        ensure!(start.elapsed() < PATIENCE, "it is never over");
    }
    Ok(())
}

#[test]
fn vhost_device_scmi_answers_our_driver() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let socket = dir.path().join("peer.sock");
    for bus in [Bus::Mmio, Bus::Pci] {
        let _peer = start_peer(&socket)?;
        let machine = Machine::start(&socket, bus)?;
        match bus {
            Bus::Mmio => ask(&mut start(&machine, machine.mmio_device()?, Options::DEFAULT)?)?,
            Bus::Pci => {
                let mut function: PciFunction<_> = machine.pci_function()?;
                ensure!(function.place_bar(4, PCI_MEMORY), "the bar does not go there");
                function.enable();
                let transport = PciTransport::new(&mut function, |window| machine.window(window))?;
                ask(&mut start(&machine, transport, Options::DEFAULT)?)?;
            }
        }
        fs::remove_file(&socket).or_else(|error| {
            if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
        })?;
    }
    Ok(())
}

/// All that it has: Base, and one sensor.
fn ask<T: Transport>(driver: &mut Driven<T>) -> Result<()> {
    fill(driver);
    let mut client: Client<'_> = Client::new(&mut *driver);
    client.protocol_version(ProtocolId::BASE)?;
    let mut count = 0;
    Sensors::open(&mut client)?.describe(&mut |_| count += 1)?;
    assert_eq!(count, 1);
    assert_eq!(driver.life(), Life::Running);
    Ok(())
}
