//! Any faults: every call ends in its own answer or an error, and when they are gone the channel is as good as new.

use core::time::Duration;

use scmi::agent::{CallError, Client, Malformed, Timeouts};
use scmi::transport::SendError;

use crate::bench::{Bench, CLOCKS, PATIENCE, get, rate_of, serve, set};

/// Runs, each with a seed of its own; a failure names it.
const SEEDS: u64 = 24;

/// Calls of each run.
const CALLS: usize = 40;

struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        // Marsaglia's xorshift: enough to choose by.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }

    fn one_of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[usize::try_from(self.next(all.len() as u64)).expect("an index")]
    }

    fn rule(&mut self) -> String {
        let on = self.one_of(&["answers", "answers", "delayed-responses"]);
        let mut acts = vec![
            "delay = '2 ms'",
            "delay = '30 ms'",
            "never = true",
            "status = 'BUSY'",
            "status = 'SUCCESS'",
            "truncate = 0",
            "truncate = 6",
            "truncate = 9",
            "extend = 5",
            "garble = true",
            "token = 1",
            "token = 1023",
            "header = { type = 2 }",
            "header = { type = 3, protocol = 0x13 }",
            "header = { message = 5, reserved = 7 }",
            "twice = true",
            "used-length = 0",
            "used-length = '+100'",
            "used-length = '-5'",
        ];
        if on == "answers" {
            acts.extend([
                "swap = true, delay = '5 ms'",
                "event-queue = true",
                "unrequested = true",
                "unrequested = true, token = 1",
                "event-queue = true, header = { type = 2 }",
            ]);
        }
        let acts = self.one_of(&acts);
        let (every, seed) = (1 + self.next(4), self.next(1000));
        let chance = self.one_of(&["0.2", "0.5", "1"]);
        format!(
            "[[fault]]\nname = '{}'\non = '{on}'\nprotocol = 'clock'\nevery = {every}\n\
             probability = {chance}\nseed = {seed}\ndo = {{ {acts} }}\n",
            self.next(u64::MAX)
        )
    }
}

/// Whether a call's end is its own: its answer, what the platform made of that, or an error.
fn is_own(clock: u32, end: &Result<u64, CallError>) -> bool {
    match end {
        Ok(rate) => *rate == rate_of(clock) || *rate == u64::MAX,
        Err(CallError::Malformed(Malformed::OtherResource { named })) => {
            // Garbled: no other clock's.
            *named >= CLOCKS
        }
        Err(_) => true,
    }
}

fn run(bench: &Bench<'_>, seed: u64) {
    let mut random = Random(seed << 20 | 0x9E37);
    let rules: String = (0..1 + random.next(4)).map(|_| random.rule()).collect();
    let mut frontend = bench.connect("one");
    let mut client: Client<'_> = Client::new(&mut frontend);
    bench.daemon.add_faults(&rules, "rules").unwrap_or_else(|error| panic!("{rules}\n{error}"));
    let soon = Duration::from_millis(5);
    for _ in 0..CALLS {
        let clock = u32::try_from(random.next(CLOCKS.into())).expect("a clock");
        let end = match random.next(3) {
            0 => set(&mut client, clock, rate_of(clock), Timeouts::all(soon)),
            _ => get(&mut client, clock, soon),
        };
        assert!(is_own(clock, &end), "seed {seed}, clock {clock}: {end:?}\n{rules}");
    }
    bench.daemon.clear_faults();
    let recovered = recover(&mut client, seed);
    drop(frontend);
    if !recovered {
        let mut frontend = bench.connect("one");
        let mut client: Client<'_> = Client::new(&mut frontend);
        assert_eq!(get(&mut client, 0, PATIENCE), Ok(rate_of(0)), "seed {seed}");
    }
}

/// The channel is as it was; false if its ring broke, so that only another one helps.
fn recover(client: &mut Client<'_>, seed: u64) -> bool {
    let give_up = client.now().after(PATIENCE);
    let mut clock = 0;
    while clock < CLOCKS {
        match get(client, clock, PATIENCE) {
            Ok(rate) => {
                assert_eq!(rate, rate_of(clock), "seed {seed}");
                clock += 1;
            }
            Err(CallError::Channel(SendError::Closed)) => {
                return false;
            }
            // Delayed responses that were promised and never come are waited for until somebody says so.
            Err(CallError::NoSlot { lost }) => {
                assert!(client.now() < give_up, "seed {seed}: {lost} buffers are lost");
                client.nothing_is_owed();
                let soon = client.now().after(Duration::from_millis(1));
                let _event = client.next_event(soon);
            }
            // Kept buffers come one after the other, and those of the last calls are on their way.
            Err(error) => assert!(client.now() < give_up, "seed {seed}: {error}"),
        }
    }
    client.nothing_is_owed();
    crate::bench::until(client, "the buffers", |client| client.agent().lost() == 0);
    true
}

#[test]
fn under_any_faults_every_call_ends_in_its_own_answer_or_an_error() {
    for seed in 1..=SEEDS {
        serve(|bench| run(bench, seed));
    }
}
