//! What becomes of each act, from the driver's side of queues in memory.

use core::cell::Cell;
use core::time::Duration;
use std::collections::VecDeque;
use std::string::{String, ToString};
use std::sync::Mutex;
use std::vec;
use std::vec::Vec;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::wire::{Header, MessageId, MessageType, ProtocolId, Status};

use super::{
    Acts, Deed, Flood, HeaderBits, Kind, Lying, Moment, Name, Plan, Sabotage, Sabotaged, Saboteur,
    Subject, UsedLength,
};
use crate::device::testing::{ANSWER, Chain, LATER, MemoryQueue, Offer, Script};
use crate::device::{Device, Progress};

const NOW: Time = Time::from_millis(1000);
const RULE: u64 = 7;

fn after(millis: u64) -> Time {
    NOW.after(Duration::from_millis(millis))
}

/// Does to the next messages what the list says, in turn.
#[derive(Debug, Default)]
struct List {
    plans: Mutex<VecDeque<Option<Acts>>>,
    asked: Mutex<Vec<(Moment, Vec<u8>)>>,
    deeds: Mutex<Vec<Deed>>,
    gone: Mutex<bool>,
}

impl Saboteur for List {
    fn is_idle(&self) -> bool {
        *self.gone.lock().expect("lock")
    }

    fn plan(&self, subject: &Subject<'_>) -> Option<Plan> {
        self.asked.lock().expect("lock").push((subject.moment, subject.payload.to_vec()));
        let acts = self.plans.lock().expect("lock").pop_front()??;
        Some(Plan { rule: RULE, acts })
    }

    fn stands(&self, rule: u64) -> bool {
        assert_eq!(rule, RULE);
        !*self.gone.lock().expect("lock")
    }

    fn report(&self, _: AgentId, rule: u64, deed: Deed) {
        assert_eq!(rule, RULE);
        self.deeds.lock().expect("lock").push(deed);
    }
}

/// A device, what is behind it, and both queues.
struct Bench {
    device: Device<Name<u32>, Chain>,
    sabotage: Sabotage<u32>,
    list: List,
    script: Script,
    commands: MemoryQueue,
    events: MemoryQueue,
    next: Option<Time>,
}

impl Bench {
    /// The plans for the messages to come.
    fn new(plans: impl IntoIterator<Item = Option<Acts>>) -> Self {
        Self {
            device: Device::new(8),
            sabotage: Sabotage::default(),
            list: List { plans: Mutex::new(plans.into_iter().collect()), ..List::default() },
            script: Script::default(),
            commands: MemoryQueue::lying(),
            events: MemoryQueue::lying(),
            next: None,
        }
    }

    fn of(acts: Acts) -> Self {
        Self::new([Some(acts)])
    }

    /// A turn of work, as a server does it.
    fn turn(&mut self, now: Time) -> [Progress; 3] {
        let verdict = Cell::default();
        self.script.now = now;
        let agent = AgentId::from_index(0).expect("agent");
        let saboteur: &dyn Saboteur = &self.list;
        let script = core::mem::take(&mut self.script);
        let mut responder =
            Sabotaged::new(script, &mut self.sabotage, Some(saboteur), agent, now, &verdict);
        let commands = &mut Lying::new(&mut self.commands, &verdict);
        let mut progress = vec![self.device.replies(&mut responder, commands, 64)];
        progress.push(self.device.commands(now, &mut responder, commands, 64));
        let events = &mut Lying::new(&mut self.events, &verdict);
        progress.push(self.device.events(&mut responder, events, 64));
        self.next = responder.has_due_reply().then_some(now).or_else(|| responder.next_deadline());
        self.script = responder.inner;
        progress.try_into().expect("three")
    }

    /// Sends a command and has a turn.
    fn command(&mut self, room: usize) -> usize {
        let head = self.commands.offer(Offer::command(&COMMAND, room));
        self.turn(NOW);
        head
    }

    fn offer_events(&mut self, count: usize) {
        for _ in 0..count {
            self.events.offer(Offer::event_buffer(136));
        }
    }

    fn late_command(&mut self, room: usize) -> usize {
        let head = self.commands.offer(Offer::command(&Script::command(LATER, 8), room));
        self.turn(NOW);
        head
    }

    /// Heads and used lengths of the commands that came back.
    fn used(&self) -> Vec<(usize, usize)> {
        self.commands.completions.iter().map(|done| (done.head, done.used)).collect()
    }

    fn event_bytes(&self) -> Vec<Vec<u8>> {
        self.events.completions.iter().map(|done| done.bytes.clone()).collect()
    }

    fn deeds(&self) -> Vec<Deed> {
        self.list.deeds.lock().expect("lock").clone()
    }
}

/// The script answers it with twelve bytes of 0x5A.
const COMMAND: [u8; 6] = [0xA1, 0xA2, 0xA3, 0xA4, ANSWER, 12];

const EVENT: [u8; 8] = [0x01, 0x4F, 0, 0, 1, 2, 3, 4];

fn acts(change: impl FnOnce(&mut Acts)) -> Acts {
    let mut acts = Acts::default();
    change(&mut acts);
    acts
}

fn status_of(bytes: &[u8]) -> Status {
    Status(i32::from_le_bytes(bytes[4..8].try_into().expect("four bytes")))
}

#[test]
fn what_has_no_plan_is_as_ever() {
    let mut bench = Bench::new([None]);
    bench.command(136);
    assert_eq!(bench.commands.completions[0].bytes, [0x5A; 12]);
    assert_eq!(*bench.list.asked.lock().expect("lock"), [(Moment::Answer, vec![ANSWER, 12])]);
    assert!(bench.deeds().is_empty() && bench.sabotage.is_quiet());
}

#[test]
fn a_delayed_answer_comes_when_its_time_has_come() {
    let mut bench = Bench::of(acts(|acts| acts.delay = Some(Duration::from_millis(20))));
    bench.command(136);
    assert_eq!((bench.used(), bench.next), (vec![], Some(after(20))));
    bench.turn(after(19));
    assert_eq!(bench.used(), []);
    bench.turn(after(20));
    assert_eq!(bench.commands.completions[0].bytes, [0x5A; 12]);
    assert_eq!((bench.deeds(), bench.next), (vec![Deed::Done(Kind::Delay)], None));
}

#[test]
fn an_answer_that_never_comes_is_given_back_when_its_rule_goes() {
    let never = acts(|acts| acts.never = true);
    let mut bench = Bench::new([Some(never), Some(never), None]);
    bench.command(136);
    let lost: Vec<String> = bench.sabotage.lost().map(|lost| lost.to_string()).collect();
    assert_eq!(lost, ["fault 7: never: DELAYED_RESPONSE protocol=0x96 message=0x5a token=662"]);
    bench.late_command(8);
    bench.turn(after(100_000));
    assert_eq!((bench.used(), bench.next), (vec![], None), "nothing to wait for");
    assert_eq!(bench.script.handled.len(), 2, "they were executed");
    *bench.list.gone.lock().expect("lock") = true;
    bench.turn(after(100_001));
    assert_eq!(bench.used().len(), 2);
    let first = bench.commands.completions.iter().find(|done| done.head == 0).expect("the first");
    assert_eq!(status_of(&first.bytes), Status::COMMS_ERROR);
    assert_eq!(first.bytes[..4], [0x5A; 4], "the header of the answer that was kept");
    let given_back = bench.deeds().into_iter().filter(|deed| *deed == Deed::GivenBack).count();
    assert_eq!((given_back, bench.sabotage.is_quiet()), (2, true));
}

#[test]
fn what_is_kept_is_forgotten_with_the_driver() {
    let mut bench = Bench::of(acts(|acts| acts.never = true));
    bench.command(136);
    let agent = AgentId::from_index(0).expect("agent");
    bench.sabotage.forget(agent, Some(&bench.list));
    bench.device.forget();
    assert_eq!(bench.deeds(), [Deed::Done(Kind::Never), Deed::GivenBack]);
    bench.turn(after(1));
    assert_eq!(bench.used(), []);
    assert!(bench.sabotage.is_quiet());
}

#[test]
fn another_status_is_all_that_the_answer_has_and_nothing_is_executed() {
    let mut bench = Bench::of(acts(|acts| acts.status = Some(Status::BUSY)));
    bench.command(136);
    let answer = &bench.commands.completions[0].bytes;
    assert_eq!((answer.len(), &answer[..4]), (8, &COMMAND[..4]));
    assert_eq!(status_of(answer), Status::BUSY);
    assert!(bench.script.handled.is_empty());
}

#[test]
fn an_answer_is_cut_stretched_and_garbled_within_its_room() {
    for (change, expected) in [
        (acts(|acts| acts.truncate = Some(6)), [0x5A; 6].to_vec()),
        (acts(|acts| acts.truncate = Some(0)), vec![]),
        (acts(|acts| acts.extend = Some(4)), [[0x5A; 12].as_slice(), &[0xEE; 4]].concat()),
        (acts(|acts| acts.garble = true), [[0x5A; 8].as_slice(), &[0xFF; 4]].concat()),
    ] {
        let mut bench = Bench::of(change);
        bench.command(136);
        assert_eq!(bench.commands.completions[0].bytes, expected);
    }
    let mut bench = Bench::of(acts(|acts| acts.extend = Some(1000)));
    bench.command(16);
    assert_eq!(bench.used(), [(0, 16)], "as far as the room goes");
    assert_eq!(bench.deeds(), [Deed::Skipped(Kind::Extend)]);
}

#[test]
fn header_and_token_are_others() {
    let bits = HeaderBits {
        message: Some(0x11),
        kind: Some(1),
        protocol: Some(0x80),
        reserved: Some(0xF),
    };
    let mut bench = Bench::of(acts(|acts| (acts.header, acts.token) = (Some(bits), Some(1023))));
    bench.command(136);
    let header = Header::parse(&bench.commands.completions[0].bytes).expect("header");
    let was = Header::parse(&[0x5A; 4]).expect("header");
    assert_eq!((header.message(), header.protocol()), (MessageId(0x11), ProtocolId(0x80)));
    assert_eq!((header.kind(), header.word() >> 28), (MessageType(1), 0xF));
    assert_eq!(header.token(), was.token() - 1, "modulo 1024");
    assert_eq!(bench.deeds(), [Deed::Done(Kind::Token), Deed::Done(Kind::Header)]);
}

#[test]
fn a_used_length_lies_and_nothing_more_is_written() {
    for (length, claimed) in [
        (UsedLength::Exactly(0), 0),
        (UsedLength::Exactly(u32::MAX), 0xFFFF_FFFF),
        (UsedLength::More(8), 20),
        (UsedLength::Less(5), 7),
        (UsedLength::Less(500), 0),
    ] {
        let mut bench = Bench::of(acts(|acts| acts.used_length = Some(length)));
        bench.command(16);
        assert_eq!(bench.used(), [(0, claimed)]);
        assert_eq!(bench.commands.memory(0)[12..], [0xEE; 4], "not written");
        bench.command(16);
        assert_eq!(bench.used()[1], (1, 12), "the next one is honest");
    }
}

#[test]
fn an_answer_that_comes_twice_uses_its_chain_twice() {
    let mut bench = Bench::of(acts(|acts| acts.twice = true));
    bench.command(136);
    assert_eq!(bench.used(), [(0, 12), (0, 12)]);
    bench.command(136);
    assert_eq!(bench.used()[2..], [(1, 12)]);
}

#[test]
fn a_swapped_answer_comes_behind_the_next_one_or_after_a_while() {
    let swap = Some(acts(|acts| acts.swap = true));
    let mut bench = Bench::new([swap, None, swap]);
    bench.command(136);
    assert_eq!((bench.used(), bench.next), (vec![], Some(NOW.after(Acts::SWAP_PATIENCE))));
    bench.command(136);
    assert_eq!((bench.used(), bench.next), (vec![(1, 12)], Some(NOW)), "at once now");
    bench.turn(NOW);
    assert_eq!(bench.used(), [(1, 12), (0, 12)]);
    bench.command(136);
    bench.turn(NOW.after(Acts::SWAP_PATIENCE));
    assert_eq!(bench.used()[2..], [(2, 12)], "there was no next one");
}

#[test]
fn an_answer_on_the_event_queue_leaves_its_own_chain_empty() {
    let mut bench = Bench::of(acts(|acts| acts.event_queue = true));
    bench.events.offer(Offer::event_buffer(136));
    bench.command(136);
    assert_eq!(bench.used(), [(0, 0)]);
    assert_eq!(bench.event_bytes(), [[0x5A; 12]]);
}

#[test]
fn a_delayed_response_that_nobody_asked_for_follows() {
    let mut bench = Bench::of(acts(|acts| acts.unrequested = true));
    bench.events.offer(Offer::event_buffer(136));
    bench.command(136);
    assert_eq!(bench.used(), [(0, 12)]);
    assert_eq!((bench.event_bytes(), bench.next), (Vec::<Vec<u8>>::new(), Some(after(5))));
    bench.turn(after(5));
    let header = Header::parse(&bench.event_bytes()[0]).expect("header");
    assert_eq!(header.kind(), MessageType::DELAYED_RESPONSE);
}

#[test]
fn what_the_platform_answers_late_is_no_exception() {
    let plans = [acts(|acts| acts.twice = true), acts(|acts| acts.status = Some(Status::DENIED))];
    let mut bench = Bench::new(plans.map(Some));
    bench.late_command(136);
    bench.late_command(136);
    assert_eq!(bench.used(), [(1, 8)], "a refusal is not late");
    bench.turn(after(1));
    assert_eq!(bench.used()[1..], [(0, 8), (0, 8)]);
    let mut bench = Bench::of(acts(|acts| acts.delay = Some(Duration::from_millis(10))));
    bench.late_command(136);
    bench.turn(after(1));
    assert_eq!((bench.used(), bench.next), (vec![], Some(after(11))), "later still");
    bench.turn(after(11));
    assert_eq!(bench.used(), [(0, 8)]);
}

#[test]
fn notifications_are_dropped_repeated_delayed_and_spoiled() {
    let plans = [
        Some(acts(|acts| acts.never = true)),
        Some(acts(|acts| acts.twice = true)),
        Some(acts(|acts| acts.delay = Some(Duration::from_millis(3)))),
        Some(acts(|acts| acts.truncate = Some(4))),
        Some(acts(|acts| acts.garble = true)),
        Some(acts(|acts| acts.used_length = Some(UsedLength::Exactly(4096)))),
        None,
    ];
    let mut bench = Bench::new(plans);
    for number in 0..7 {
        bench.script.event(&[&EVENT[..7], &[number]].concat(), false);
        bench.events.offer(Offer::event_buffer(136));
        bench.events.offer(Offer::event_buffer(136));
    }
    bench.turn(NOW);
    let seen: Vec<u8> =
        bench.event_bytes().iter().map(|event| event.get(7).copied().unwrap_or(99)).collect();
    assert_eq!(seen, [1, 1, 99, 0xFF, 5, 6]);
    assert_eq!(bench.events.completions[4].used, 4096);
    bench.turn(after(3));
    assert_eq!(bench.event_bytes()[6][7], 2, "the delayed one");
    assert_eq!(bench.events.open(), 0, "what was not used was not taken");
    let moments = bench.list.asked.lock().expect("lock");
    assert!(moments.iter().all(|(moment, _)| *moment == Moment::Notification), "{moments:?}");
}

#[test]
fn delayed_responses_are_lost_doubled_and_refused() {
    let plans = [
        acts(|acts| acts.never = true),
        acts(|acts| acts.twice = true),
        acts(|acts| acts.status = Some(Status::HARDWARE_ERROR)),
    ];
    let mut bench = Bench::new(plans.map(Some));
    let header = Header::command(ProtocolId::SENSOR, MessageId(6), 3).delayed_response();
    let message = [&header.word().to_le_bytes()[..], &[0; 8]].concat();
    for _ in 0..3 {
        bench.script.event(&message, true);
        bench.events.offer(Offer::event_buffer(136));
    }
    bench.turn(NOW);
    let lengths: Vec<usize> = bench.event_bytes().iter().map(Vec::len).collect();
    assert_eq!(lengths, [12, 12, 8]);
    assert_eq!(status_of(&bench.event_bytes()[2]), Status::HARDWARE_ERROR);
}

#[test]
fn a_flood_comes_as_fast_as_there_are_buffers_or_at_its_rate_and_ends_with_its_rule() {
    let flood =
        |count, per_second| Some(acts(|acts| acts.flood = Some(Flood { count, per_second })));
    let mut bench = Bench::new([flood(100, None)]);
    bench.script.event(&EVENT, false);
    bench.offer_events(150);
    for _ in 0..3 {
        bench.turn(NOW);
    }
    assert_eq!(bench.event_bytes(), vec![EVENT.to_vec(); 101], "the one, and a hundred more");
    assert!(bench.sabotage.is_quiet());

    let mut bench = Bench::new([flood(1000, Some(100))]);
    bench.script.event(&EVENT, false);
    bench.offer_events(50);
    bench.turn(NOW);
    assert_eq!((bench.event_bytes().len(), bench.next), (1, Some(after(10))));
    bench.turn(after(100));
    assert_eq!(bench.event_bytes().len(), 11);
    assert_eq!(bench.deeds(), [Deed::Done(Kind::Flood); 10]);
    *bench.list.gone.lock().expect("lock") = true;
    bench.turn(after(200));
    assert_eq!(bench.event_bytes().len(), 11);
}

#[test]
fn events_and_floods_that_wait_for_buffers_are_bounded() {
    let plan = acts(|acts| {
        acts.unrequested = true;
        acts.event_queue = true;
    });
    let mut bench = Bench::new(vec![Some(plan); 300]);
    for _ in 0..300 {
        bench.command(136);
    }
    assert_eq!(bench.sabotage.events.len(), Sabotage::<u32>::MAX_EVENTS);
    let skipped =
        bench.deeds().iter().filter(|deed| **deed == Deed::Skipped(Kind::EventQueue)).count();
    assert_eq!(skipped, 300 - 128);
    assert_eq!(
        bench.used().iter().filter(|(_, used)| *used == 12).count(),
        skipped,
        "in its place"
    );
}

#[test]
fn what_makes_no_sense_is_skipped() {
    let mut bench = Bench::of(acts(|acts| acts.flood = Some(Flood { count: 1, per_second: None })));
    bench.command(136);
    assert_eq!((bench.used(), bench.deeds()), (vec![(0, 12)], vec![Deed::Skipped(Kind::Flood)]));
    let mut bench = Bench::of(acts(|acts| {
        (acts.swap, acts.event_queue, acts.unrequested) = (true, true, true);
        acts.status = Some(Status::BUSY);
    }));
    bench.script.event(&EVENT, false);
    bench.events.offer(Offer::event_buffer(136));
    bench.turn(NOW);
    assert_eq!(bench.event_bytes(), [EVENT]);
    let kinds = [Kind::Status, Kind::Swap, Kind::EventQueue, Kind::Unrequested];
    assert_eq!(bench.deeds(), kinds.map(Deed::Skipped));
}
