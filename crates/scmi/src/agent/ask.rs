//! A typed call of one command.

use zerocopy::IntoBytes;

use super::caller::Caller;
use super::error::CallError;
use super::front::Blocking;
use super::query::{self, FIXED, Kept, WORDS, What};
use super::request::Request;
use super::steps::Steps;
use crate::wire::{Command, Message, ProtocolId, Status, U32, U64};

/// One command, and how to read its answer.
#[derive(Clone, Copy, Debug)]
pub struct Ask<T> {
    what: What,
    words: [U32; WORDS],
    read: Read<T>,
    /// How it ended, once it has, or where nothing needs to be asked.
    answer: Option<Result<T, CallError>>,
}

/// How to read an answer.
#[derive(Clone, Copy, Debug)]
enum Read<T> {
    /// It is a word, or nothing.
    Word(fn(u32) -> T),
    /// It is two words.
    Long(fn(u64) -> T),
    /// It is a record, which is read behind the first parameter, mostly the id of a resource.
    Fixed(fn(&Kept) -> T),
    /// It is of any size.
    Values(u32, fn(u32, &[u8]) -> Result<T, CallError>),
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
        Self::made(protocol, message, Read::Values(about, read))
    }

    #[inline(always)]
    fn made<M: Message>(protocol: ProtocolId, message: &M, read: Read<T>) -> Self {
        let mut words = [U32::new(0); WORDS];
        let bytes = message.as_bytes();
        if let Some(place) = words.as_mut_bytes().get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
        }
        Self { what: What::of::<M>(protocol), words, read, answer: None }
    }

    /// A command of one word whose answer is a record of a few words; `read` is given both as they are on the wire.
    #[inline(always)]
    pub(crate) fn fixed<C: Command>(command: &C, read: fn(&Kept) -> T) -> Self {
        const { assert!(size_of::<C>() == size_of::<U32>(), "it says more than a word") };
        const { assert!(size_of::<C::Reply>() < size_of::<[u32; FIXED]>(), "there is no room") };
        let ask = Self::made(C::PROTOCOL, command, Read::Fixed(read));
        Self { what: ask.what.at_byte(size_of::<U32>()), ..ask }
    }

    /// A command of whose answer the word at a byte is wanted.
    #[inline(always)]
    pub(crate) fn word_at<C: Command>(command: &C, at: usize, read: fn(u32) -> T) -> Self {
        let ask = Self::made(C::PROTOCOL, command, Read::Word(read));
        Self { what: ask.what.at_byte(at), ..ask }
    }

    /// A command whose answer has a number of 64 bits at a byte, and ends with it.
    #[inline(always)]
    pub(crate) fn long_at<C: Command>(command: &C, at: usize, read: fn(u64) -> T) -> Self {
        let ask = Self::made(C::PROTOCOL, command, Read::Long(read));
        let values = at.saturating_add(size_of::<U64>());
        Self { what: ask.what.at_least(values).at_byte(at), ..ask }
    }

    /// Its answer has so many bytes of values, whatever its record says.
    #[must_use]
    #[inline(always)]
    pub fn at_least(mut self, values: usize) -> Self {
        self.what = self.what.at_least(values);
        self
    }

    /// The record of its answer takes the place of the parameter.
    #[must_use]
    #[inline(always)]
    pub(crate) fn instead(mut self) -> Self {
        self.what = self.what.at_byte(0);
        self
    }

    /// Its answer begins with a parameter of it again, by which one sees what it is about.
    #[must_use]
    #[inline(always)]
    pub(crate) fn names(mut self, parameter: u8) -> Self {
        let least = self.what.values().max(size_of::<U32>());
        self.what = self.what.at_least(least).about(parameter);
        self
    }

    /// What is known without asking.
    #[inline(always)]
    pub fn known(answer: T) -> Self {
        Self::ended(Ok(answer))
    }

    /// What the platform would refuse: it is not asked.
    #[inline(always)]
    pub fn refused(status: Status) -> Self {
        Self::ended(Err(CallError::Refused(status)))
    }

    #[inline(always)]
    fn ended(answer: Result<T, CallError>) -> Self {
        let read = Read::Values(0, |_, _| Err(CallError::Refused(Status::GENERIC_ERROR)));
        Self { what: What::NOTHING, words: [U32::new(0); WORDS], read, answer: Some(answer) }
    }

    /// The values come with a delayed response.
    #[must_use]
    #[inline(always)]
    pub const fn delayed(mut self) -> Self {
        self.what = self.what.delayed();
        self
    }
}

impl Ask<()> {
    /// A command whose answer has nothing to say.
    #[inline(always)]
    pub fn done<C: Command>(command: &C) -> Self {
        Self::word_at(command, 0, |_| ())
    }
}

impl Ask<u32> {
    /// A command whose answer is a word.
    #[inline(always)]
    pub fn word<C: Command<Reply = U32>>(command: &C) -> Self {
        Self::word_at(command, 0, |word| word)
    }
}

impl<T> Steps for Ask<T> {
    type Output = T;

    fn question(&self) -> Option<Request<'_>> {
        if self.answer.is_some() { None } else { Some(self.what.request(&self.words)) }
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        let values = values?;
        let checked = || self.what.check(&self.words, values);
        self.answer = Some(match self.read {
            Read::Word(read) => checked().map(|()| read(self.what.word(values))),
            Read::Long(read) => checked().map(|()| read(self.what.long(values))),
            Read::Fixed(read) => checked().map(|()| {
                let [id, ..] = self.words;
                read(&self.what.kept(id, values))
            }),
            Read::Values(about, read) => read(about, values),
        });
        Ok(())
    }

    fn finish(&mut self) -> Result<T, CallError> {
        // It has no question only after an answer.
        let none = Err(CallError::TimedOut { delayed: self.what.is_delayed() });
        self.answer.take().unwrap_or(none)
    }

    // Into each call, where `read` is known, and most of the rest goes.
    #[inline(always)]
    fn block(mut self, caller: &mut dyn Caller) -> Result<T, CallError> {
        if self.answer.is_some() {
            return self.finish();
        }
        let what = self.what;
        let [a, b, c, d, ..] = self.words.map(U32::get);
        match self.read {
            Read::Word(read) if what.words() <= 4 => {
                query::ask_word(caller, a, b, c, d, what).map(read)
            }
            Read::Fixed(read) => query::fixed(caller, a, what).map(|fixed| read(&fixed)),
            Read::Values(about, read) => read(about, what.ask(caller, &self.words)?),
            Read::Word(_) | Read::Long(_) => {
                let words = self.words;
                let values = what.ask(caller, &words);
                self.answer(values)?;
                self.finish()
            }
        }
    }

    #[inline(always)]
    fn block_on(mut self, front: &mut Blocking<'_>) -> Result<T, CallError> {
        if self.answer.is_some() {
            return self.finish();
        }
        let what = self.what;
        let [a, b, c, d, ..] = self.words.map(U32::get);
        match self.read {
            Read::Word(read) if what.words() <= 2 => {
                query::word_of_two(front, a, b, what).map(read)
            }
            Read::Word(read) if what.words() <= 4 => {
                query::word_of_four(front, a, b, c, d, what).map(read)
            }
            Read::Long(read) if what.words() <= 4 => {
                query::long_of_four(front, a, b, c, d, what, read)
            }
            Read::Fixed(read) => query::fixed_of(front, a, what).map(|fixed| read(&fixed)),
            _ => self.block(front.0),
        }
    }
}
