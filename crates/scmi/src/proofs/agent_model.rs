//! A call as its caller and an honest bookkeeper see it.

use core::time::Duration;
use std::vec::Vec;

use crate::agent::{CallError, CallId, Malformed};
use crate::time::Time;
use crate::wire::{Header, Status};

/// Where the command of a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// With the engine.
    Queued,
    /// With the channel, in the buffer of this tag.
    Out(u16),
    /// Its buffer came back.
    Back(Immediate),
}

/// What came back in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Immediate {
    Success,
    Refused(Status),
    Nonsense(Malformed),
}

/// A call, from its start until nothing can come for it and nobody waits.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    /// They begin with a number that no other call has.
    pub(super) params: Vec<u8>,
    pub(super) header: Header,
    pub(super) room: usize,
    /// How long its delayed response may take, where it has one.
    pub(super) delayed: Option<Duration>,
    pub(super) stage: Stage,
    /// The values of the immediate response.
    pub(super) values: Vec<u8>,
    /// The delayed response, its status and its values.
    pub(super) arrived: Option<(Status, Vec<u8>)>,
    pub(super) deadline: Time,
    /// When it was started among the others.
    pub(super) order: u32,
    /// The platform will not send its delayed response.
    pub(super) out_of_luck: bool,
    /// Nobody waits any more.
    pub(super) given_up: bool,
}

impl Call {
    /// Whether an honest platform may still send something for it.
    pub(super) const fn may_come(&self) -> bool {
        match self.stage {
            Stage::Queued => !self.given_up,
            Stage::Out(_) => true,
            Stage::Back(Immediate::Success) => {
                self.delayed.is_some() && self.arrived.is_none() && !self.out_of_luck
            }
            Stage::Back(_) => false,
        }
    }

    /// Whether it has ended without having been given up.
    pub(super) const fn ended(&self) -> bool {
        !self.given_up && !self.may_come()
    }

    /// Whether it was given up too early for its memory to be free.
    pub(super) const fn lost(&self) -> bool {
        self.given_up && self.may_come()
    }

    /// Whether a delayed response to it makes sense now.
    pub(super) const fn takes_delayed(&self) -> bool {
        self.delayed.is_some()
            && self.arrived.is_none()
            && self.may_come()
            && !matches!(self.stage, Stage::Queued)
    }

    /// How it ended.
    pub(super) fn result(&self) -> Result<&[u8], CallError> {
        let Stage::Back(immediate) = self.stage else { panic!("it goes on: {self:?}") };
        if self.out_of_luck {
            return Err(CallError::TimedOut { delayed: true });
        }
        match (immediate, &self.arrived) {
            (Immediate::Nonsense(how), _) => Err(CallError::Malformed(how)),
            (Immediate::Refused(status), _) => Err(CallError::Refused(status)),
            (Immediate::Success, None) => Ok(&self.values),
            (Immediate::Success, Some((Status::SUCCESS, values))) => Ok(values),
            (Immediate::Success, Some((status, _))) => Err(CallError::Refused(*status)),
        }
    }

    /// What these bytes are as its immediate response.
    pub(super) fn judge(&self, bytes: &[u8]) -> Immediate {
        let came = bytes.first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
        let sent = self.header.word();
        if came != sent {
            return Immediate::Nonsense(Malformed::Header { came });
        }
        match status(bytes) {
            None => {
                let came = u16::try_from(bytes.len()).expect("few");
                Immediate::Nonsense(Malformed::Short { came, wanted: 8 })
            }
            Some(Status::SUCCESS) => Immediate::Success,
            Some(status) => Immediate::Refused(status),
        }
    }
}

/// The status of a response, if it is long enough.
pub(super) fn status(bytes: &[u8]) -> Option<Status> {
    let (_, status) = bytes.get(..8)?.split_last_chunk()?;
    Some(Status(i32::from_le_bytes(*status)))
}
