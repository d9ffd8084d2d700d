//! The agent engine against a channel and a platform that do anything.

use core::time::Duration;
use std::collections::VecDeque;
use std::vec::Vec;

use super::agent_model::{Call, Immediate, Stage, status};
use super::input::Input;
use crate::agent::{Agent, CallError, CallId, Request, Timeouts};
use crate::time::Time;
use crate::transport::SendError;
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Status};

const SLOTS: usize = 4;
const BYTES: usize = 40;
const EVENTS: usize = 3;
/// More would find nothing new, but takes the fuzzer long.
const MOST_STEPS: usize = 3000;

/// Calls, answers right, wrong, late, twice, cut and out of order, notifications, timeouts and resets.
///
/// An answer goes to its call and to no other; a call ends by its answer or its deadline. A slot whose buffer is out,
/// or whose delayed response is owed, is not used again, and neither is its token. All that is dropped is counted.
pub fn agent_ops(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut world = World::default();
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        world.step(&mut input);
        world.check();
    }
    world.settle();
}

#[derive(Default)]
struct World {
    agent: Agent<SLOTS, BYTES, EVENTS>,
    now: Time,
    /// Calls whose slots are taken.
    calls: Vec<Call>,
    /// Calls whose slots are not: their ids stay harmless.
    old: Vec<CallId>,
    started: u32,
    life: u32,
    events: VecDeque<Vec<u8>>,
    counted: Counted,
}

/// What the engine has to have dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    late: u64,
    unexpected: u64,
    malformed: u64,
    events_lost: u64,
    spoiled: u64,
    cut: u64,
    abandoned: u64,
    timed_out: u64,
    closed: u64,
}

impl World {
    fn step(&mut self, input: &mut Input<'_>) {
        match input.below(16) {
            0..=2 => self.start(input),
            3 | 4 => self.transmit(input),
            5..=7 => self.reply(input),
            8 | 9 => self.delayed(input),
            10 => self.event(input),
            11 => self.pass(Duration::from_millis(input.byte().into())),
            12 => self.poll(input),
            13 if input.chance(64) => self.nothing_is_owed(),
            13 => self.forget(input),
            14 => {
                let all = usize::from(Header::TOKEN_MASK) + 1;
                let count = if input.chance(8) { all } else { input.below(16) };
                self.spend_tokens(count);
            }
            _ if input.chance(16) => self.reset(),
            _ if input.chance(64) => self.not_sent(input),
            _ => self.poll_event(),
        }
    }

    fn start(&mut self, input: &mut Input<'_>) {
        let extra = if input.chance(16) { input.below(60) } else { input.below(8) };
        let extra = input.bytes(extra);
        let values = if input.chance(16) { input.below(60) } else { input.below(BYTES - 7) };
        let span = |input: &mut Input<'_>| Duration::from_millis(input.byte().into());
        let timeouts =
            Timeouts { response: span(input), delayed: span(input), ..Timeouts::DEFAULT };
        let protocol = ProtocolId(0x10 + input.byte() % 2);
        let message = MessageId(input.byte() % 2);
        self.begin(protocol, message, extra, values, input.chance(128), timeouts);
    }

    /// Starts a call with its number as the first parameter.
    fn begin(
        &mut self,
        protocol: ProtocolId,
        message: MessageId,
        extra: &[u8],
        values: usize,
        delayed: bool,
        timeouts: Timeouts,
    ) {
        let params = [&self.started.to_le_bytes(), extra].concat();
        let request = Request { protocol, message, params: &params, values, delayed };
        let started = self.agent.start(self.now, &request, timeouts);
        let bytes = (params.len() + 4).max(values + 8);
        if bytes > BYTES {
            assert_eq!(started, Err(CallError::too_large(bytes, BYTES)));
            return;
        }
        if self.calls.len() == SLOTS && !self.abandon() {
            let lost = self.calls.iter().filter(|call| call.lost()).count();
            let lost = u16::try_from(lost).expect("few");
            assert_eq!(started, Err(CallError::NoSlot { lost }));
            return;
        }
        self.calls.push(Call {
            id: started.expect("a slot is free"),
            params,
            header: Header::command(protocol, message, 0),
            room: values + 8,
            delayed: delayed.then_some(timeouts.delayed),
            stage: Stage::Queued,
            values: Vec::new(),
            arrived: None,
            out_of_luck: false,
            deadline: self.now.after(timeouts.response),
            order: self.started,
            given_up: false,
        });
        self.started += 1;
    }

    /// An answer that nobody took before its deadline gives its slot up, the oldest first.
    fn abandon(&mut self) -> bool {
        let over = |call: &&Call| call.ended() && call.deadline <= self.now;
        let slot = |call: &Call| (call.deadline, call.id.slot);
        let Some(call) = self.calls.iter().filter(over).min_by_key(|call| slot(call)) else {
            return false;
        };
        let id = call.id;
        self.calls.retain(|call| call.id != id);
        self.old.push(id);
        self.counted.abandoned += 1;
        true
    }

    fn transmit(&mut self, input: &mut Input<'_>) {
        let queued = |call: &&Call| call.stage == Stage::Queued;
        let orders: Vec<u32> = self.calls.iter().filter(queued).map(|call| call.order).collect();
        let queue = orders.iter().copied();
        let Some(transmit) = self.agent.poll_transmit() else {
            assert!(orders.is_empty(), "a call is not sent: {:?}", self.calls);
            return;
        };
        let (tag, room) = (transmit.tag, transmit.room);
        let header = Header::parse(transmit.bytes).expect("a header");
        let params = &transmit.bytes[4..];
        // The channel and the platform know other calls by these.
        let taken = |call: &&Call| {
            let token = call.stage != Stage::Queued && call.header.token() == header.token();
            call.may_come() && token || call.stage == Stage::Out(tag)
        };
        assert_eq!(self.calls.iter().find(taken).map(|call| call.id), None, "{header:?} {tag}");
        let call =
            self.calls.iter_mut().find(|call| call.params == params).expect("it was started");
        assert_eq!(call.stage, Stage::Queued);
        let first = queue.min().expect("one is queued");
        assert_eq!(call.order, first, "calls are sent in the order of their start");
        let without_token = Header::command(header.protocol(), header.message(), 0);
        assert_eq!((call.header, call.room), (without_token, room));
        assert_eq!(header.kind(), MessageType::COMMAND);
        if input.chance(32) {
            self.agent.not_sent(tag);
        } else {
            call.header = header;
            call.stage = Stage::Out(tag);
        }
    }

    /// A channel that finds late that it could not send.
    fn not_sent(&mut self, input: &mut Input<'_>) {
        let outs = self.calls.iter().filter_map(|call| match call.stage {
            Stage::Out(tag) => Some(tag),
            _ => None,
        });
        let outs: Vec<u16> = outs.collect();
        let tag = if outs.is_empty() || input.chance(16) {
            input.byte().into()
        } else {
            input.pick(&outs)
        };
        let out = self.calls.iter_mut().find(|call| call.stage == Stage::Out(tag));
        if let Some(call) = out {
            if call.arrived.is_some() {
                // The platform has seen the command: so it had been sent.
                return;
            }
            call.stage = Stage::Queued;
            call.header = Header::command(call.header.protocol(), call.header.message(), 0);
        }
        self.agent.not_sent(tag);
        self.sweep();
    }

    /// A buffer comes back, or what a channel takes for one.
    fn reply(&mut self, input: &mut Input<'_>) {
        let out = |call: &Call| match call.stage {
            Stage::Out(tag) => Some((tag, call.header)),
            _ => None,
        };
        let mut buffers: Vec<(u16, Header)> = self.calls.iter().filter_map(out).collect();
        if buffers.is_empty() || input.chance(16) {
            // Of nobody, of an earlier call, or by chance of one that is out.
            let tag = input.below(SLOTS + 2) + SLOTS * input.below(16);
            let tag = tag.try_into().expect("small");
            buffers = Vec::from([(tag, Header::from_word(input.word()))]);
        }
        let (tag, header) = input.pick(&buffers);
        let mut bytes = response(header, input);
        spoil(&mut bytes, input);
        self.reply_with(tag, &bytes);
    }

    fn reply_with(&mut self, tag: u16, bytes: &[u8]) {
        self.agent.handle_reply(self.now, tag, bytes);
        let Some(call) = self.calls.iter_mut().find(|call| call.stage == Stage::Out(tag)) else {
            self.counted.unexpected += 1;
            return;
        };
        self.counted.late += u64::from(call.given_up);
        self.counted.cut += u64::from(bytes.len() > call.room);
        let bytes = bytes.get(..call.room).unwrap_or(bytes);
        let immediate = call.judge(bytes);
        let spoiled = matches!(immediate, Immediate::Nonsense(_)) && !call.given_up;
        self.counted.spoiled += u64::from(spoiled);
        call.stage = Stage::Back(immediate);
        if immediate == Immediate::Success {
            call.values = bytes[8..].iter().copied().take(BYTES).collect();
        }
        if let Some(wait) = call.delayed
            && call.may_come()
        {
            call.deadline = self.now.after(wait);
        }
        self.sweep();
    }

    /// A delayed response, to a call that wants one or to any other.
    fn delayed(&mut self, input: &mut Input<'_>) {
        let wants = self.calls.iter().filter(|call| call.takes_delayed() || input.chance(64));
        let headers: Vec<Header> = wants.map(|call| call.header).collect();
        if headers.is_empty() {
            return;
        }
        let mut bytes = response(input.pick(&headers).delayed_response(), input);
        spoil(&mut bytes, input);
        self.event_with(&bytes);
    }

    /// A notification, or anything.
    fn event(&mut self, input: &mut Input<'_>) {
        let header = Header::notification(ProtocolId(input.byte()), MessageId(input.byte()));
        let len = input.below(BYTES + 10);
        let mut bytes = [&header.word().to_le_bytes(), input.bytes(len)].concat();
        spoil(&mut bytes, input);
        self.event_with(&bytes);
    }

    fn event_with(&mut self, bytes: &[u8]) {
        self.agent.handle_event(bytes);
        let Some(header) = Header::parse(bytes) else {
            self.counted.malformed += 1;
            return;
        };
        match header.kind() {
            MessageType::NOTIFICATION => {
                self.counted.cut += u64::from(bytes.len() > BYTES + 4);
                self.events.push_back(bytes.iter().copied().take(BYTES + 4).collect());
                if self.events.len() > EVENTS {
                    self.events.pop_front();
                    self.counted.events_lost += 1;
                }
            }
            MessageType::DELAYED_RESPONSE => self.delayed_with(header, bytes),
            _ => self.counted.malformed += 1,
        }
    }

    fn delayed_with(&mut self, header: Header, bytes: &[u8]) {
        let wants =
            |call: &&mut Call| call.takes_delayed() && call.header.delayed_response() == header;
        match (self.calls.iter_mut().find(wants), status(bytes)) {
            (Some(call), Some(status)) => {
                let values = bytes[8..].iter().copied().take(BYTES).collect();
                call.arrived = Some((status, values));
                self.counted.late += u64::from(call.given_up);
            }
            _ => self.counted.unexpected += 1,
        }
        self.sweep();
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
        self.agent.handle_timeout(self.now);
        for call in &mut self.calls {
            let over = !call.given_up && call.may_come() && call.deadline <= self.now;
            call.given_up |= over;
            self.counted.timed_out += u64::from(over);
        }
        self.sweep();
    }

    fn poll(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.calls.len() + self.old.len().min(8) + 1);
        if let Some(call) = self.calls.get(at) {
            let id = call.id;
            self.poll_call(id);
        } else if let Some(id) = self.old.iter().rev().nth(at - self.calls.len()) {
            let result = self.agent.poll(*id);
            let over = CallError::Channel(SendError::Closed);
            let over = result == Some(Err(over)) && id.life != self.life;
            assert!(over || matches!(result, Some(Err(CallError::TimedOut { .. }))), "{result:?}");
        }
    }

    fn poll_call(&mut self, id: CallId) {
        let call = self.calls.iter().find(|call| call.id == id).expect("it holds a slot");
        let result = self.agent.poll(id);
        if call.given_up {
            assert!(matches!(result, Some(Err(CallError::TimedOut { .. }))), "{result:?}");
        } else if call.may_come() {
            assert_eq!(result, None, "{call:?}");
        } else {
            assert_eq!(result, Some(call.result()), "{call:?}");
            self.calls.retain(|call| call.id != id);
            self.old.push(id);
        }
    }

    fn forget(&mut self, input: &mut Input<'_>) {
        let ids: Vec<CallId> = self
            .calls
            .iter()
            .map(|call| call.id)
            .chain(self.old.iter().rev().take(8).copied())
            .collect();
        if ids.is_empty() {
            return;
        }
        let id = input.pick(&ids);
        self.agent.forget(id);
        if let Some(call) = self.calls.iter_mut().find(|call| call.id == id) {
            call.given_up = true;
        }
        self.sweep();
    }

    /// Calls that are answered at once: tokens go by.
    fn spend_tokens(&mut self, count: usize) {
        for _ in 0..count {
            if self.calls.len() == SLOTS {
                return;
            }
            let protocol = ProtocolId(0x10);
            self.begin(protocol, MessageId(0), &[], 0, false, Timeouts::default());
            let at = self.calls.len() - 1;
            while self.calls[at].stage == Stage::Queued {
                self.transmit(&mut Input::new(&[]));
            }
            let Stage::Out(tag) = self.calls[at].stage else { panic!("{:?}", self.calls[at]) };
            let success = [self.calls[at].header.word().to_le_bytes(), [0; 4]].concat();
            self.reply_with(tag, &success);
            self.poll_call(self.calls[at].id);
        }
    }

    /// The platform has forgotten its delayed responses.
    fn nothing_is_owed(&mut self) {
        self.agent.nothing_is_owed();
        for call in &mut self.calls {
            let waits = !call.given_up && call.may_come() && matches!(call.stage, Stage::Back(_));
            call.out_of_luck |= waits;
            self.counted.timed_out += u64::from(waits);
            if call.given_up && call.arrived.is_none() && call.may_come() {
                call.delayed = None;
            }
        }
        self.sweep();
    }

    fn reset(&mut self) {
        self.agent.reset();
        self.life += 1;
        let went_on = self.calls.iter().filter(|call| !call.given_up && call.may_come());
        self.counted.closed += u64::try_from(went_on.count()).expect("few");
        self.counted.events_lost += u64::try_from(self.events.len()).expect("few");
        self.old.extend(self.calls.drain(..).map(|call| call.id));
        self.events.clear();
    }

    fn poll_event(&mut self) {
        let event = self.agent.poll_event();
        let bytes =
            event.map(|event| [&event.header().word().to_le_bytes(), event.payload()].concat());
        assert_eq!(bytes, self.events.pop_front());
    }

    /// Slots become free when nobody waits and nothing can come.
    fn sweep(&mut self) {
        let free = |call: &Call| call.given_up && !call.may_come();
        self.old.extend(self.calls.iter().filter(|call| free(call)).map(|call| call.id));
        self.calls.retain(|call| !free(call));
    }

    fn check(&self) {
        let lost = self.calls.iter().filter(|call| call.lost()).count();
        assert_eq!(self.agent.lost(), lost, "{:?}", self.calls);
        let waits = self.calls.iter().filter(|call| !call.given_up && call.may_come());
        assert_eq!(self.agent.next_deadline(), waits.map(|call| call.deadline).min());
        let counters = self.agent.counters();
        let counted = Counted {
            late: counters.late,
            unexpected: counters.unexpected,
            malformed: counters.malformed,
            events_lost: counters.events_lost,
            spoiled: counters.spoiled,
            cut: counters.cut,
            abandoned: counters.abandoned,
            timed_out: counters.timed_out,
            closed: counters.closed,
        };
        assert_eq!(counted, self.counted);
    }

    /// The channel and the platform behave: every slot becomes free, without a reset.
    fn settle(&mut self) {
        while self.calls.iter().any(|call| call.stage == Stage::Queued) {
            self.transmit(&mut Input::new(&[]));
        }
        for call in self.calls.clone() {
            let success = [call.header.word().to_le_bytes(), [0; 4]].concat();
            if let Stage::Out(tag) = call.stage {
                self.reply_with(tag, &success);
            }
            let owes = self.calls.iter().any(|other| other.id == call.id && other.takes_delayed());
            if owes {
                let header = call.header.delayed_response();
                self.event_with(&[header.word().to_le_bytes(), [0; 4]].concat());
            }
        }
        let ids: Vec<CallId> = self.calls.iter().map(|call| call.id).collect();
        ids.into_iter().for_each(|id| self.poll_call(id));
        assert_eq!((self.calls.len(), self.agent.lost()), (0, 0));
        self.check();
        self.spend_tokens(1);
    }
}

/// A response with this header.
fn response(header: Header, input: &mut Input<'_>) -> Vec<u8> {
    let status = if input.chance(64) { Status(-i32::from(input.byte())) } else { Status::SUCCESS };
    let len = input.below(BYTES - 7);
    let values = input.bytes(len);
    [&header.word().to_le_bytes(), &status.0.to_le_bytes()[..], values].concat()
}

/// Cuts a message, or flips a bit of it.
fn spoil(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    if input.chance(24) {
        bytes.truncate(input.below(12));
    }
    if input.chance(24) && !bytes.is_empty() {
        let at = input.below(bytes.len().min(8));
        bytes[at] ^= 1 << input.below(8);
    }
}
