//! Typed calls as values: what is asked and what the answer means, whoever waits for it.

use super::caller::record;
use super::error::CallError;
use super::request::Request;
use crate::wire::{Command, Message, MessageId, ProtocolId, Status, U32};

/// Questions to a platform that lead to one result.
///
/// It is the half of a typed call that knows the protocol. The other half, [`super::CallerExt::run`] or
/// [`super::Tasks::run`], knows how to wait: it asks [`Steps::question`], gives the answer to [`Steps::answer`], and so on
/// until there is no question; then it asks for the result. So each call is written once for both.
pub trait Steps {
    /// What they lead to.
    type Output;

    /// What to ask next; none when all was asked. [`Request::values`] is the least room that the answer needs; there
    /// is as much as the channel has.
    fn question(&self) -> Option<Request<'_>>;

    /// The values that answer the last question, or why there are none.
    ///
    /// # Errors
    /// Why nothing more is to be asked, and there is no result.
    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError>;

    /// The result; called once, when there is no question any more.
    ///
    /// # Errors
    /// Why there is none.
    fn finish(&mut self) -> Result<Self::Output, CallError>;
}

/// Most bytes of parameters that an [`Ask`] has.
const PARAMS: usize = 24;

/// One command, and how to read its answer.
#[derive(Clone, Copy, Debug)]
pub struct Ask<T> {
    query: Query,
    read: fn(u32, &[u8]) -> Result<T, CallError>,
    /// How it ended, once it has, or where nothing needs to be asked.
    answer: Option<Result<T, CallError>>,
}

/// The half of an [`Ask`] that is the same for all answers.
#[derive(Clone, Copy, Debug)]
struct Query {
    protocol: ProtocolId,
    message: MessageId,
    params: [u8; PARAMS],
    len: usize,
    values: usize,
    delayed: bool,
    /// What it is about, for `read`: mostly the id of a resource.
    about: u32,
}

impl Query {
    const NOTHING: Self = Self {
        protocol: ProtocolId(0),
        message: MessageId(0),
        params: [0; PARAMS],
        len: 0,
        values: 0,
        delayed: false,
        about: 0,
    };

    // There once for all typed calls: firmware is small.
    #[inline(never)]
    fn new(
        (protocol, message): (ProtocolId, MessageId),
        bytes: &[u8],
        values: usize,
        about: u32,
    ) -> Self {
        let mut params = [0; PARAMS];
        params.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self { protocol, message, params, len: bytes.len(), values, delayed: false, about }
    }

    #[inline(never)]
    fn request(&self) -> Request<'_> {
        Request {
            protocol: self.protocol,
            message: self.message,
            params: self.params.get(..self.len).unwrap_or_default(),
            values: self.values,
            delayed: self.delayed,
        }
    }
}

impl<T> Ask<T> {
    /// A command; `read` is told what it is `about`, and reads its values.
    pub fn new<C: Command>(
        command: &C,
        about: u32,
        read: fn(u32, &[u8]) -> Result<T, CallError>,
    ) -> Self {
        Self::of(C::PROTOCOL, command, about, read)
    }

    /// A message that several protocols have.
    pub fn of<M: Message>(
        protocol: ProtocolId,
        message: &M,
        about: u32,
        read: fn(u32, &[u8]) -> Result<T, CallError>,
    ) -> Self {
        const { assert!(size_of::<M>() <= PARAMS, "the parameters do not fit") };
        let (which, values) = ((protocol, M::ID), size_of::<M::Reply>());
        let query = Query::new(which, message.as_bytes(), values, about);
        Self { query, read, answer: None }
    }

    /// Its answer needs room for so many bytes of values, whatever its record says.
    #[must_use]
    pub const fn at_least(mut self, values: usize) -> Self {
        self.query.values = values;
        self
    }

    /// What is known without asking.
    pub fn known(answer: T) -> Self {
        Self::ended(Ok(answer))
    }

    /// What the platform would refuse: it is not asked.
    pub fn refused(status: Status) -> Self {
        Self::ended(Err(CallError::Refused(status)))
    }

    fn ended(answer: Result<T, CallError>) -> Self {
        let read = |_, _: &[u8]| Err(CallError::Refused(Status::GENERIC_ERROR));
        Self { query: Query::NOTHING, read, answer: Some(answer) }
    }

    /// The values come with a delayed response.
    #[must_use]
    pub const fn delayed(mut self) -> Self {
        self.query.delayed = true;
        self
    }
}

impl Ask<()> {
    /// A command whose answer has nothing to say.
    pub fn done<C: Command>(command: &C) -> Self {
        Self::new(command, 0, |_, _| Ok(()))
    }
}

impl Ask<u32> {
    /// A command whose answer is a word.
    pub fn word<C: Command<Reply = U32>>(command: &C) -> Self {
        Self::new(command, 0, |_, values| Ok(record::<U32>(values)?.get()))
    }
}

impl<T> Steps for Ask<T> {
    type Output = T;

    fn question(&self) -> Option<Request<'_>> {
        if self.answer.is_some() { None } else { Some(self.query.request()) }
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.answer = Some((self.read)(self.query.about, values?));
        Ok(())
    }

    fn finish(&mut self) -> Result<T, CallError> {
        // It has no question only after an answer.
        let none = Err(CallError::TimedOut { delayed: self.query.delayed });
        self.answer.take().unwrap_or(none)
    }
}

/// A command whose reply has a fixed size: its answer is that record.
#[derive(Clone, Copy, Debug)]
pub struct Whole<C: Command> {
    command: C,
    reply: Option<C::Reply>,
}

impl<C: Command> Whole<C> {
    /// Asks this.
    pub const fn new(command: C) -> Self {
        Self { command, reply: None }
    }
}

impl<C: Command> Steps for Whole<C> {
    type Output = C::Reply;

    fn question(&self) -> Option<Request<'_>> {
        if self.reply.is_some() {
            return None;
        }
        Some(Request::of(&self.command))
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.reply = Some(record(values?)?);
        Ok(())
    }

    fn finish(&mut self) -> Result<C::Reply, CallError> {
        self.reply.take().ok_or(CallError::TimedOut { delayed: false })
    }
}
