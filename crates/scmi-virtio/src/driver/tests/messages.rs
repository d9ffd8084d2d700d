//! Commands, answers and events.

use core::time::Duration;

use proptest::prelude::*;
use scmi::Time;
use scmi::transport::{Channel, Limits, Received, SendError};

use super::{Bench, next};
use crate::driver::Options;
use crate::driver::testing::{EVENT_IDX, INDIRECT};

#[test]
fn a_command_goes_out_and_its_answer_comes_back() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    driver.send(700, b"abcdefgh", 136).expect("sent");
    assert_eq!(bench.machine.get().notified, [1, 0], "the event queue at the start, then this");
    assert_eq!(next(&mut driver), None);
    assert_eq!(driver.in_flight(), 1);
    bench.run();
    let (received, bytes) = next(&mut driver).expect("answered");
    assert_eq!(received, Received::Reply { tag: 700, len: 8 });
    assert_eq!(&bytes[..8], b"abcdefgh");
    assert_eq!(bytes[8..], [0; 128]);
    assert_eq!((driver.in_flight(), next(&mut driver)), (0, None));
}

#[test]
fn a_queue_of_any_size_carries_what_it_says() {
    for (entries, features, most) in [
        (2, INDIRECT, 2),
        (2, 0, 1),
        (4, 0, 2),
        (8, INDIRECT, 8),
        (256, 0, 8),
        (1, INDIRECT, 1),
        (100, INDIRECT, 16),
    ] {
        let bench = Bench::with_queues([entries, 2]);
        bench.machine.get_mut().offered &= !(INDIRECT | EVENT_IDX) | features;
        let mut driver = bench.driver();
        let limits = Limits { in_flight: most, max_message: 136, p2a: true };
        assert_eq!(driver.limits(), limits, "of {entries} entries");
        for round in 0..100_u16 {
            for tag in 0..u16::try_from(most).expect("few") {
                driver.send(tag ^ round, &[0; 12], 12).expect("a free slot");
            }
            assert_eq!(driver.send(99, &[0; 12], 12), Err(SendError::Full));
            bench.run();
            for tag in 0..u16::try_from(most).expect("few") {
                let reply = Received::Reply { tag: tag ^ round, len: 12 };
                assert_eq!(next(&mut driver).expect("answered").0, reply);
            }
        }
    }
}

#[test]
fn answers_come_in_any_order_and_each_finds_its_command() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.script.0.borrow_mut().hold = true;
    for tag in 0..8_u8 {
        driver.send(tag.into(), &[tag; 12], 12).expect("sent");
    }
    bench.run();
    let mut held = core::mem::take(&mut bench.script.0.borrow_mut().held);
    held.rotate_left(3);
    held.swap(0, 6);
    for chain in &held {
        let mut machine = bench.machine.get_mut();
        let ring = machine.rings[0].as_mut().expect("a ring");
        let bytes = ring.read(chain);
        ring.write(chain, &bytes);
        ring.complete(chain.head.into(), 12);
    }
    for expected in [1, 4, 5, 6, 7, 0, 3, 2] {
        let (received, bytes) = next(&mut driver).expect("answered");
        assert_eq!(received, Received::Reply { tag: expected, len: 12 });
        assert_eq!(bytes[..12], [u8::try_from(expected).expect("small"); 12]);
    }
}

#[test]
fn what_is_too_large_is_not_sent() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    assert_eq!(driver.send(0, &[0; 137], 8), Err(SendError::TooLarge { bytes: 137 }));
    assert_eq!(driver.send(0, &[0; 4], 137), Err(SendError::TooLarge { bytes: 137 }));
    driver.send(0, &[0; 136], 136).expect("just fits");
    driver.send(1, &[0; 4], 0).expect("no answer is wanted");
    bench.run();
    assert_eq!(next(&mut driver).expect("one").0, Received::Reply { tag: 0, len: 136 });
    assert_eq!(next(&mut driver).expect("two").0, Received::Reply { tag: 1, len: 0 });
}

#[test]
fn an_answer_longer_than_the_callers_buffer_is_cut() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    driver.send(0, b"0123456789", 10).expect("sent");
    bench.run();
    let mut short = [0; 4];
    assert_eq!(driver.receive(&mut short), Some(Received::Reply { tag: 0, len: 4 }));
    assert_eq!(&short, b"0123");
}

#[test]
fn events_come_in_order_and_their_buffers_go_back_at_once() {
    for event_idx in [false, true] {
        let bench = Bench::with_queues([16, 4]);
        if !event_idx {
            bench.machine.get_mut().offered &= !EVENT_IDX;
        }
        let mut driver = bench.driver();
        for round in 0..50_u8 {
            bench.script.0.borrow_mut().events.extend([[round; 9].to_vec(), [round; 136].to_vec()]);
            bench.run();
            for len in [9, 136] {
                let (received, bytes) = next(&mut driver).expect("an event");
                assert_eq!(received, Received::Event { len });
                assert_eq!(bytes[..len], [round; 136][..len]);
            }
            assert_eq!(next(&mut driver), None);
        }
        bench.run();
        assert_eq!(bench.script.0.borrow().buffers.len(), 4, "all buffers are with the device");
        assert_eq!(driver.counters().events, 100);
    }
}

#[test]
fn an_answer_comes_before_the_event_that_follows_from_it() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    driver.send(5, &[0; 8], 8).expect("sent");
    bench.script.0.borrow_mut().events.push([1; 12].to_vec());
    bench.run();
    assert_eq!(next(&mut driver).expect("first").0, Received::Reply { tag: 5, len: 8 });
    assert_eq!(next(&mut driver).expect("then").0, Received::Event { len: 12 });
}

#[test]
fn empty_events_are_passed_over_and_counted() {
    let bench = Bench::with_queues([16, 2]);
    let mut driver = bench.driver();
    bench.script.0.borrow_mut().events.extend([[].to_vec(), [7; 4].to_vec()]);
    bench.run();
    assert_eq!(next(&mut driver).expect("the second").0, Received::Event { len: 4 });
    assert_eq!((driver.counters().empty_events, driver.counters().events), (1, 1));
}

#[test]
fn without_an_event_queue_commands_work() {
    for offered in [true, false] {
        let bench = Bench::with_queues([16, 0]);
        if !offered {
            bench.machine.get_mut().offered &= !1;
        }
        let options = Options { p2a: !offered, ..Options::DEFAULT };
        let mut driver = bench.driver_with(options);
        assert!(!driver.limits().p2a);
        assert_eq!(bench.machine.get().accepted & 1, 0);
        driver.send(3, &[0; 8], 8).expect("sent");
        bench.run();
        assert_eq!(next(&mut driver).expect("answered").0, Received::Reply { tag: 3, len: 8 });
    }
}

#[test]
fn two_devices_do_not_know_of_each_other() {
    let (one, other) = (Bench::new(), Bench::new());
    let (mut first, mut second) = (one.driver(), other.driver());
    first.send(1, b"first---", 8).expect("sent");
    second.send(1, b"second--", 8).expect("sent");
    other.run();
    assert_eq!(next(&mut first), None);
    assert_eq!(&next(&mut second).expect("answered").1[..8], b"second--");
    one.run();
    assert_eq!(&next(&mut first).expect("answered").1[..8], b"first---");
}

#[test]
fn waiting_ends_with_a_message_or_in_time_by_interrupt_and_by_polling() {
    for interrupts in [false, true] {
        for event_idx in [false, true] {
            let bench = Bench::new();
            let options = Options { interrupts, event_idx, ..Options::DEFAULT };
            let mut driver = bench.driver_with(options);
            for round in 0..10 {
                driver.send(round, &[0; 8], 8).expect("sent");
                let soon = driver.now().after(Duration::from_secs(1));
                driver.wait(soon);
                assert!(driver.now() < soon, "it waited for nothing");
                next(&mut driver).expect("answered");
            }
            bench.script.0.borrow_mut().hold = true;
            driver.send(11, &[0; 8], 8).expect("sent");
            let soon = driver.now().after(Duration::from_millis(1));
            driver.wait(soon);
            assert!(driver.now() >= soon && driver.now() < soon.after(Duration::from_millis(1)));
            assert_eq!(bench.machine.get().interrupts, 0, "the interrupt was acknowledged");
        }
    }
}

#[test]
fn a_polling_driver_is_not_interrupted() {
    for event_idx in [false, true] {
        let bench = Bench::new();
        let options = Options { interrupts: false, event_idx, ..Options::DEFAULT };
        let mut driver = bench.driver_with(options);
        for tag in 0..10 {
            driver.send(tag, &[0; 8], 8).expect("sent");
            driver.wait(Time::NEVER);
            next(&mut driver).expect("answered");
        }
        assert_eq!(bench.machine.get().raised, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any number of commands of any lengths, answered whenever the device has its turn.
    #[test]
    fn every_command_has_its_own_answer(
        entries in 0_u32..6, indirect: bool, event_idx: bool,
        steps in prop::collection::vec((4_usize..=136, 4_usize..=136, 0_u8..4), 1..200),
    ) {
        let bench = Bench::with_queues([2 << entries, 2]);
        let mut driver = bench.driver_with(Options { indirect, event_idx, ..Options::DEFAULT });
        let mut out = std::collections::BTreeMap::new();
        for (tag, (len, room, turn)) in (0_u16..).zip(steps) {
            let [a, b] = tag.to_le_bytes();
            let mut request = std::vec![a; len];
            request[1] = b;
            match driver.send(tag, &request, room) {
                Ok(()) => { out.insert(tag, (request, room)); }
                Err(error) => assert_eq!(error, SendError::Full),
            }
            if turn == 0 {
                bench.run();
            }
            if turn < 2 {
                while let Some((Received::Reply { tag, len }, bytes)) = next(&mut driver) {
                    let (request, room) = out.remove(&tag).expect("it was asked");
                    let expected = &request[..request.len().min(room)];
                    assert_eq!(&bytes[..len], expected);
                }
            }
            assert_eq!(usize::from(driver.in_flight()), out.len());
        }
    }
}
