//! The rules from the driver's side of a queue in memory.

use core::time::Duration;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;
use scmi::Time;

use super::testing::{ANSWER, Chain, DROP, LATER, MemoryQueue, Offer, Script};
use super::{Counters, Device, Fault, MAX_MESSAGE, Progress, Rest};

type TestDevice = Device<u32, Chain>;

const NOW: Time = Time::from_millis(1000);

fn later() -> Time {
    NOW.after(Duration::from_millis(1))
}

/// A device, what is behind it, and both queues.
struct Bench {
    device: TestDevice,
    script: Script,
    commands: MemoryQueue,
    events: MemoryQueue,
}

impl Bench {
    fn new() -> Self {
        Self {
            device: TestDevice::new(8),
            script: Script::default(),
            commands: MemoryQueue::default(),
            events: MemoryQueue::default(),
        }
    }

    fn run_commands(&mut self, budget: usize) -> Progress {
        self.device.commands(NOW, &mut self.script, &mut self.commands, budget)
    }

    fn run_replies(&mut self, now: Time) -> Progress {
        self.script.now = now;
        self.device.replies(&mut self.script, &mut self.commands, 64)
    }

    fn run_events(&mut self) -> Progress {
        self.device.events(&mut self.script, &mut self.events, 64)
    }

    fn counters(&self) -> &Counters {
        self.device.counters()
    }

    /// The used lengths of the commands that came back, in order.
    fn used(&self) -> Vec<usize> {
        self.commands.completions.iter().map(|completion| completion.used).collect()
    }
}

#[test]
fn a_command_is_answered_in_its_own_chain() {
    let mut bench = Bench::new();
    bench.commands.offer(Offer::command(&Script::command(ANSWER, 12), 136));
    assert_eq!(bench.run_commands(64), Progress { completed: 1, rest: Rest::Done });
    assert_eq!(bench.script.handled, [Script::command(ANSWER, 12)]);
    assert_eq!(bench.commands.completions[0].bytes, [0x5A; 12]);
    assert_eq!(bench.commands.memory(0)[12..], [0xEE; 124], "only the answer is written");
    assert_eq!(bench.counters().answered, 1);
}

#[test]
fn a_burst_is_answered_within_the_budget_and_the_rest_on_the_next_call() {
    let mut bench = Bench::new();
    for _ in 0..100 {
        bench.commands.offer(Offer::command(&Script::command(ANSWER, 8), 8));
    }
    assert_eq!(bench.run_commands(64), Progress { completed: 64, rest: Rest::More });
    assert_eq!(bench.run_commands(64), Progress { completed: 36, rest: Rest::Done });
    assert_eq!(bench.used(), [8; 100]);
}

#[test]
fn every_bad_command_is_completed_with_nothing_and_counted_by_its_reason() {
    let fault = |fault| Offer { fault: Some(fault), ..Offer::command(&[0; 8], 16) };
    type Reason = fn(&Counters) -> u64;
    let cases: [(Offer, Reason); 9] = [
        (Offer::command(&[], 136), |c| c.no_request),
        (Offer::command(&[1, 2, 3], 136), |c| c.short_request),
        (Offer::command(&[0; 4], 0), |c| c.no_room),
        (Offer::command(&[0; 4], 3), |c| c.no_room),
        (Offer::command(&Script::command(DROP, 0), 136), |c| c.refused),
        (fault(Fault::Order), |c| c.bad_order),
        (fault(Fault::Table), |c| c.bad_table),
        (fault(Fault::Memory), |c| c.outside_memory),
        (Offer { gone: true, ..Offer::command(&[0; 4], 8) }, |c| c.outside_memory),
    ];
    for (offer, counter) in cases {
        let mut bench = Bench::new();
        bench.commands.offer(offer.clone());
        bench.commands.offer(Offer::command(&Script::command(ANSWER, 8), 8));
        bench.run_commands(64);
        assert_eq!(bench.used(), [0, 8], "{offer:?}");
        assert_eq!(counter(bench.counters()), 1, "{offer:?}");
        assert_eq!(bench.counters().dropped(), 1, "{offer:?}");
        assert_eq!(bench.counters().answered, 1, "{offer:?}");
    }
}

#[test]
fn a_request_longer_than_any_message_is_a_protocol_error() {
    let mut bench = Bench::new();
    let mut request = vec![7; MAX_MESSAGE + 1];
    request[..4].copy_from_slice(&[1, 2, 3, 4]);
    bench.commands.offer(Offer::command(&request, 136));
    bench.commands.offer(Offer::command(&request, 7));
    bench.commands.offer(Offer::command(&request[..MAX_MESSAGE], 8));
    bench.run_commands(64);
    assert_eq!(bench.commands.completions[0].bytes, [1, 2, 3, 4, 0xF6, 0xFF, 0xFF, 0xFF]);
    assert_eq!(bench.used()[1], 0, "no room for a status, so nothing");
    assert_eq!(bench.script.handled.len(), 1, "the longest that is allowed goes through");
    assert_eq!(bench.counters().long_request, 2);
}

#[test]
fn an_answer_is_never_longer_than_the_largest_message() {
    let mut bench = Bench::new();
    bench.commands.offer(Offer::command(&Script::command(ANSWER, 255), 1 << 20));
    bench.run_commands(1);
    assert_eq!(bench.used(), [255]);
}

#[test]
fn entries_without_a_chain_are_skipped_and_a_ring_in_disorder_ends_the_call() {
    let mut bench = Bench::new();
    bench.commands.lose_entry();
    bench.commands.offer(Offer::command(&Script::command(ANSWER, 8), 8));
    bench.commands.break_ring();
    assert_eq!(bench.run_commands(64), Progress { completed: 1, rest: Rest::Unusable });
    assert_eq!((bench.counters().lost_entries, bench.counters().unusable_ring), (1, 1));
}

#[test]
fn a_deferred_answer_goes_into_its_own_chain_when_it_is_due() {
    let mut bench = Bench::new();
    let slow = bench.commands.offer(Offer::command(&Script::command(LATER, 0), 20));
    let fast = bench.commands.offer(Offer::command(&Script::command(ANSWER, 8), 8));
    bench.run_commands(64);
    assert_eq!(bench.device.parked(), 1);
    assert_eq!(bench.run_replies(NOW).completed, 0, "not due yet");
    assert_eq!(bench.run_replies(later()), Progress { completed: 1, rest: Rest::Done });
    let heads: Vec<_> = bench.commands.completions.iter().map(|done| done.head).collect();
    assert_eq!(heads, [fast, slow]);
    assert_eq!(bench.used(), [8, 8]);
}

#[test]
fn commands_wait_in_the_ring_while_the_table_of_deferred_ones_is_full() {
    let mut bench = Bench::new();
    for _ in 0..9 {
        bench.commands.offer(Offer::command(&Script::command(LATER, 0), 8));
    }
    assert_eq!(bench.run_commands(64), Progress { completed: 0, rest: Rest::Parked });
    assert_eq!((bench.device.parked(), bench.commands.waiting()), (8, 1));
    assert_eq!(bench.run_replies(later()).completed, 8);
    assert_eq!(bench.run_commands(64).rest, Rest::Done);
    assert_eq!(bench.device.parked(), 1);
}

#[test]
fn a_stopping_queue_answers_what_it_parked_and_a_dead_one_is_not_touched() {
    let mut bench = Bench::new();
    for room in [8, 7] {
        bench.commands.offer(Offer::command(&Script::command(LATER, 0), room));
    }
    bench.run_commands(64);
    assert_eq!(bench.device.stop_commands(&mut bench.commands), 2);
    let mut answers: Vec<_> =
        bench.commands.completions.iter().map(|done| done.bytes.clone()).collect();
    answers.sort();
    assert_eq!(answers, [vec![], vec![0xA1, 0xA2, 0xA3, 0xA4, 0xF9, 0xFF, 0xFF, 0xFF]]);

    bench.commands.offer(Offer::command(&Script::command(LATER, 0), 8));
    bench.run_commands(64);
    bench.device.forget();
    bench.run_replies(later());
    assert_eq!(bench.commands.open(), 1, "not given back");
    assert_eq!(bench.commands.memory(2), [0xEE; 8], "not written");
    assert_eq!(bench.counters().orphans, 3, "the answers found nobody");
}

#[test]
fn memory_that_went_away_costs_the_answer_not_the_chain() {
    let mut bench = Bench::new();
    let head = bench.commands.offer(Offer::command(&Script::command(LATER, 0), 8));
    bench.run_commands(64);
    bench.commands.take_memory_of(head);
    bench.run_replies(later());
    assert_eq!(bench.used(), [0]);
    assert_eq!(bench.counters().outside_memory, 1);
}

#[test]
fn events_wait_for_buffers_and_buffers_are_not_taken_ahead() {
    let mut bench = Bench::new();
    bench.events.offer(Offer::event_buffer(136));
    assert_eq!(bench.run_events(), Progress { completed: 0, rest: Rest::Done });
    assert_eq!(bench.events.waiting(), 1, "nothing to send, nothing taken");
    bench.script.event(&[1; 8], true);
    bench.script.event(&[2; 20], false);
    assert_eq!(bench.run_events(), Progress { completed: 1, rest: Rest::NoBuffers });
    bench.events.offer(Offer::event_buffer(136));
    assert_eq!(bench.run_events(), Progress { completed: 1, rest: Rest::Done });
    let sent: Vec<_> = bench.events.completions.iter().map(|done| done.bytes.clone()).collect();
    assert_eq!(sent, [vec![1; 8], vec![2; 20]]);
}

#[test]
fn a_buffer_that_turned_out_not_to_be_needed_stays_available() {
    let mut bench = Bench::new();
    bench.script.event(&[2; 20], false);
    bench.events.offer(Offer::event_buffer(16));
    assert_eq!(bench.run_events(), Progress { completed: 0, rest: Rest::Done });
    assert_eq!((bench.events.waiting(), bench.events.open()), (1, 0));
}

#[test]
fn a_delayed_response_looks_for_a_buffer_that_is_large_enough() {
    let mut bench = Bench::new();
    bench.script.event(&[3; 40], true);
    bench.events.offer(Offer::event_buffer(16));
    bench.events.offer(Offer::event_buffer(39));
    assert_eq!(bench.run_events(), Progress { completed: 2, rest: Rest::NoBuffers });
    bench.events.offer(Offer::event_buffer(40));
    assert_eq!(bench.run_events().completed, 1);
    let used: Vec<_> = bench.events.completions.iter().map(|done| done.used).collect();
    assert_eq!(used, [0, 0, 40]);
    assert_eq!(bench.counters().small_event_buffers, 2);
}

#[test]
fn bad_event_buffers_are_given_back_and_do_not_cost_the_event() {
    let mut bench = Bench::new();
    bench.script.event(&[4; 8], false);
    let fault = |fault| Offer { fault: Some(fault), ..Offer::event_buffer(136) };
    bench.events.offer(Offer::command(&[0; 4], 136));
    bench.events.offer(fault(Fault::Order));
    bench.events.offer(fault(Fault::Table));
    bench.events.offer(fault(Fault::Memory));
    bench.events.offer(Offer::event_buffer(3));
    bench.events.lose_entry();
    bench.events.offer(Offer::event_buffer(136));
    assert_eq!(bench.run_events().completed, 6);
    let used: Vec<_> = bench.events.completions.iter().map(|done| done.used).collect();
    assert_eq!(used, [0, 0, 0, 0, 0, 8]);
    let counters = bench.counters();
    assert_eq!((counters.readable_event_buffers, counters.empty_event_buffers), (2, 1));
    assert_eq!((counters.bad_table, counters.outside_memory, counters.lost_entries), (1, 1, 1));
}

#[test]
fn every_counter_has_a_name_of_its_own() {
    let mut names: Vec<_> = Counters::default().items().iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Counters::default().items().len());
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let request =
        prop_oneof![proptest::collection::vec(any::<u8>(), 0..32), Just(vec![0; MAX_MESSAGE + 3]),];
    let fault = prop_oneof![
        6 => Just(None),
        1 => Just(Some(Fault::Order)),
        1 => Just(Some(Fault::Table)),
        1 => Just(Some(Fault::Memory)),
    ];
    (request, 0usize..40, fault, proptest::bool::weighted(0.1))
        .prop_map(|(request, room, fault, gone)| Offer { request, room, fault, gone })
}

#[derive(Clone, Debug)]
enum Step {
    Command(Offer),
    EventBuffer(Offer),
    Lose(bool),
    Event(u8, bool),
    Run { budget: usize, late: bool },
    Stop,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any_offer().prop_map(Step::Command),
        2 => any_offer().prop_map(Step::EventBuffer),
        1 => any::<bool>().prop_map(Step::Lose),
        2 => (4u8..40, any::<bool>()).prop_map(|(len, must)| Step::Event(len, must)),
        3 => (0usize..20, any::<bool>()).prop_map(|(budget, late)| Step::Run { budget, late }),
        1 => Just(Step::Stop),
    ]
}

proptest! {
    /// Whatever chains come in whatever order: each is completed once (the queue panics on a second time), or
    /// is parked, or still waits; nothing is written outside; no call does more than its budget.
    #[test]
    fn any_chains_all_come_back(steps in proptest::collection::vec(any_step(), 0..80)) {
        let mut bench = Bench::new();
        for step in steps {
            match step {
                Step::Command(offer) => { bench.commands.offer(offer); }
                Step::EventBuffer(offer) => { bench.events.offer(offer); }
                Step::Lose(on_commands) => {
                    if on_commands { bench.commands.lose_entry() } else { bench.events.lose_entry() }
                }
                Step::Event(len, must) => bench.script.event(&vec![9; len.into()], must),
                Step::Run { budget, late } => {
                    let now = if late { later() } else { NOW };
                    let Bench { device, script, commands, events } = &mut bench;
                    script.now = now;
                    prop_assert!(device.replies(script, commands, budget).completed <= budget);
                    prop_assert!(device.commands(now, script, commands, budget).completed <= budget);
                    prop_assert!(device.events(script, events, budget).completed <= budget);
                }
                Step::Stop => { bench.device.stop_commands(&mut bench.commands); }
            }
            prop_assert_eq!(bench.commands.open(), bench.device.parked());
            prop_assert_eq!(bench.events.open(), 0);
        }
        let Bench { device, script, commands, events } = &mut bench;
        script.now = Time::NEVER;
        while device.replies(script, commands, 64).rest == Rest::More {}
        while matches!(device.commands(later(), script, commands, 64).rest, Rest::More | Rest::Parked) {
            device.replies(script, commands, 64);
        }
        device.stop_commands(commands);
        prop_assert_eq!((commands.open(), commands.waiting(), events.open()), (0, 0, 0));
        for done in commands.completions.iter().chain(&events.completions) {
            prop_assert_eq!(done.bytes.len(), done.used);
        }
    }
}
