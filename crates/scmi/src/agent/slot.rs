//! A slot owns the bytes of one call, from the first to the last that may come for it.

use core::task::Waker;
use core::time::Duration;

use super::error::{CallError, Malformed};
use super::query::fill;
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

// In this order, and nothing of it other than zero at first: so few bytes of code reach and make it.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Slot<const BYTES: usize> {
    pub(super) stage: Stage,
    /// Whether a delayed response is wanted.
    pub(super) delayed: bool,
    /// The name of its buffer.
    pub(super) tag: u16,
    pub(super) generation: u32,
    /// The deadline of a call that goes on. Of one that has ended: from then on its slot may be given to another call.
    pub(super) until: Time,
    /// How a call that is done has ended.
    result: Result<(), CallError>,
    pub(super) header: Header,
    /// Calls are sent in the order in which they were started.
    pub(super) order: u32,
    /// How long after the immediate response the delayed one may come.
    patience: Duration,
    /// The status of a delayed response that came before its immediate one.
    early: Option<Status>,
    /// Who waits for it.
    pub(super) waker: Option<Waker>,
    pub(super) room: usize,
    pub(super) request_len: usize,
    reply_len: usize,
    pub(super) request: [u8; BYTES],
    reply: [u8; BYTES],
}

/// Where a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Free,
    /// Ended; the answer waits to be taken.
    Done,
    /// Not offered to the channel yet.
    Queued,
    /// The channel has the buffer.
    InFlight,
    /// The buffer is back; the delayed response is awaited.
    AwaitsDelayed,
    /// Given up while the channel had the buffer: the slot is free when it comes back.
    Lost,
    /// The same, and a delayed response may follow.
    LostOwing,
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
        stage: Stage::Free,
        delayed: false,
        tag: 0,
        generation: 0,
        until: Time::ZERO,
        result: Ok(()),
        header: Header::from_word(0),
        order: 0,
        patience: Duration::ZERO,
        early: None,
        waker: None,
        room: 0,
        request_len: 0,
        reply_len: 0,
        request: [0; BYTES],
        reply: [0; BYTES],
    };

    pub(super) fn begin(&mut self, header: Header, delayed: Option<Duration>, deadline: Time) {
        self.generation = self.generation.wrapping_add(1);
        self.header = header;
        self.delayed = delayed.is_some();
        self.patience = delayed.unwrap_or_default();
        self.early = None;
        self.reply_len = 0;
        self.waker = None;
        (self.stage, self.until) = (Stage::Queued, deadline);
    }

    /// The values that came, after the status; or why there are none.
    pub(super) fn values(&self) -> Result<&[u8], CallError> {
        self.result.map(|()| self.reply.get(..self.reply_len).unwrap_or_default())
    }

    /// Whether the token of this slot's call may not be given to another.
    pub(super) fn holds_token(&self) -> bool {
        self.stage > Stage::Done
    }

    /// Whether somebody waits for its end.
    pub(super) fn goes_on(&self) -> bool {
        matches!(self.stage, Stage::Queued | Stage::InFlight | Stage::AwaitsDelayed)
    }

    /// Whether it was given up, but something may still come for it.
    pub(super) fn is_lost(&self) -> bool {
        self.stage >= Stage::Lost
    }

    fn end(&mut self, result: Result<(), CallError>) {
        (self.stage, self.result) = (Stage::Done, result);
    }

    /// The buffer came back.
    pub(super) fn buffer_back(&mut self, now: Time, bytes: &[u8]) -> Answered {
        let judged = self.judge(bytes);
        match self.stage {
            Stage::InFlight => {
                let result = match judged {
                    Ok(_) if self.delayed && self.early.is_none() => {
                        self.stage = Stage::AwaitsDelayed;
                        self.until = now.after(self.patience);
                        return Answered::Progress;
                    }
                    Ok(values) if !self.delayed => {
                        self.keep(values);
                        Ok(())
                    }
                    Ok(_) => refusal(self.early.unwrap_or(Status::SUCCESS)),
                    Err(error) => Err(error),
                };
                self.end(result);
                match result {
                    Err(CallError::Malformed(_)) => Answered::Spoiled,
                    _ => Answered::Progress,
                }
            }
            Stage::Lost | Stage::LostOwing => {
                let owed = self.stage == Stage::LostOwing && self.early.is_none();
                self.stage = if owed && judged.is_ok() { Stage::Owed } else { Stage::Free };
                Answered::Late
            }
            _ => Answered::Unexpected,
        }
    }

    /// The values of an immediate response, where it is one and says success.
    fn judge<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8], CallError> {
        let came = Header::parse(bytes).map_or(0, Header::word);
        if came != self.header.word() {
            return Err(Malformed::Header { came }.into());
        }
        let (status, values) = status_of(bytes).ok_or_else(|| Malformed::short(bytes.len(), 8))?;
        refusal(status)?;
        Ok(values)
    }

    /// A delayed response for this slot's token came.
    pub(super) fn delayed_came(&mut self, bytes: &[u8]) -> Answered {
        let Some((status, values)) = status_of(bytes) else { return Answered::Unexpected };
        match self.stage {
            Stage::AwaitsDelayed => {
                self.keep(values);
                self.end(refusal(status));
                Answered::Progress
            }
            // Two queues, two interrupts: it may overtake the immediate response.
            Stage::InFlight if self.delayed && self.early.is_none() => {
                self.keep(values);
                self.early = Some(status);
                Answered::Progress
            }
            Stage::LostOwing if self.early.is_none() => {
                self.early = Some(status);
                Answered::Late
            }
            Stage::Owed => {
                self.stage = Stage::Free;
                Answered::Late
            }
            _ => Answered::Unexpected,
        }
    }

    // There once, as all that comes often: firmware is small.
    #[inline(never)]
    fn keep(&mut self, values: &[u8]) {
        fill(&mut self.reply, values);
        self.reply_len = values.len().min(BYTES);
    }

    /// Nobody waits for it any more.
    pub(super) fn give_up(&mut self) {
        self.stage = match self.stage {
            Stage::InFlight if self.delayed => Stage::LostOwing,
            Stage::InFlight => Stage::Lost,
            Stage::AwaitsDelayed => Stage::Owed,
            Stage::Queued | Stage::Done | Stage::Free => Stage::Free,
            lost => lost,
        };
    }

    /// The channel did not take the buffer after all, and never will if that is said why.
    pub(super) fn take_back(&mut self, never: Option<SendError>) {
        match (self.stage, never) {
            (Stage::InFlight, None) => self.stage = Stage::Queued,
            (Stage::InFlight | Stage::Queued, Some(error)) => {
                self.end(Err(CallError::Channel(error)));
            }
            (Stage::Lost | Stage::LostOwing, _) => self.stage = Stage::Free,
            _ => {}
        }
    }

    /// The channel has ended: nothing comes any more. Whether somebody waited.
    pub(super) fn close(&mut self) -> bool {
        let waited = self.goes_on();
        if waited {
            self.end(Err(CallError::Channel(SendError::Closed)));
        } else if self.is_lost() {
            self.stage = Stage::Free;
        }
        waited
    }

    /// No delayed response comes any more. Whether somebody waited for one.
    pub(super) fn owe_nothing(&mut self) -> bool {
        match self.stage {
            Stage::AwaitsDelayed => {
                self.end(Err(CallError::TimedOut { delayed: true }));
                return true;
            }
            Stage::Owed => self.stage = Stage::Free,
            Stage::LostOwing => self.stage = Stage::Lost,
            _ => {}
        }
        false
    }
}

/// That a status is success.
fn refusal(status: Status) -> Result<(), CallError> {
    status.ok().map_err(CallError::Refused)
}

/// The status of a response, and its values.
fn status_of(message: &[u8]) -> Option<(Status, &[u8])> {
    let (_, after) = message.split_at_checked(Header::BYTES)?;
    let (status, values) = after.split_first_chunk::<4>()?;
    Some((Status(i32::from_le_bytes(*status)), values))
}
