//! What is done to answers.

use core::time::Duration;

use scmi::agent::{CallError, Client, Malformed};
use scmi::transport::SendError;
use scmi::wire::Status;

use crate::bench::{Bench, PATIENCE, SOON, counted, get, rate_of, serve, until};

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Own,
    /// Its own answer, in which the platform lies.
    Lie(u64),
    Refused(Status),
    /// An answer with another header.
    Header,
    /// An answer with fewer values.
    Short(u16),
}

fn ends(answer: Result<u64, CallError>, clock: u32) -> End {
    match answer {
        Ok(rate) if rate == rate_of(clock) => End::Own,
        Ok(rate) => End::Lie(rate),
        Err(CallError::Refused(status)) => End::Refused(status),
        Err(CallError::Malformed(Malformed::Header { .. })) => End::Header,
        Err(CallError::Malformed(Malformed::Short { came, .. })) => End::Short(came),
        Err(error) => panic!("{error}"),
    }
}

/// Does this to one answer, and holds how the call ends, and what the agent counts, against what is said.
fn case(bench: &Bench<'_>, acts: &str, end: End, counts: &[(&str, u64)]) {
    let mut frontend = bench.connect("one");
    let mut client: Client<'_> = Client::new(&mut frontend);
    bench.add(&format!(
        "protocol = \"clock\"\nmessage = \"CLOCK_RATE_GET\"\nresource = 3\ncount = 1\ndo = {{ {acts} }}"
    ));
    assert_eq!(ends(get(&mut client, 2, PATIENCE), 2), End::Own, "{acts}: not this one");
    assert_eq!(ends(get(&mut client, 3, PATIENCE), 3), end, "{acts}");
    for clock in [3, 4] {
        assert_eq!(ends(get(&mut client, clock, PATIENCE), clock), End::Own, "{acts}: no more");
    }
    // What comes on the event queue may come later.
    until(&mut client, acts, |client| counted(client) == counts);
    assert_eq!(client.agent().lost(), 0, "{acts}");
    bench.daemon.clear_faults();
}

#[test]
fn wrong_answers_end_their_calls_and_no_others() {
    const SPOILED: &[(&str, u64)] = &[("spoiled", 1)];
    serve(|bench| {
        let good: &[(&str, u64)] = &[];
        case(bench, "delay = '20 ms'", End::Own, good);
        case(bench, "swap = true, delay = '20 ms'", End::Own, good);
        case(bench, "status = 'BUSY'", End::Refused(Status::BUSY), good);
        case(bench, "status = 'SUCCESS'", End::Short(0), good);
        case(bench, "status = -200", End::Refused(Status(-200)), good);
        case(bench, "truncate = 12", End::Short(4), good);
        case(bench, "extend = 8", End::Own, good);
        case(bench, "garble = true", End::Lie(u64::MAX), good);
        case(bench, "token = 1", End::Header, SPOILED);
        for bits in ["type = 1", "type = 2", "protocol = 0x13", "message = 1", "reserved = 1"] {
            case(bench, &format!("header = {{ {bits} }}"), End::Header, SPOILED);
        }
        case(bench, "used-length = '-4'", End::Short(4), good);
        case(bench, "unrequested = true", End::Own, &[("unexpected", 1)]);
        for kind in ["delay", "swap", "truncate", "garble", "token", "unrequested"] {
            assert!(bench.done(kind) > 0, "{kind} was done");
        }
        assert_eq!(bench.done("header"), 5);
    });
}

/// An answer without a status, or in a buffer of the event queue.
#[test]
fn what_is_no_answer_ends_its_call() {
    serve(|bench| {
        for acts in ["truncate = 0", "truncate = 7", "used-length = 0", "event-queue = true"] {
            let mut frontend = bench.connect("one");
            let mut client: Client<'_> = Client::new(&mut frontend);
            bench.add(&format!("protocol = \"clock\"\ncount = 1\ndo = {{ {acts} }}"));
            let error = get(&mut client, 3, PATIENCE).expect_err(acts);
            assert!(matches!(error, CallError::Malformed(_)), "{acts}: {error}");
            let stray = if acts.starts_with("event") { Some(("malformed", 1)) } else { None };
            let counts: Vec<_> = stray.into_iter().chain([("spoiled", 1)]).collect();
            until(&mut client, acts, |client| counted(client) == counts);
            assert_eq!(get(&mut client, 3, PATIENCE), Ok(rate_of(3)), "{acts}");
            bench.daemon.clear_faults();
        }
    });
}

#[test]
fn a_used_length_that_claims_too_much_is_cut() {
    serve(|bench| {
        for length in ["'+8'", "'+4000'", "4294967295"] {
            let mut frontend = bench.connect("one");
            let mut client: Client<'_> = Client::new(&mut frontend);
            bench.add(&format!("protocol = \"clock\"\ncount = 1\ndo.used-length = {length}"));
            assert_eq!(get(&mut client, 5, PATIENCE), Ok(rate_of(5)), "{length}");
            assert_eq!(get(&mut client, 6, PATIENCE), Ok(rate_of(6)));
            bench.daemon.clear_faults();
        }
        assert_eq!(bench.done("used-length"), 3);
    });
}

#[test]
fn an_answer_that_is_late_finds_nobody() {
    serve(|bench| {
        let mut frontend = bench.connect("one");
        let mut client: Client<'_> = Client::new(&mut frontend);
        bench.add("protocol = 'clock'\nresource = 3\ncount = 1\ndo.delay = '2 s'");
        let error = get(&mut client, 3, SOON);
        assert_eq!(error, Err(CallError::TimedOut { delayed: false }));
        assert_eq!((client.agent().lost(), counted(&client)), (1, vec![("timed_out", 1)]));
        assert_eq!(get(&mut client, 4, PATIENCE), Ok(rate_of(4)), "others are not touched");
        until(&mut client, "the answer", |client| client.agent().lost() == 0);
        assert_eq!(counted(&client), [("late", 1), ("timed_out", 1)]);
        assert_eq!(get(&mut client, 3, PATIENCE), Ok(rate_of(3)));
    });
}

#[test]
fn buffers_that_are_kept_are_lost_until_their_fault_goes() {
    serve(|bench| {
        let mut frontend = bench.connect("one");
        let mut client: Client<'_> = Client::new(&mut frontend);
        bench.add("name = 'silent'\nprotocol = 'clock'\nresource = 3\ndo.never = true");
        let mut lost = 0;
        let error = loop {
            match get(&mut client, 3, Duration::from_millis(1)) {
                Err(CallError::TimedOut { delayed: false }) => lost += 1,
                end => break end,
            }
        };
        assert_eq!(error, Err(CallError::NoSlot { lost }), "all are lost");
        assert_eq!(lost, 16);
        let report = bench.daemon.remove_fault("silent").expect("it stood");
        assert_eq!((report.seen, report.chosen), (16, 16));
        until(&mut client, "the buffers", |client| client.agent().lost() == 0);
        assert_eq!(counted(&client), [("late", 16), ("timed_out", 16)]);
        assert_eq!(bench.daemon.faults().1.given_back, 16);
        assert_eq!(get(&mut client, 3, PATIENCE), Ok(rate_of(3)));
    });
}

#[test]
fn buffers_that_are_kept_are_free_after_a_reset() {
    serve(|bench| {
        bench.add("protocol = 'clock'\nresource = 3\ncount = 2\ndo.never = true");
        for _ in 0..2 {
            let mut frontend = bench.connect("one");
            let mut client: Client<'_> = Client::new(&mut frontend);
            let error = get(&mut client, 3, SOON);
            assert_eq!(error, Err(CallError::TimedOut { delayed: false }));
            assert_eq!(get(&mut client, 2, PATIENCE), Ok(rate_of(2)));
        }
        let mut frontend = bench.connect("one");
        let mut client: Client<'_> = Client::new(&mut frontend);
        assert_eq!(get(&mut client, 3, PATIENCE), Ok(rate_of(3)));
        assert_eq!(bench.daemon.faults().1.given_back, 2);
    });
}

#[test]
fn swapped_answers_find_their_own_calls() {
    use scmi::agent::Request;
    use scmi::wire::{MessageId, ProtocolId};
    serve(|bench| {
        let mut frontend = bench.connect("one");
        let mut client: Client<'_> = Client::new(&mut frontend);
        bench.add("protocol = 'clock'\nevery = 2\ndo = { swap = true, delay = '1 h' }");
        assert_eq!(get(&mut client, 0, PATIENCE), Ok(rate_of(0)), "the first is not held");
        for pair in 0..50_u32 {
            let clocks = [pair % 8, (pair + 3) % 8];
            let calls = clocks.map(|clock| {
                let params = clock.to_le_bytes();
                let (protocol, message) = (ProtocolId::CLOCK, MessageId(6));
                let request =
                    Request { protocol, message, params: &params, values: 8, delayed: false };
                client.start(&request).expect("started")
            });
            for (clock, call) in clocks.into_iter().zip(calls) {
                let give_up = client.now().after(PATIENCE);
                let end = client.wait(call, give_up).expect("in time");
                assert_eq!(end, Ok(rate_of(clock).to_le_bytes().as_slice()));
            }
        }
        assert_eq!((counted(&client), bench.done("swap")), (vec![], 50));
    });
}

#[test]
fn a_buffer_that_is_used_twice_ends_the_channel_and_not_the_platform() {
    serve(|bench| {
        let mut frontend = bench.connect("one");
        let mut client: Client<'_> = Client::new(&mut frontend);
        bench.add("protocol = 'clock'\ncount = 1\ndo.twice = true");
        let first = get(&mut client, 1, PATIENCE);
        let closed = Err(CallError::Channel(SendError::Closed));
        assert!(first == Ok(rate_of(1)) || first == closed, "{first:?}");
        // The second use is noticed when something is taken from the ring again.
        let later = get(&mut client, 2, PATIENCE);
        assert!(later == Ok(rate_of(2)) || later == closed, "{later:?}");
        assert_eq!(bench.done("twice"), 1);
        drop(frontend);
        let mut frontend = bench.connect("one");
        let mut client: Client<'_> = Client::new(&mut frontend);
        assert_eq!(get(&mut client, 2, PATIENCE), Ok(rate_of(2)), "connected anew");
    });
}
