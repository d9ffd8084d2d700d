//! The channel, and the platform behind it.

use core::cell::RefCell;
use core::time::Duration;
use std::collections::BTreeMap;
use std::rc::Rc;

use scmi::Time;
use scmi::transport::{Channel, Limits, Received, SendError};

/// How long a call waits.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// What was done to calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Never answered; half of the asynchronous ones without their delayed response only.
    pub(crate) lost: u64,
    /// Answered, or given their delayed response, after their deadline.
    pub(crate) late: u64,
    /// Answered twice.
    pub(crate) repeated: u64,
    /// Messages that come for calls that have ended.
    pub(crate) surplus: u64,
}

/// A buffer of an answer, or none for a delayed response; and the bytes.
type Message = (Option<u16>, Vec<u8>);

/// Both ends of the channel: clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Bad(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    now: Time,
    random: u64,
    /// What will come, by its time and then by chance.
    coming: BTreeMap<(Time, u64), Message>,
    done: Done,
}

impl State {
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ self.random >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// After up to that many milliseconds, and not before so many.
    fn bring(&mut self, between: core::ops::Range<u64>, message: Message) {
        let span =
            between.start * 1_000_000 + self.random() % ((between.end - between.start) * 1_000_000);
        let when = (self.now.after(Duration::from_nanos(span)), self.random());
        self.coming.insert(when, message);
    }
}

impl Bad {
    pub(crate) fn new(seed: u64) -> Self {
        let coming = BTreeMap::new();
        let state = State { now: Time::ZERO, random: seed, coming, done: Done::default() };
        Self(Rc::new(RefCell::new(state)))
    }

    pub(crate) fn done(&self) -> Done {
        self.0.borrow().done
    }

    /// Whether anything may still come.
    pub(crate) fn is_quiet(&self) -> bool {
        self.0.borrow().coming.is_empty()
    }

    /// Goes on to the moment when something comes, or to `until`.
    pub(crate) fn pass(&self, until: Option<Time>) {
        let mut state = self.0.borrow_mut();
        let next = state.coming.keys().next().map(|(when, _)| *when);
        let next = [next, until].into_iter().flatten().min().expect("something is awaited");
        state.now = state.now.max(next);
    }
}

/// The answer to a call: nobody else's.
pub(crate) fn answer_of(call: u64) -> [u8; 8] {
    call.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()
}

impl Channel for Bad {
    fn send(&mut self, tag: u16, request: &[u8], _: usize) -> Result<(), SendError> {
        let mut state = self.0.borrow_mut();
        let header = u32::from_le_bytes(request[..4].try_into().expect("a header"));
        let call = u64::from_le_bytes(request[4..12].try_into().expect("its number"));
        let asynchronous = request[12] == 1;
        let response = |word: u32, values: &[u8]| [&word.to_le_bytes(), &[0; 4], values].concat();
        let result = response(header, &answer_of(call));
        let result = if asynchronous {
            (None, response(header | 2 << 8, &answer_of(call)))
        } else {
            (Some(tag), result)
        };
        let fate = state.random() % 20;
        let accepted = asynchronous && (fate > 1 || state.random().is_multiple_of(2));
        if accepted {
            // In any order with the delayed response, but not after the deadline.
            state.bring(1..40, (Some(tag), response(header, &[])));
        }
        match fate {
            0 => state.done.lost += 1,
            1 => {
                state.done.late += 1;
                // Of an asynchronous call that was not accepted in time both come late.
                state.done.surplus += 1;
                if asynchronous && !accepted {
                    state.done.surplus += 1;
                    state.bring(150..400, (Some(tag), response(header, &[])));
                }
                state.bring(150..400, result);
            }
            2 => {
                state.done.repeated += 1;
                state.done.surplus += 1;
                state.bring(1..40, result.clone());
                state.bring(1..400, result);
            }
            _ => state.bring(1..40, result),
        }
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let mut state = self.0.borrow_mut();
        let now = state.now;
        let first = state.coming.first_entry().filter(|entry| entry.key().0 <= now)?;
        let (tag, message) = first.remove();
        buffer[..message.len()].copy_from_slice(&message);
        let len = message.len();
        Some(tag.map_or(Received::Event { len }, |tag| Received::Reply { tag, len }))
    }

    fn now(&self) -> Time {
        self.0.borrow().now
    }

    fn wait(&mut self, until: Time) {
        self.pass(Some(until));
    }

    fn limits(&self) -> Limits {
        Limits { in_flight: 512, max_message: 32, p2a: true }
    }
}
