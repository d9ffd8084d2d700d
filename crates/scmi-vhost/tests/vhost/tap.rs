//! What somebody who listens is told.

use std::sync::{Arc, Mutex};

use scmi_vhost::backend::{Kind, Record, Tap};
use scmi_vhost::frontend::Options;

use crate::daemon::{Daemon, exchange, is_version, next, until, version_request};
use crate::probe;
use crate::rawguest::{COMMANDS, RawGuest};

#[derive(Clone, Debug)]
struct Seen {
    agent: usize,
    kind: Kind,
    message: Vec<u8>,
    len: usize,
    room: usize,
    used: usize,
    reason: Option<String>,
}

/// Everything that was told.
#[derive(Debug, Default)]
struct Listener(Mutex<Vec<Seen>>);

impl Tap for Listener {
    fn saw(&self, record: &Record<'_>) {
        self.0.lock().expect("lock").push(Seen {
            agent: record.agent.index(),
            kind: record.kind,
            message: record.message.to_vec(),
            len: record.len,
            room: record.room,
            used: record.used,
            reason: record.reason.map(str::to_owned),
        });
    }
}

impl Listener {
    /// What was told of one kind.
    fn of(&self, kind: Kind) -> Vec<Seen> {
        self.0.lock().expect("lock").iter().filter(|seen| seen.kind == kind).cloned().collect()
    }
}

#[test]
fn commands_answers_and_events_are_told_as_they_lay_in_the_buffers() {
    let listener = Arc::new(Listener::default());
    let daemon = Daemon::start_tapped(2, listener.clone());
    let mut guest = daemon.connect(1, Options::default());
    let request = version_request(5);
    let answer = exchange(&mut guest, &request, 40);
    assert!(is_version(&request, &answer), "{answer:x?}");
    let notify = probe::command(probe::NOTIFY, 6, 1);
    exchange(&mut guest, &notify, 40);
    let late = probe::command(probe::LATE, 7, 1);
    let late_answer = exchange(&mut guest, &late, 40);
    let delayed = probe::command(probe::DELAYED, 8, 1);
    exchange(&mut guest, &delayed, 40);
    let (_, _response) = next(&mut guest);
    let commands = listener.of(Kind::Command);
    let messages: Vec<_> = commands.iter().map(|seen| seen.message.clone()).collect();
    assert_eq!(messages, [request, notify, late, delayed]);
    assert!(commands.iter().all(|seen| (seen.agent, seen.room) == (1, 40)), "{commands:x?}");
    let answers = listener.of(Kind::Answer);
    assert_eq!(answers.len(), 4, "{answers:x?}");
    assert_eq!((&answers[0].message, answers[0].used), (&answer, 12));
    assert_eq!(answers[2].message, late_answer, "a late one too");
    let events = listener.of(Kind::Event);
    assert_eq!(events.len(), 2, "a notification and a delayed response: {events:x?}");
    assert_eq!(daemon.counters(1).events, 2);
    drop(guest);
    until("its end is told", || listener.of(Kind::Note).len() == 2);
}

#[test]
fn what_gets_no_answer_is_told_with_the_reason() {
    let listener = Arc::new(Listener::default());
    let daemon = Daemon::start_tapped(1, listener.clone());
    let mut guest = RawGuest::start(daemon.socket(0));
    let chains = [
        vec![guest.readable(3), guest.writable(64)],
        vec![guest.readable(4), guest.writable(3)],
        vec![guest.writable(64)],
    ];
    for chain in chains {
        guest.offer(COMMANDS, &chain);
        assert_eq!(guest.used(COMMANDS).1, 0);
    }
    let chain = [guest.readable(4097), guest.writable(64)];
    guest.offer(COMMANDS, &chain);
    assert_eq!(guest.used(COMMANDS).1, 8);
    let dropped = listener.of(Kind::Dropped);
    let reasons: Vec<_> = dropped.iter().filter_map(|seen| seen.reason.as_deref()).collect();
    assert_eq!(reasons, ["no whole header", "no room for a header", "no whole header"]);
    assert_eq!(u64::try_from(dropped.len()), Ok(daemon.counters(0).dropped()));
    let commands = listener.of(Kind::Command);
    assert_eq!((commands[0].message.len(), commands[0].len), (4096, 4097), "cut, and it says so");
}
