//! A slot owns the bytes of one call, from the first to the last that may come for it.

use core::task::Waker;
use core::time::Duration;

use super::error::{CallError, Malformed};
use crate::time::Time;
use crate::transport::SendError;
use crate::wire::{Header, Status};

/// A call that was started. It stays valid, and its answer with it, until it is taken or dropped with
/// [`super::Agent::forget`]; a slot that is used again makes an old one invalid.
///
/// Losing one does no harm: the call ends at its deadline, and an answer that nobody took by then gives its slot up
/// when another call needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a call that is not asked for keeps its slot"]
pub struct CallId {
    pub(crate) slot: u16,
    pub(crate) generation: u32,
    /// The life of the channel that it was started in.
    pub(crate) life: u32,
}

#[derive(Debug)]
pub(super) struct Slot<const BYTES: usize> {
    pub(super) state: State,
    pub(super) generation: u32,
    /// The name of its buffer.
    pub(super) tag: u16,
    /// Calls are sent in the order in which they were started.
    pub(super) order: u32,
    /// Who waits for it.
    pub(super) waker: Option<Waker>,
    pub(super) header: Header,
    /// How long after the immediate response the delayed one may come; none where none is wanted.
    pub(super) delayed: Option<Duration>,
    /// The status of a delayed response that came before its immediate one.
    early: Option<Status>,
    pub(super) room: usize,
    pub(super) request_len: usize,
    pub(super) request: [u8; BYTES],
    reply_len: usize,
    reply: [u8; BYTES],
}

/// Where a call is. What may not happen in a state has no way to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Free,
    /// Not offered to the channel yet.
    Queued {
        deadline: Time,
    },
    /// The channel has the buffer.
    InFlight {
        deadline: Time,
    },
    /// The buffer is back; the delayed response is awaited.
    AwaitsDelayed {
        deadline: Time,
    },
    /// Ended; the answer waits to be taken. From the deadline on its slot may be given to another call.
    Done {
        result: Result<(), CallError>,
        until: Time,
    },
    /// Given up while the channel had the buffer: the slot is free when it comes back.
    Lost {
        delayed_owed: bool,
    },
    /// Given up while a delayed response was owed: the token must not be used before it came.
    Owed,
}

/// What an answer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    Progress,
    /// It ended its call, but made no sense.
    Spoiled,
    Late,
    Unexpected,
}

impl<const BYTES: usize> Slot<BYTES> {
    pub(super) const NEW: Self = Self {
        state: State::Free,
        generation: 0,
        tag: 0,
        order: 0,
        waker: None,
        header: Header::from_word(0),
        delayed: None,
        early: None,
        room: 0,
        request_len: 0,
        request: [0; BYTES],
        reply_len: 0,
        reply: [0; BYTES],
    };

    pub(super) fn begin(&mut self, header: Header, delayed: Option<Duration>, deadline: Time) {
        self.generation = self.generation.wrapping_add(1);
        self.header = header;
        self.delayed = delayed;
        self.early = None;
        self.reply_len = 0;
        self.waker = None;
        self.state = State::Queued { deadline };
    }

    /// The values that came, after the status.
    pub(super) fn values(&self) -> &[u8] {
        self.reply.get(..self.reply_len).unwrap_or_default()
    }

    /// Whether the token of this slot's call may not be given to another.
    pub(super) const fn holds_token(&self) -> bool {
        !matches!(self.state, State::Free | State::Done { .. })
    }

    /// Whether somebody waits for its end.
    pub(super) const fn goes_on(&self) -> bool {
        matches!(
            self.state,
            State::Queued { .. } | State::InFlight { .. } | State::AwaitsDelayed { .. }
        )
    }

    /// Whether it was given up, but something may still come for it.
    pub(super) const fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost { .. } | State::Owed)
    }

    /// The buffer came back.
    pub(super) fn buffer_back(&mut self, now: Time, bytes: &[u8]) -> Answered {
        match self.state {
            State::InFlight { deadline } => {
                self.state = self.answer(now, deadline, bytes);
                match self.state {
                    State::Done { result: Err(CallError::Malformed(_)), .. } => Answered::Spoiled,
                    _ => Answered::Progress,
                }
            }
            State::Lost { delayed_owed } => {
                let accepted = Header::parse(bytes) == Some(self.header)
                    && status_of(bytes).is_some_and(|(status, _)| status == Status::SUCCESS);
                let owed = delayed_owed && accepted && self.early.is_none();
                self.state = if owed { State::Owed } else { State::Free };
                Answered::Late
            }
            _ => Answered::Unexpected,
        }
    }

    fn answer(&mut self, now: Time, until: Time, bytes: &[u8]) -> State {
        let done = |result| State::Done { result, until };
        let came = Header::parse(bytes).map_or(0, Header::word);
        if came != self.header.word() {
            return done(Err(Malformed::Header { came }.into()));
        }
        match status_of(bytes) {
            None => done(Err(Malformed::short(bytes.len(), 8))),
            Some((Status::SUCCESS, values)) => match (self.delayed, self.early) {
                (Some(_), Some(status)) => done(status.ok().map_err(CallError::Refused)),
                (Some(wait), None) => State::AwaitsDelayed { deadline: now.after(wait) },
                (None, _) => {
                    self.keep(values);
                    done(Ok(()))
                }
            },
            Some((status, _)) => done(Err(CallError::Refused(status))),
        }
    }

    /// A delayed response for this slot's token came.
    pub(super) fn delayed_came(&mut self, bytes: &[u8]) -> Answered {
        let Some((status, values)) = status_of(bytes) else { return Answered::Unexpected };
        match self.state {
            State::AwaitsDelayed { deadline } => {
                self.keep(values);
                let result = status.ok().map_err(CallError::Refused);
                self.state = State::Done { result, until: deadline };
                Answered::Progress
            }
            // Two queues, two interrupts: it may overtake the immediate response.
            State::InFlight { .. } if self.delayed.is_some() && self.early.is_none() => {
                self.keep(values);
                self.early = Some(status);
                Answered::Progress
            }
            State::Lost { delayed_owed: true } if self.early.is_none() => {
                self.early = Some(status);
                Answered::Late
            }
            State::Owed => {
                self.state = State::Free;
                Answered::Late
            }
            _ => Answered::Unexpected,
        }
    }

    fn keep(&mut self, values: &[u8]) {
        self.reply.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
        self.reply_len = values.len().min(BYTES);
    }

    /// Nobody waits for it any more.
    pub(super) fn give_up(&mut self) {
        self.state = match self.state {
            State::InFlight { .. } => State::Lost { delayed_owed: self.delayed.is_some() },
            State::AwaitsDelayed { .. } => State::Owed,
            State::Queued { .. } | State::Done { .. } | State::Free => State::Free,
            State::Lost { .. } | State::Owed => self.state,
        };
    }

    /// The channel gets the buffer.
    pub(super) const fn send(&mut self) {
        if let State::Queued { deadline } = self.state {
            self.state = State::InFlight { deadline };
        }
    }

    /// The channel did not take the buffer after all.
    pub(super) const fn take_back(&mut self) {
        self.state = match self.state {
            State::InFlight { deadline } => State::Queued { deadline },
            State::Lost { .. } => State::Free,
            other => other,
        };
    }

    /// The channel will never take it.
    pub(super) const fn refuse(&mut self, error: SendError) {
        if let State::Queued { deadline } = self.state {
            let result = Err(CallError::Channel(error));
            self.state = State::Done { result, until: deadline };
        }
    }

    /// The channel has ended: nothing comes any more. Whether somebody waited.
    pub(super) const fn close(&mut self) -> bool {
        let Some(until) = self.deadline() else {
            if self.is_lost() {
                self.state = State::Free;
            }
            return false;
        };
        let result = Err(CallError::Channel(SendError::Closed));
        self.state = State::Done { result, until };
        true
    }

    /// No delayed response comes any more. Whether somebody waited for one.
    pub(super) fn owe_nothing(&mut self) -> bool {
        match self.state {
            State::AwaitsDelayed { deadline } => {
                let result = Err(CallError::TimedOut { delayed: true });
                self.state = State::Done { result, until: deadline };
                return true;
            }
            State::Owed => self.state = State::Free,
            State::Lost { .. } => self.state = State::Lost { delayed_owed: false },
            State::Free | State::Queued { .. } | State::InFlight { .. } | State::Done { .. } => {}
        }
        false
    }

    pub(super) const fn deadline(&self) -> Option<Time> {
        match self.state {
            State::Queued { deadline }
            | State::InFlight { deadline }
            | State::AwaitsDelayed { deadline } => Some(deadline),
            _ => None,
        }
    }
}

/// The status of a response, and its values.
fn status_of(message: &[u8]) -> Option<(Status, &[u8])> {
    let (_, after) = message.split_at_checked(Header::BYTES)?;
    let (status, values) = after.split_first_chunk::<4>()?;
    Some((Status(i32::from_le_bytes(*status)), values))
}
