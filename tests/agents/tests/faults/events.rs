//! What is done to delayed responses and to notifications.

use core::time::Duration;

use scmi::agent::{CallError, Client, Malformed};
use scmi::protocol::clock::agent::{Clocks, Event};
use scmi::wire::Status;

use crate::bench::{
    Bench, PATIENCE, PATIENT, SOON, counted, delayed_within, get, rate_of, serve, set, until,
};

fn case(
    bench: &Bench<'_>,
    acts: &str,
    patience: Duration,
    end: Result<u64, CallError>,
    counts: &[(&str, u64)],
) {
    let mut frontend = bench.connect("one");
    let mut client: Client<'_> = Client::new(&mut frontend);
    bench.add(&format!(
        "on = 'delayed-responses'\nprotocol = 'clock'\nresource = 3\ncount = 1\ndo = {{ {acts} }}"
    ));
    let answer = set(&mut client, 3, rate_of(3), delayed_within(patience));
    assert_eq!(answer, end, "{acts}");
    until(&mut client, acts, |client| counted(client) == counts);
    assert_eq!(set(&mut client, 3, rate_of(3), PATIENT), Ok(rate_of(3)), "{acts}: no more");
    assert_eq!(set(&mut client, 4, rate_of(4), PATIENT), Ok(rate_of(4)), "{acts}: no others");
    bench.daemon.clear_faults();
}

#[test]
fn delayed_responses_that_are_late_lost_wrong_or_doubled() {
    let timed_out = Err(CallError::TimedOut { delayed: true });
    let other = CallError::Malformed(Malformed::OtherResource { named: u32::MAX });
    let short = |came| Err(CallError::Malformed(Malformed::Short { came, wanted: 12 }));
    serve(|bench| {
        case(bench, "delay = '20 ms'", PATIENCE, Ok(rate_of(3)), &[]);
        case(bench, "delay = '2 s'", SOON, timed_out, &[("late", 1), ("timed_out", 1)]);
        case(bench, "never = true", SOON, timed_out, &[("timed_out", 1)]);
        let refused = Err(CallError::Refused(Status::HARDWARE_ERROR));
        case(bench, "status = 'HARDWARE_ERROR'", PATIENCE, refused, &[]);
        case(bench, "truncate = 12", PATIENCE, short(4), &[]);
        case(bench, "extend = 40", PATIENCE, Ok(rate_of(3)), &[]);
        case(bench, "garble = true", PATIENCE, Err(other), &[]);
        let nobody = &[("unexpected", 1), ("timed_out", 1)];
        case(bench, "token = 5", SOON, timed_out, nobody);
        case(bench, "header = { protocol = 0x13 }", SOON, timed_out, nobody);
        case(bench, "twice = true", PATIENCE, Ok(rate_of(3)), &[("unexpected", 1)]);
        case(bench, "used-length = '-12'", PATIENCE, short(0), &[]);
    });
}

/// The rates of clock 0 that `one` is told of, while `two` sets it to 1 .. `count`.
fn told(bench: &Bench<'_>, fault: &str, count: u64) -> (Vec<u64>, Vec<(&'static str, u64)>) {
    let (mut frontend, mut other) = (bench.connect("one"), bench.connect("two"));
    let mut client: Client<'_> = Client::new(&mut frontend);
    let mut two: Client<'_> = Client::new(&mut other);
    Clocks::open(&mut client).and_then(|mut clocks| clocks.notify_rate(0, true)).expect("told");
    bench.add(&format!(
        "agent = 'one'\nprotocol = 'clock'\nmessage = 'CLOCK_RATE_CHANGED'\n{fault}"
    ));
    let mut seen = Vec::new();
    let mut take = |client: &mut Client<'_>, patience| {
        let soon = client.now().after(patience);
        while let Some(event) = client.next_event(soon) {
            if let Some(Event::RateChanged { clock: 0, rate, .. }) =
                Event::parse(event.header(), event.payload())
            {
                seen.push(rate);
            }
        }
    };
    for rate in 1..=count {
        assert_eq!(set(&mut two, 0, rate, PATIENT), Ok(rate));
        // Before the next one, of which otherwise only the newest would be told.
        take(&mut client, Duration::from_millis(30));
    }
    take(&mut client, Duration::from_millis(300));
    assert_eq!(get(&mut client, 1, PATIENCE), Ok(rate_of(1)), "answers are not touched");
    bench.daemon.clear_faults();
    (seen, counted(&client))
}

#[test]
fn notifications_that_are_lost_repeated_or_malformed() {
    serve(|bench| {
        let (seen, counts) = told(bench, "every = 2\ndo.never = true", 4);
        assert_eq!((seen, counts), (vec![1, 3], vec![]));
        let (seen, counts) = told(bench, "every = 2\ndo.twice = true", 4);
        assert_eq!((seen, counts), (vec![1, 2, 2, 3, 4, 4], vec![]));
        let (seen, _) = told(bench, "every = 2\ndo.garble = true", 4);
        assert_eq!(seen, [1, 3], "a clock that nobody knows");
        let (seen, _) = told(bench, "every = 2\ndo.truncate = 4", 4);
        assert_eq!(seen, [1, 3], "too short to be read");
        let (seen, counts) = told(bench, "every = 2\ndo.used-length = 3", 4);
        assert_eq!((seen, counts), (vec![1, 3], vec![("malformed", 2)]));
        let (seen, counts) = told(bench, "every = 2\ndo.header.type = 1", 4);
        assert_eq!((seen, counts), (vec![1, 3], vec![("malformed", 2)]));
    });
}

#[test]
fn a_flood_loses_notifications_and_no_answers() {
    serve(|bench| {
        let (seen, counts) = told(bench, "count = 1\ndo.flood = { count = 5000 }", 2);
        assert!(seen.contains(&1) && seen.len() <= 5002, "{}", seen.len());
        let lost: u64 =
            counts.iter().filter(|(name, _)| *name == "events_lost").map(|(_, lost)| lost).sum();
        assert_eq!(seen.len() as u64 + lost, 5002, "what was not seen was counted");
        assert_eq!(bench.done("flood"), 5000);
        let (seen, _) = told(bench, "count = 1\ndo.flood = { count = 20, per-second = 500 }", 1);
        assert_eq!(seen, [1; 21]);
    });
}
