//! An agent's channel through raw mode.

use core::time::Duration;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use scmi::Time;
use scmi::transport::{Channel, Limits, Received, SendError};

use crate::error::RawError;
use crate::files::{self, Files, LARGEST, Transport};
use crate::flight::Flight;

/// How long a wait lasts at most while another process has what we want.
const CONTENDED: Duration = Duration::from_millis(5);

/// How often the lock of the notifications is tried for: others hold it for as long as it takes to empty a queue,
/// unless they read notifications all the time.
const TRIES: u32 = 20;

/// How long Linux waits for a delayed response, after the immediate one, on every transport.
const DELAYED: Duration = Duration::from_secs(2);

/// A way to the platform of this machine, through its kernel.
///
/// Sending can take long where the kernel finds the token in use: it tries again for up to the transport's timeout, 60 s
/// on virtio. Give agents tokens to start with that others do not use
/// ([`scmi::agent::Agent::set_next_token`]).
#[derive(Debug)]
pub struct RawChannel {
    files: Files,
    start: Instant,
    limits: Limits,
    patience: Duration,
    flight: Flight,
    /// Whether the lock of the answers is ours.
    holds_answers: bool,
    /// Whether the lock of the notifications is ours, and we read them.
    listens: bool,
    /// Whether the last command was not sent because something was in use.
    contended: bool,
    trouble: Option<RawError>,
}

impl RawChannel {
    /// Opens the instance of this directory, such as `/sys/kernel/debug/scmi/0`.
    ///
    /// Notifications that came before are thrown away, unless another process is reading them.
    ///
    /// # Errors
    /// [`RawError`] says what is missing.
    pub fn open(instance: impl AsRef<Path>) -> Result<Self, RawError> {
        let instance = instance.as_ref();
        let channel = Self::new(Files::open(instance)?, Transport::read(instance));
        channel.forget_notifications().map_err(lost("read", "notification"))?;
        Ok(channel)
    }

    pub(crate) fn new(files: Files, transport: Transport) -> Self {
        Self {
            files,
            start: Instant::now(),
            limits: Limits {
                in_flight: transport.commands,
                max_message: transport.payload.saturating_add(4).min(LARGEST),
                p2a: true,
            },
            patience: Duration::from_millis(transport.patience_ms),
            flight: Flight::default(),
            holds_answers: false,
            listens: false,
            contended: false,
            trouble: None,
        }
    }

    /// Why nothing can be sent any more, if that is so.
    pub const fn trouble(&self) -> Option<&RawError> {
        self.trouble.as_ref()
    }

    fn forget_notifications(&self) -> io::Result<()> {
        let file = &self.files.notification;
        if files::lock(file)? {
            let drained = files::drain(file);
            files::unlock(file);
            drained?;
        }
        Ok(())
    }

    /// Takes the lock of the answers, so that nobody takes ours and we take nobody's.
    fn take_answers(&mut self) -> io::Result<bool> {
        if !self.holds_answers && files::lock(&self.files.answers)? {
            self.holds_answers = true;
            // What is left are answers that somebody gave up waiting for.
            files::drain(&self.files.answers)?;
            files::drain(&self.files.errors)?;
        }
        Ok(self.holds_answers)
    }

    fn give_answers_back(&mut self) {
        if self.holds_answers && self.flight.is_empty() {
            files::unlock(&self.files.answers);
            self.holds_answers = false;
        }
    }

    /// Who waits with nothing in flight waits for notifications.
    fn listen(&mut self) -> Result<(), RawError> {
        for _ in 0..TRIES {
            if files::lock(&self.files.notification).map_err(lost("lock", "notification"))? {
                self.listens = true;
                return Ok(());
            }
            std::thread::sleep(CONTENDED);
        }
        Err(RawError::Watched)
    }

    fn transmit(
        &mut self,
        tag: u16,
        request: &[u8],
        room: usize,
        delayed: bool,
    ) -> Result<(), SendError> {
        let bytes = request.len().max(room);
        if bytes > self.limits.max_message {
            return Err(SendError::too_large(bytes));
        }
        if self.trouble.is_some() {
            return Err(SendError::Closed);
        }
        let mine = match self.take_answers() {
            Ok(mine) => mine,
            Err(source) => return Err(self.fail(lost("lock", "message")(source))),
        };
        if !mine || self.flight.len() >= self.limits.in_flight {
            self.contended = true;
            return Err(SendError::Full);
        }
        let file = if delayed { &self.files.delayed_commands } else { &self.files.commands };
        match rustix::io::write(file, request) {
            Ok(_) => {
                let patience = if delayed { self.patience + DELAYED } else { self.patience };
                self.flight.begin(tag, request, delayed, self.now().after(patience));
                Ok(())
            }
            // The token is in use, or all buffers are: later, perhaps.
            Err(Errno::BUSY | Errno::NOMEM | Errno::AGAIN | Errno::INTR) => {
                self.contended = true;
                self.give_answers_back();
                Err(SendError::Full)
            }
            Err(Errno::NOSPC | Errno::RANGE) => {
                self.give_answers_back();
                Err(SendError::too_large(request.len()))
            }
            Err(errno) => Err(self.fail(lost("write", "message")(errno.into()))),
        }
    }

    fn fail(&mut self, trouble: RawError) -> SendError {
        self.trouble.get_or_insert(trouble);
        SendError::Closed
    }

    /// The next answer, delayed response, or message that Linux had no use for.
    fn receive_answer(&mut self, buffer: &mut [u8]) -> io::Result<Option<Received>> {
        if self.flight.is_empty() {
            return Ok(None);
        }
        let mut message = [0; LARGEST];
        let mut len = files::read(&self.files.answers, &mut message)?;
        if len.is_none() {
            // A late answer is among the errors.
            len = files::read(&self.files.errors, &mut message)?;
        }
        let Some(message) = len.and_then(|len| message.get(..len)) else { return Ok(None) };
        let received = self.flight.sort(message);
        self.give_answers_back();
        Ok(Some(cut(received, message, buffer)))
    }

    fn receive_notification(&self, buffer: &mut [u8]) -> io::Result<Option<Received>> {
        if !self.listens {
            return Ok(None);
        }
        let mut message = [0; LARGEST];
        let len = files::read(&self.files.notification, &mut message)?;
        let message = len.and_then(|len| message.get(..len));
        Ok(message.map(|message| cut(Received::Event { len: message.len() }, message, buffer)))
    }
}

impl Channel for RawChannel {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.transmit(tag, request, room, false)
    }

    fn send_delayed(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.transmit(tag, request, room, true)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let received = match self.receive_answer(buffer) {
            Ok(None) => self.receive_notification(buffer),
            other => other,
        };
        received.unwrap_or_else(|source| {
            self.fail(lost("read", "message")(source));
            None
        })
    }

    fn now(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    fn wait(&mut self, until: Time) {
        self.flight.expire(self.now());
        self.give_answers_back();
        let contended = core::mem::take(&mut self.contended);
        let idle = self.flight.is_empty() && !contended && self.trouble.is_none();
        if idle
            && !self.listens
            && let Err(trouble) = self.listen()
        {
            self.fail(trouble);
        }
        let mut span = until.since(self.now());
        if contended || self.trouble.is_some() {
            span = span.min(CONTENDED);
        }
        let Files { answers, errors, notification, .. } = &self.files;
        let mut polled = Vec::new();
        if !self.flight.is_empty() {
            polled.extend([answers, errors].map(readable));
        }
        if self.listens {
            polled.push(readable(notification));
        }
        // A time too long for the system is none; an interrupted wait is one that returns early.
        let span = Timespec::try_from(span).ok();
        let _ = poll(&mut polled, span.as_ref());
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn is_closed(&self) -> bool {
        self.trouble.is_some()
    }
}

fn readable(file: &OwnedFd) -> PollFd<'_> {
    PollFd::new(file, PollFlags::IN)
}

/// Copies what fits.
fn cut(received: Received, message: &[u8], buffer: &mut [u8]) -> Received {
    let len = message.len().min(buffer.len());
    buffer.iter_mut().zip(message).for_each(|(to, from)| *to = *from);
    match received {
        Received::Reply { tag, .. } => Received::Reply { tag, len },
        Received::Event { .. } => Received::Event { len },
    }
}

fn lost(what: &'static str, file: &'static str) -> impl Fn(io::Error) -> RawError {
    move |source| RawError::Lost { what, file, source }
}
