//! Starts, stops, troubles, and who owns the memory meanwhile.

use core::time::Duration;

use scmi::transport::{Channel, Limits, Received, SendError};

use super::{Bench, next};
use crate::driver::queue::Fault;
use crate::driver::testing::{EVENT_IDX, Heap, INDIRECT, MmioFake, VERSION_1};
use crate::driver::{Driver, Life, MmioTransport, Options, StartError, Status, Trouble};

const P2A: u64 = 1;

#[test]
fn a_device_is_started_in_the_order_that_virtio_prescribes() {
    let bench = Bench::new();
    let driver = bench.driver();
    let statuses = [0, 1, 3, 11, 15].map(Status);
    assert_eq!(bench.machine.get().statuses, statuses);
    let accepted = bench.machine.get().accepted;
    assert_eq!(accepted, P2A | INDIRECT | EVENT_IDX | VERSION_1 | 1 << 33);
    assert_eq!(bench.machine.get().queues.map(|queue| queue.rings.size), [16, 16]);
    assert_eq!(driver.life(), Life::Running);
    bench.run();
    assert_eq!(bench.script.0.borrow().buffers.len(), 16, "event buffers, before anybody asked");
    drop(driver);
    assert_eq!(bench.machine.get().status, Status::RESET);
}

#[test]
fn what_the_options_do_not_want_is_not_accepted() {
    let bench = Bench::new();
    let mut options = Options { p2a: false, indirect: false, ..Options::DEFAULT };
    options.event_idx = false;
    let driver = bench.driver_with(options);
    assert_eq!(bench.machine.get().accepted, VERSION_1 | 1 << 33);
    assert!(bench.machine.get().notified.is_empty());
    assert_eq!(driver.limits(), Limits { in_flight: 8, max_message: 136, p2a: false });
}

#[test]
fn a_device_that_cannot_be_used_says_why_and_can_be_tried_again() {
    let bench = Bench::new();
    let mut driver = bench.stopped(Options::DEFAULT);
    assert_eq!(driver.life(), Life::Stopped);
    assert_eq!(driver.send(0, &[0; 8], 8), Err(SendError::Closed));
    let offered = bench.machine.get().offered;

    bench.machine.get_mut().offered = offered & !VERSION_1;
    let legacy = StartError::Legacy { offered: offered & !VERSION_1 };
    assert_eq!(driver.start(), Err(legacy));
    assert!(bench.machine.get().status.has(Status::FAILED));
    assert_eq!(driver.life(), Life::Failed);

    bench.machine.get_mut().offered = VERSION_1 | P2A;
    bench.machine.get_mut().disliked = P2A;
    let features = StartError::Features { offered: VERSION_1 | P2A, accepted: VERSION_1 | P2A };
    assert_eq!(driver.start(), Err(features));
    bench.machine.get_mut().disliked = 0;

    bench.machine.get_mut().queues[0].most = 0;
    assert_eq!(driver.start(), Err(StartError::Queue { index: 0, entries: 0 }));
    bench.machine.get_mut().queues[0].most = 1;
    assert_eq!(driver.start(), Err(StartError::Queue { index: 0, entries: 1 }));
    bench.machine.get_mut().queues = [16, 0].map(|most| {
        let mut queue = bench.machine.get().queues[0];
        queue.most = most;
        queue
    });
    assert_eq!(driver.start(), Err(StartError::Queue { index: 1, entries: 0 }));
    bench.machine.get_mut().queues[1].most = 3;
    assert_eq!(driver.start(), Ok(()));
    assert_eq!(bench.machine.get().queues.map(|queue| queue.rings.size), [16, 2]);
    assert_eq!(driver.counters().starts, 1);
    driver.send(0, &[0; 8], 8).expect("it runs");
}

#[test]
fn too_little_memory_is_told_in_bytes_and_enough_is_enough() {
    for (commands, events) in [(2, 2), (4, 16), (16, 1), (16, 16)] {
        for features in [0, INDIRECT] {
            let needed = Options::DEFAULT.memory(commands, events);
            let bench = Bench::with_queues([commands, events]);
            bench.machine.get_mut().offered &= !INDIRECT | features;
            let memory = Heap::new(needed);
            bench.machine.get_mut().memory = memory.clone();
            let clock = bench.machine.clone();
            let driver =
                Driver::<_, _, _, 16, 16>::new(bench.transport(), memory, clock, Options::DEFAULT);
            driver.expect("as much as was said to be needed");
            let with = |len| {
                let memory = Heap::new(len);
                bench.machine.get_mut().memory = memory.clone();
                let (transport, clock) = (bench.transport(), bench.machine.clone());
                Driver::<_, _, _, 16, 16>::new(transport, memory, clock, Options::DEFAULT)
            };
            let Err(StartError::Memory { needed: exactly, len: 256 }) = with(256) else {
                panic!("too little");
            };
            assert!(exactly <= needed, "{exactly}, {needed}");
            let one_less = StartError::Memory { needed: exactly, len: exactly - 16 };
            assert_eq!(with(exactly - 16).err(), Some(one_less));
            with(exactly).expect("as much as was said to be needed");
        }
    }
}

#[test]
fn a_suspend_takes_all_memory_back_and_a_resume_begins_anew() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.script.0.borrow_mut().hold = true;
    for tag in 0..16 {
        driver.send(tag, &[0; 8], 8).expect("sent");
    }
    bench.run();
    assert_eq!(driver.send(16, &[0; 8], 8), Err(SendError::Full));
    driver.stop().expect("it resets");
    assert_eq!((driver.life(), driver.in_flight()), (Life::Stopped, 0));
    assert_eq!(driver.counters().abandoned, 16);
    assert_eq!(driver.send(0, &[0; 8], 8), Err(SendError::Closed));
    assert_eq!(next(&mut driver), None);
    let soon = driver.now().after(Duration::from_secs(60));
    driver.wait(soon);
    assert!(driver.now() < soon, "a channel without a device is waited for in small steps");

    driver.start().expect("it starts again");
    bench.script.0.borrow_mut().hold = false;
    for tag in 0..16 {
        driver.send(tag, &[tag.to_le_bytes()[0]; 8], 8).expect("all slots are there again");
    }
    bench.run();
    for tag in 0..16 {
        let (received, bytes) = next(&mut driver).expect("answered");
        assert_eq!(received, Received::Reply { tag, len: 8 });
        assert_eq!(bytes[..8], [tag.to_le_bytes()[0]; 8]);
    }
    assert_eq!((driver.counters().abandoned, driver.counters().late), (16, 0));
    bench.script.0.borrow_mut().events.push([1; 8].to_vec());
    bench.run();
    assert_eq!(next(&mut driver).expect("an event").0, Received::Event { len: 8 });
}

#[test]
fn an_answer_after_the_reset_finds_nobody_and_is_counted() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.script.0.borrow_mut().hold = true;
    for tag in 0..3 {
        driver.send(tag, &[0; 8], 8).expect("sent");
    }
    bench.run();
    // What the device had, with which it goes on as if nothing had been.
    let held = bench.script.0.borrow().held.clone();
    let mut old = bench.machine.get().rings[0].clone().expect("a ring");
    driver.stop().expect("it says that it was reset");
    for chain in &held[..2] {
        old.write(chain, b"too late");
        old.complete(chain.head.into(), 8);
    }
    assert_eq!(next(&mut driver), None);
    driver.start().expect("it starts");
    assert_eq!((driver.counters().abandoned, driver.counters().late), (3, 2));
    // The third one comes into the life that began meanwhile: nobody has asked anything in it.
    old.used = 0;
    old.complete(held[2].head.into(), 8);
    assert_eq!(next(&mut driver), None);
    let trouble = Trouble::Commands(Fault::Jump { claimed: 1, in_flight: 0 });
    assert_eq!(driver.life(), Life::Broken(trouble));
    assert_eq!(driver.counters().troubles, 1);
    driver.start().expect("and again");
    bench.script.0.borrow_mut().hold = false;
    driver.send(9, b"asked---", 8).expect("sent");
    bench.run();
    assert_eq!(&next(&mut driver).expect("answered").1[..8], b"asked---");
}

#[test]
fn a_broken_queue_closes_the_channel_until_the_next_start() {
    for queue in [0, 1] {
        let bench = Bench::new();
        let mut driver = bench.driver();
        bench.script.0.borrow_mut().hold = true;
        driver.send(0, &[0; 8], 8).expect("sent");
        bench.run();
        bench.machine.get_mut().rings[queue].as_mut().expect("a ring").complete(77, 8);
        assert_eq!(next(&mut driver), None);
        let fault = Fault::Beyond { id: 77, size: 16 };
        let trouble = [Trouble::Commands(fault), Trouble::Events(fault)][queue];
        assert_eq!(driver.life(), Life::Broken(trouble));
        assert_eq!(driver.check(), Err(trouble));
        assert_eq!(driver.send(1, &[0; 8], 8), Err(SendError::Closed));
        assert_eq!(driver.in_flight(), 1, "its memory is still its own");
        driver.start().expect("it starts again");
        assert_eq!((driver.in_flight(), driver.counters().abandoned), (0, 1));
        driver.send(2, &[0; 8], 8).expect("sent");
    }
}

#[test]
fn a_device_that_needs_a_reset_gets_one() {
    for interrupts in [true, false] {
        let bench = Bench::new();
        let mut driver = bench.driver_with(Options { interrupts, ..Options::DEFAULT });
        bench.script.0.borrow_mut().hold = true;
        driver.send(0, &[0; 8], 8).expect("sent");
        bench.machine.get_mut().trouble(Status::NEEDS_RESET);
        let soon = driver.now().after(Duration::from_millis(1));
        driver.wait(soon);
        assert_eq!(driver.life(), Life::Broken(Trouble::NeedsReset));
        assert_eq!(driver.send(1, &[0; 8], 8), Err(SendError::Closed));
        assert!(driver.is_closed());
        driver.start().expect("reset and started");
        assert!(!driver.is_closed());
        bench.script.0.borrow_mut().hold = false;
        driver.send(2, &[0; 8], 8).expect("sent");
        bench.run();
        assert_eq!(next(&mut driver).expect("answered").0, Received::Reply { tag: 2, len: 8 });
    }
}

#[test]
fn a_device_that_went_away_or_was_reset_by_others_is_lost() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.machine.get_mut().status = Status::RESET;
    assert_eq!(driver.check(), Err(Trouble::Lost(Status::RESET)));
    driver.start().expect("it is there");
    bench.machine.get_mut().gone = true;
    assert_eq!(driver.check(), Err(Trouble::Lost(Status::GONE)));
    let error = driver.start().expect_err("nobody answers");
    assert_eq!(error, StartError::Reset { status: Status::GONE });
    assert_eq!(driver.life(), Life::Unreset);
    bench.machine.get_mut().gone = false;
    driver.start().expect("plugged in again");
    driver.send(2, &[0; 8], 8).expect("sent");
}

#[test]
fn memory_of_a_device_that_was_not_reset_is_never_used_again() {
    for stubborn in [false, true] {
        let bench = Bench::new();
        let driver = bench.driver();
        bench.machine.get_mut().stubborn = stubborn;
        let ring_handles = 2;
        let others = 1 + 1 + ring_handles;
        assert_eq!(bench.memory.handles(), others + 1);
        drop(driver);
        // Without the rings, which the fake device forgets when it was reset.
        let expected = if stubborn { others + 1 } else { others - ring_handles };
        assert_eq!(bench.memory.handles(), expected, "stubborn: {stubborn}");
    }
}

#[test]
fn a_reset_takes_as_long_as_patience_lasts() {
    let bench = Bench::new();
    let patience = Duration::from_millis(20);
    let options = Options { reset_patience: patience, ..Options::DEFAULT };
    let mut driver = bench.driver_with(options);
    driver.send(0, &[0; 8], 8).expect("sent");
    bench.machine.get_mut().stubborn = true;
    let before = driver.now();
    let status = Status(15);
    assert_eq!(driver.stop(), Err(StartError::Reset { status }));
    let took = driver.now().since(before);
    assert!(took >= patience && took < 2 * patience, "{took:?}");
    assert_eq!((driver.in_flight(), driver.counters().abandoned), (1, 0), "it may still answer");
    assert_eq!(driver.send(1, &[0; 8], 8), Err(SendError::Closed));
    assert_eq!(next(&mut driver), None);
    bench.machine.get_mut().stubborn = false;
    driver.stop().expect("now it says so");
    assert_eq!((driver.in_flight(), driver.counters().abandoned), (0, 1));
}

#[test]
fn a_second_failed_start_does_not_count_commands_again() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.script.0.borrow_mut().hold = true;
    driver.send(0, &[0; 8], 8).expect("sent");
    bench.machine.get_mut().disliked = VERSION_1;
    for _ in 0..3 {
        driver.start().expect_err("features are refused");
        assert_eq!(driver.counters().abandoned, 1);
    }
}

#[test]
fn messages_of_errors_carry_the_numbers() {
    let text = |error: &dyn core::error::Error| std::format!("{error}");
    let fault = Fault::Jump { claimed: 9, in_flight: 2 };
    assert_eq!(text(&fault), "the device says that 9 chains came back, and has 2");
    assert_eq!(
        text(&StartError::Queue { index: 1, entries: 0 }),
        "queue 1 can have 0 entries, too few for a message"
    );
    let lost = Trouble::Lost(Status(0));
    assert_eq!(text(&lost), "the device does not run any more; its status is 0x00");
    let error = StartError::Trouble(Trouble::Commands(fault));
    let source = core::error::Error::source(&error).expect("the trouble");
    assert_eq!(text(source.source().expect("the fault")), text(&fault));
    let absent = MmioTransport::new(MmioFake { device: 0, ..MmioFake::new(&Bench::new().machine) });
    assert_eq!(text(&absent.expect_err("empty")), "an empty place for a virtio device");
}
