//! Good guests of every kind.

use core::time::Duration;

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use scmi::Time;
use scmi::agent::Client;
use scmi::protocol::base::agent as base;
use scmi::transport::{Channel, Received, SendError};
use scmi::wire::{MessageId, ProtocolId, Status};
use scmi_vhost::Clock;
use scmi_vhost::frontend::{Descriptor, Frontend, Options};

use crate::daemon::{
    Daemon, agent, check, exchange, is_version, next, next_within, version_request,
};
use crate::probe;
use crate::rawguest::{COMMANDS, EVENTS, RawGuest};

fn options(change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    change(&mut options);
    options
}

fn status(answer: &[u8]) -> Status {
    Status(i32::from_le_bytes(answer[4..8].try_into().expect("four bytes")))
}

#[test]
fn every_legal_framing_is_understood() {
    let daemon = Daemon::start(1);
    for indirect in [true, false] {
        for (request_parts, reply_parts) in [(1, 1), (2, 1), (1, 3), (4, 12), (7, 40)] {
            let mut guest = daemon.connect(
                0,
                options(|o| {
                    (o.indirect, o.request_parts, o.reply_parts) =
                        (indirect, request_parts, reply_parts)
                }),
            );
            let answer = exchange(&mut guest, &probe::command(probe::FILL, 3, 300), 1000);
            assert_eq!(answer.len(), 308, "{indirect} {request_parts} {reply_parts}");
            assert!(answer[8..].iter().all(|byte| *byte == 0x5A));
        }
    }
    assert_eq!(daemon.counters(0).dropped(), 0);
}

#[test]
fn every_set_of_features_works() {
    let daemon = Daemon::start(1);
    for bits in 0..32 {
        let bit = |bit: u32| bits & (1 << bit) != 0;
        let mut guest = daemon.connect(
            0,
            options(|o| {
                (o.p2a, o.indirect, o.event_idx) = (bit(0), bit(1), bit(2));
                (o.acknowledge, o.memory_slots) = (bit(3), bit(4));
            }),
        );
        assert_eq!(guest.connection().p2a(), bit(0));
        assert_eq!(guest.connection().event_idx(), bit(2));
        for _ in 0..3 {
            check(&mut guest);
        }
    }
}

#[test]
fn every_size_of_queues_works() {
    let daemon = Daemon::start(1);
    for entries in [2, 4, 32, 128, 1024] {
        let sized = options(|o| {
            (o.command_entries, o.event_entries, o.event_buffers) = (entries, entries, entries);
            o.indirect = false;
        });
        let mut guest = daemon.connect(0, sized);
        assert_eq!(guest.limits().in_flight, usize::from(entries / 2));
        for _ in 0..entries + 3 {
            check(&mut guest);
        }
    }
    let too_large = options(|o| o.command_entries = 2048);
    Frontend::connect(daemon.socket(0), too_large).expect_err("more than a ring can have");
    daemon.check(0);
}

#[test]
fn a_full_ring_at_once_is_answered() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    for round in 0..5 {
        let mut waiting = vec![false; 256];
        for tag in 0..256 {
            guest.send(tag, &version_request(tag), 12).expect("room for 256");
            waiting[usize::from(tag)] = true;
        }
        assert_eq!(guest.send(256, &version_request(0), 12), Err(SendError::Full));
        for _ in 0..256 {
            let (Received::Reply { tag, .. }, answer) = next(&mut guest) else {
                panic!("an event that nobody asked for");
            };
            assert!(is_version(&version_request(tag), &answer), "round {round}");
            assert!(core::mem::take(&mut waiting[usize::from(tag)]), "answered twice");
        }
    }
    assert_eq!(daemon.counters(0).answered, 5 * 256);
}

#[test]
fn answers_are_sized_by_the_room_that_is_offered() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    for room in 8..12 {
        let answer = exchange(&mut guest, &version_request(1), room);
        assert_eq!((answer.len(), status(&answer)), (8, Status::COMMS_ERROR), "room {room}");
    }
    for room in 0..8 {
        assert_eq!(exchange(&mut guest, &version_request(1), room), [], "room {room}");
    }
    check(&mut guest);
}

#[test]
fn a_guest_with_the_command_queue_alone_is_served_and_never_promised_events() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, options(|o| o.p2a = false));
    assert!(!guest.limits().p2a);
    check(&mut guest);
    let refused = exchange(&mut guest, &probe::command(probe::DELAYED, 1, 0), 64);
    assert_eq!(status(&refused), Status::NOT_SUPPORTED);
    let hidden = probe::request(
        ProtocolId::BASE,
        MessageId::PROTOCOL_MESSAGE_ATTRIBUTES,
        1,
        &8_u32.to_le_bytes(),
    );
    assert_eq!(status(&exchange(&mut guest, &hidden, 64)), Status::NOT_FOUND);
}

#[test]
fn a_late_answer_comes_in_its_own_buffer() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    guest.send(10, &probe::command(probe::LATE, 10, 30), 64).expect("send");
    guest.send(11, &probe::command(probe::LATE, 11, 5), 64).expect("send");
    guest.send(12, &version_request(12), 12).expect("send");
    let tags = [(); 3].map(|()| match next(&mut guest) {
        (Received::Reply { tag, .. }, answer) => (tag, answer.len()),
        event => panic!("{event:?}"),
    });
    assert_eq!(tags, [(12, 12), (11, 12), (10, 12)]);
}

#[test]
fn an_immediate_answer_is_seen_before_its_delayed_response() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    for token in 0..200 {
        guest.send(token, &probe::command(probe::DELAYED, token, 0), 8).expect("send");
        let (first, second) = (next(&mut guest), next(&mut guest));
        assert!(matches!(first.0, Received::Reply { .. }), "{first:?}");
        assert!(matches!(second.0, Received::Event { len: 12 }), "{second:?}");
        assert_eq!(second.1[1] & 3, 2, "the type of a delayed response");
        assert_eq!(second.1[2..4], first.1[2..4], "the same token");
    }
}

#[test]
fn a_delayed_response_comes_whether_or_not_the_guest_says_what_it_took() {
    let daemon = Daemon::start(1);
    for event_idx in [true, false] {
        let mut guest =
            RawGuest::start_with(daemon.socket(0), &options(|o| o.event_idx = event_idx));
        // With event indexes: first nothing is said, then everything, and then nothing again.
        for (count, says) in [(1, false), (2, true), (3, false)] {
            guest.ram.write(guest.request, &probe::command(probe::DELAYED, count, 0)).expect("ram");
            let room = Descriptor { start: guest.room + 64, ..guest.writable(64) };
            guest.offer(EVENTS, &[room]);
            let (readable, writable) = (guest.readable(8), guest.writable(8));
            guest.offer(COMMANDS, &[readable, writable]);
            assert_eq!(guest.used(COMMANDS), (0, 8));
            if says && event_idx {
                guest.say_taken(COMMANDS, count);
            }
            assert_eq!(guest.used(EVENTS), (0, 12), "{event_idx} {count}");
        }
    }
}

#[test]
fn a_delayed_response_waits_for_a_buffer_that_is_large_enough() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, options(|o| (o.event_buffers, o.event_room) = (1, 11)));
    let answer = exchange(&mut guest, &probe::command(probe::DELAYED, 5, 0), 8);
    assert_eq!(status(&answer), Status::SUCCESS);
    let (_, event) = next(&mut guest);
    assert_eq!((event.len(), status(&event)), (8, Status::COMMS_ERROR), "it says what went wrong");
    drop(guest);

    let mut guest = daemon.connect(0, options(|o| o.event_buffers = 0));
    exchange(&mut guest, &probe::command(probe::DELAYED, 5, 0), 8);
    assert_eq!(next_within(&mut guest, Duration::from_millis(50)), None);
    check(&mut guest);
}

#[test]
fn one_guest_notifies_another_that_sleeps() {
    let daemon = Daemon::start(3);
    let [mut one, mut two, mut three] =
        [0, 1, 2].map(|index| daemon.connect(index, Options::default()));
    for guest in [&mut one, &mut two, &mut three] {
        check(guest);
    }
    for _ in 0..100 {
        exchange(&mut one, &probe::command(probe::NOTIFY, 1, 1), 8);
        let (received, event) = next(&mut two);
        assert_eq!(received, Received::Event { len: 8 });
        assert_eq!(event[4..], agent(0).number().to_le_bytes());
    }
    assert_eq!(next_within(&mut three, Duration::from_millis(10)), None);
}

#[test]
fn deadlines_are_kept_whoever_watches_them() {
    let daemon = Daemon::start(3);
    let mut guests = [0, 1, 2].map(|index| daemon.connect(index, Options::default()));
    for guest in &mut guests {
        check(guest);
    }
    for round in 0..20 {
        for (guest, millis) in guests.iter_mut().zip([9, 3, 6]) {
            guest.send(round, &probe::command(probe::LATE, round, millis), 12).expect("send");
        }
        for guest in &mut guests {
            assert_eq!(next(guest).0, Received::Reply { tag: round, len: 12 });
        }
    }
    let [one, two, mut three] = guests;
    three.send(0, &probe::command(probe::LATE, 0, 60), 12).expect("send");
    drop((one, two));
    assert_eq!(next(&mut three).0, Received::Reply { tag: 0, len: 12 });
}

#[test]
fn a_deadline_outlives_the_thread_that_watched_for_it() {
    let daemon = Daemon::start(2);
    let mut watcher = daemon.connect(0, Options::default());
    let mut other = daemon.connect(1, Options::default());
    check(&mut other);
    watcher.send(1, &probe::command(probe::LATE, 1, 300), 12).expect("send");
    check_beside(&mut watcher);
    other.send(1, &probe::command(probe::LATE, 1, 600), 12).expect("send");
    check_beside(&mut other);
    daemon.end(0);
    assert_eq!(next(&mut other).0, Received::Reply { tag: 1, len: 12 });
}

/// Sends a command while another one, of tag 1, is in flight.
fn check_beside(guest: &mut Frontend) {
    guest.send(2, &version_request(2), 12).expect("send");
    assert_eq!(next(guest).0, Received::Reply { tag: 2, len: 12 });
}

#[test]
fn the_agent_engine_discovers_the_platform() {
    let daemon = Daemon::start(2);
    for options in [Options::default(), options(|o| (o.p2a, o.request_parts) = (false, 3))] {
        let mut guest = daemon.connect(1, options);
        let mut client: Client<'_> = Client::new(&mut guest);
        let found = base::discover(&mut client).expect("discovery");
        assert_eq!(
            (found.vendor.to_string(), found.sub_vendor.to_string()),
            ("test".into(), "vhost".into())
        );
        assert_eq!((found.protocols, found.agents), (1, 2));
        let mut protocols = Vec::new();
        base::protocols(&mut client, &mut |id| protocols.push(id)).expect("list");
        assert_eq!(protocols, [probe::PROBE]);
        let myself = base::agent(&mut client, found.version, u32::MAX).expect("myself");
        assert_eq!(myself.name.to_string(), "vm1");
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug, Default)]
struct Hands(Arc<AtomicU64>);

impl Clock for Hands {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep_until(&self, _: Time) -> Option<Duration> {
        None
    }
}

#[test]
fn time_can_be_somebody_elses() {
    let hands = Hands::default();
    let daemon = Daemon::start_at(2, hands.clone());
    let mut guest = daemon.connect(1, Options::default());
    guest.send(4, &probe::command(probe::LATE, 4, 3_600_000), 12).expect("send");
    check(&mut guest);
    hands.0.store(3_599_999, Ordering::Relaxed);
    daemon.hub.wake_all();
    assert_eq!(next_within(&mut guest, Duration::from_millis(20)), None);
    hands.0.store(3_600_000, Ordering::Relaxed);
    daemon.hub.wake_all();
    assert_eq!(next(&mut guest).0, Received::Reply { tag: 4, len: 12 });
    daemon.expect_idle(0);
    daemon.expect_idle(1);
}
