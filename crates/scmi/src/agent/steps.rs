//! Typed calls as values: what is asked and what the answer means, whoever waits for it.

use zerocopy::IntoBytes;

use super::caller::{Caller, drive, record};
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

    /// Asks all of it of a caller, and waits: what [`super::Blocking`] does.
    ///
    /// # Errors
    /// As the other functions, and as [`Caller::exchange`].
    fn block(mut self, caller: &mut dyn Caller) -> Result<Self::Output, CallError>
    where
        Self: Sized,
    {
        drive(caller, &mut self)?;
        self.finish()
    }
}

/// Most words of parameters that an [`Ask`] has.
const WORDS: usize = 6;

/// One command, and how to read its answer.
#[derive(Clone, Copy, Debug)]
pub struct Ask<T> {
    query: Query,
    read: Read<T>,
    /// How it ended, once it has, or where nothing needs to be asked.
    answer: Option<Result<T, CallError>>,
}

/// How to read an answer.
#[derive(Clone, Copy, Debug)]
enum Read<T> {
    /// That there is one says all.
    Nothing(fn(Result<(), CallError>) -> Result<T, CallError>),
    /// It is a word.
    Word(fn(Result<u32, CallError>) -> Result<T, CallError>),
    /// It is about this, mostly the id of a resource.
    Values(u32, fn(u32, &[u8]) -> Result<T, CallError>),
}

impl<T> Read<T> {
    #[inline(always)]
    fn of(&self, values: &[u8]) -> Result<T, CallError> {
        match self {
            Self::Nothing(read) => read(Ok(())),
            Self::Word(read) => read(word(values)),
            Self::Values(about, read) => read(*about, values),
        }
    }
}

/// The half of an [`Ask`] that is the same for all answers.
#[derive(Clone, Copy, Debug)]
struct Query {
    what: What,
    words: [U32; WORDS],
}

/// What is asked, in one register.
#[derive(Clone, Copy, Debug)]
struct What {
    protocol: ProtocolId,
    message: MessageId,
    /// How many words of parameters.
    words: u8,
    /// The least room for values, and whether they come with a delayed response.
    answer: Answer,
}

/// `[6:0]` half of the bytes of room, `[7]` delayed.
#[derive(Clone, Copy, Debug)]
struct Answer(u8);

impl Answer {
    const DELAYED: u8 = 1 << 7;
    /// Bytes of room that it can say.
    const MOST: usize = 254;

    /// With room for so many bytes, or for [`Self::MOST`].
    fn of(bytes: usize) -> Self {
        let half = u8::try_from(bytes.div_ceil(2)).unwrap_or(u8::MAX);
        Self(half.min(Self::DELAYED.wrapping_sub(1)))
    }

    const fn delayed(self) -> bool {
        self.0 & Self::DELAYED != 0
    }

    fn room(self) -> usize {
        usize::from(self.0 & !Self::DELAYED).saturating_mul(2)
    }
}

impl What {
    const NOTHING: Self =
        Self { protocol: ProtocolId(0), message: MessageId(0), words: 0, answer: Answer(0) };

    fn request(self, words: &[U32]) -> Request<'_> {
        Request {
            protocol: self.protocol,
            message: self.message,
            params: words.get(..self.words.into()).unwrap_or_default().as_bytes(),
            values: self.answer.room(),
            delayed: self.answer.delayed(),
        }
    }
}

impl Query {
    const NOTHING: Self = Self { what: What::NOTHING, words: [U32::new(0); WORDS] };
}

// What follows is there once for all typed calls, and called with registers alone: firmware is small.

/// Asks, and waits for an answer that says nothing.
#[inline(never)]
fn block(
    caller: &mut dyn Caller,
    what: What,
    [a, b]: [u32; 2],
    [c, d]: [u32; 2],
) -> Result<(), CallError> {
    block_for_values(caller, what, [a, b], [c, d], &mut &[][..])
}

/// Asks, and waits for a word.
#[inline(never)]
fn block_for_word(
    caller: &mut dyn Caller,
    what: What,
    [a, b]: [u32; 2],
    [c, d]: [u32; 2],
) -> Result<u32, CallError> {
    let mut values: &[u8] = &[];
    block_for_values(caller, what, [a, b], [c, d], &mut values)?;
    word(values)
}

/// Asks, and waits for values.
#[inline(never)]
fn block_for_values<'v>(
    caller: &'v mut dyn Caller,
    what: What,
    [a, b]: [u32; 2],
    [c, d]: [u32; 2],
    values: &mut &'v [u8],
) -> Result<(), CallError> {
    block_long(caller, what, [a, b, c, d, 0, 0], values)
}

/// As [`block_for_values`], for the few commands with more words.
fn block_long<'v>(
    caller: &'v mut dyn Caller,
    what: What,
    words: [u32; WORDS],
    values: &mut &'v [u8],
) -> Result<(), CallError> {
    *values = caller.exchange(&what.request(&words.map(U32::new)))?;
    Ok(())
}

impl<T> Ask<T> {
    // Into each call, as the rest of it, where all of this is a few constants.
    /// A command; `read` is told what it is `about`, and reads its values.
    #[inline(always)]
    pub fn new<C: Command>(
        command: &C,
        about: u32,
        read: fn(u32, &[u8]) -> Result<T, CallError>,
    ) -> Self {
        Self::of(C::PROTOCOL, command, about, read)
    }

    /// A message that several protocols have.
    #[inline(always)]
    pub fn of<M: Message>(
        protocol: ProtocolId,
        message: &M,
        about: u32,
        read: fn(u32, &[u8]) -> Result<T, CallError>,
    ) -> Self {
        const { assert!(size_of::<M>() <= size_of::<[U32; WORDS]>(), "they do not fit") };
        const { assert!(size_of::<M>().is_multiple_of(size_of::<U32>()), "they are no words") };
        const { assert!(size_of::<M::Reply>() <= Answer::MOST, "the answer has no room") };
        let mut words = [U32::new(0); WORDS];
        let bytes = message.as_bytes();
        if let Some(place) = words.as_mut_bytes().get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
        }
        let count = u8::try_from(size_of::<M>().div_ceil(size_of::<U32>())).unwrap_or(u8::MAX);
        let answer = Answer::of(size_of::<M::Reply>());
        let query = Query { what: What { protocol, message: M::ID, words: count, answer }, words };
        Self { query, read: Read::Values(about, read), answer: None }
    }

    /// Its answer needs room for so many bytes of values, whatever its record says.
    #[must_use]
    pub fn at_least(mut self, values: usize) -> Self {
        self.query.what.answer = Answer::of(values);
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
        let read = Read::Nothing(|_| Err(CallError::Refused(Status::GENERIC_ERROR)));
        Self { query: Query::NOTHING, read, answer: Some(answer) }
    }

    /// The values come with a delayed response.
    #[must_use]
    pub const fn delayed(mut self) -> Self {
        self.query.what.answer.0 |= Answer::DELAYED;
        self
    }
}

impl Ask<()> {
    /// A command whose answer has nothing to say.
    #[inline(always)]
    pub fn done<C: Command>(command: &C) -> Self {
        Self { read: Read::Nothing(|ended| ended), ..Self::new(command, 0, |_, _| Ok(())) }
    }
}

impl Ask<u32> {
    /// A command whose answer is a word.
    #[inline(always)]
    pub fn word<C: Command<Reply = U32>>(command: &C) -> Self {
        Self { read: Read::Word(|word| word), ..Self::new(command, 0, |_, values| word(values)) }
    }
}

/// The word that values begin with.
#[inline(never)]
pub(crate) fn word(values: &[u8]) -> Result<u32, CallError> {
    Ok(record::<U32>(values)?.get())
}

impl<T> Steps for Ask<T> {
    type Output = T;

    fn question(&self) -> Option<Request<'_>> {
        if self.answer.is_some() { None } else { Some(self.query.what.request(&self.query.words)) }
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        let values = values?;
        self.answer = Some(self.read.of(values));
        Ok(())
    }

    fn finish(&mut self) -> Result<T, CallError> {
        // It has no question only after an answer.
        let none = Err(CallError::TimedOut { delayed: self.query.what.answer.delayed() });
        self.answer.take().unwrap_or(none)
    }

    // Into each call, where `read` is known, and most of the rest goes.
    #[inline(always)]
    fn block(self, caller: &mut dyn Caller) -> Result<T, CallError> {
        let Self { query, read, answer } = self;
        if let Some(answer) = answer {
            return answer;
        }
        let Query { what, words } = query;
        let [a, b, c, d, ..] = words.map(U32::get);
        let short = what.words <= 4;
        match read {
            Read::Nothing(read) if short => read(block(caller, what, [a, b], [c, d])),
            Read::Word(read) if short => read(block_for_word(caller, what, [a, b], [c, d])),
            read => {
                let mut values: &[u8] = &[];
                if short {
                    block_for_values(caller, what, [a, b], [c, d], &mut values)?;
                } else {
                    block_long(caller, what, words.map(U32::get), &mut values)?;
                }
                read.of(values)
            }
        }
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
