//! What a typed call asks and what its answer must have, in one register; and who asks it, there once for all typed
//! calls and called with registers alone: firmware is small.

use core::slice;

use zerocopy::{FromBytes, IntoBytes, Unaligned};

use super::caller::Caller;
use super::error::{CallError, Malformed};
use super::front::Blocking;
use super::request::Request;
use crate::wire::{Message, MessageId, ProtocolId, U32};

/// Most words of parameters that an [`super::Ask`] has.
pub(crate) const WORDS: usize = 6;

/// Words that are kept of an answer of a fixed size, behind the first parameter of its command. In words, since bytes
/// would be copied one by one.
pub(crate) const FIXED: usize = 8;

/// An answer of a fixed size, as it is on the wire.
pub(crate) struct Kept([u32; FIXED]);

impl Kept {
    /// The record that it begins with.
    #[inline(always)]
    pub(crate) fn record<R: FromBytes>(&self) -> R {
        const { assert!(size_of::<R>() <= size_of::<Self>(), "there is no room") };
        let read = R::read_from_prefix(self.0.as_bytes());
        read.map_or_else(|_| R::new_zeroed(), |(record, _)| record)
    }

    /// The record that it begins with behind the id of a resource, and that id.
    #[inline(always)]
    pub(crate) fn of<R: FromBytes + Unaligned>(&self) -> (u32, R) {
        let of: Of<R> = self.record();
        (of.id.get(), of.record)
    }
}

/// A record that is about a resource.
#[derive(FromBytes, Unaligned)]
#[repr(C)]
struct Of<R> {
    id: U32,
    record: R,
}

/// `[7:0]` the message, `[15:8]` its protocol, `[18:16]` words of parameters, `[19]` the values come with a delayed
/// response, `[21:20]` the parameter that they begin with, if they do, counted from one, `[25:22]` the word of them
/// that is wanted, `[31:26]` how many words of them there must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct What(u32);

impl What {
    pub(super) const NOTHING: Self = Self(0);
    const DELAYED: u32 = 1 << 19;

    /// A message of a protocol, whose record and whose reply have the sizes that they say.
    pub(crate) const fn of<M: Message>(protocol: ProtocolId) -> Self {
        const { assert!(size_of::<M>() <= size_of::<[U32; WORDS]>(), "they do not fit") };
        const { assert!(size_of::<M>().is_multiple_of(size_of::<U32>()), "they are no words") };
        const { assert!(size_of::<M::Reply>() < 256, "the answer has no room") };
        Self::new(protocol, M::ID, size_of::<M>(), size_of::<M::Reply>())
    }

    const fn new(protocol: ProtocolId, message: MessageId, params: usize, values: usize) -> Self {
        let [words, ..] = params.div_euclid(4).to_le_bytes();
        let what = u32::from_le_bytes([message.0, protocol.0, words, 0]);
        Self(what).at_least(values)
    }

    /// The answer has so many bytes.
    pub(super) const fn at_least(self, values: usize) -> Self {
        let [words, ..] = values.div_ceil(4).to_le_bytes();
        Self(self.0 & 0x03FF_FFFF | (words as u32) << 26)
    }

    /// The values come with a delayed response.
    pub(super) const fn delayed(self) -> Self {
        Self(self.0 | Self::DELAYED)
    }

    /// The answer begins with this parameter again.
    pub(super) const fn about(self, parameter: u8) -> Self {
        Self(self.0 | (parameter as u32 & 1).wrapping_add(1) << 20)
    }

    /// Wanted is the word at this byte of the values; or they are kept from this byte on.
    pub(super) const fn at_byte(self, at: usize) -> Self {
        let [word, ..] = at.div_euclid(4).to_le_bytes();
        Self(self.0 & !(0xF << 22) | (word as u32 & 0xF) << 22)
    }

    pub(super) const fn is_delayed(self) -> bool {
        self.0 & Self::DELAYED != 0
    }

    /// How many words of parameters it has.
    pub(crate) const fn words(self) -> usize {
        (self.0 >> 16 & 7) as usize
    }

    /// Bytes of values that there must be.
    pub(crate) const fn values(self) -> usize {
        (self.0 >> 26 << 2) as usize
    }

    pub(crate) fn request(self, words: &[U32]) -> Request<'_> {
        let [message, protocol, ..] = self.0.to_le_bytes();
        Request {
            protocol: ProtocolId(protocol),
            message: MessageId(message),
            params: words.get(..self.words()).unwrap_or_default().as_bytes(),
            values: self.values(),
            delayed: self.is_delayed(),
        }
    }

    /// Asks, and waits for values of whatever size. It is there once for all calls: firmware is small.
    #[inline(never)]
    pub(crate) fn ask<'v>(
        self,
        caller: &'v mut dyn Caller,
        words: &[U32],
    ) -> Result<&'v [u8], CallError> {
        caller.exchange(&self.request(words))
    }

    /// That an answer has what there must be in it.
    ///
    /// # Errors
    /// [`Malformed::Short`], [`Malformed::OtherResource`].
    #[inline(always)]
    pub(super) fn check(self, words: &[U32], values: &[u8]) -> Result<(), CallError> {
        if values.len() < self.values() {
            return Err(Malformed::short(values.len(), self.values()));
        }
        let named = usize::try_from(self.0 >> 20 & 3).unwrap_or(0).checked_sub(1);
        match named.and_then(|parameter| words.get(parameter)) {
            Some(asked) => super::caller::same(asked.get(), word(values, 0)),
            None => Ok(()),
        }
    }

    /// An id, and as many bytes of values as there must be.
    #[inline(always)]
    pub(super) fn kept(self, id: U32, values: &[u8]) -> Kept {
        let mut kept = [0; FIXED];
        kept[0] = u32::from_ne_bytes(id.to_bytes());
        let bytes = kept.as_mut_bytes();
        let values = values.get(..self.values()).unwrap_or_default();
        fill(bytes.get_mut(self.wanted()..).unwrap_or_default(), values);
        Kept(kept)
    }

    /// The byte of the values that is wanted, or at which they are kept.
    pub(super) const fn wanted(self) -> usize {
        (self.0 >> 22 << 2 & 0x3C) as usize
    }

    /// The word that is wanted.
    pub(super) fn word(self, values: &[u8]) -> u32 {
        word(values, self.wanted())
    }

    /// The word that is wanted, and the next one as its upper half.
    pub(super) fn long(self, values: &[u8]) -> u64 {
        let bytes = values.get(self.wanted()..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// The word at a byte of values; 0 beyond them.
fn word(values: &[u8], at: usize) -> u32 {
    let bytes = values.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Asks, and waits for values that have what there must be in them.
#[inline(never)]
fn ask<'v>(caller: &'v mut dyn Caller, words: &[U32], what: What) -> Result<&'v [u8], CallError> {
    let values = what.ask(caller, words)?;
    what.check(words, values)?;
    Ok(values)
}

/// Asks, and waits for the word that is wanted.
#[inline(never)]
pub(super) fn ask_word(
    caller: &mut dyn Caller,
    a: u32,
    b: u32,
    c: u32,
    d: u32,
    what: What,
) -> Result<u32, CallError> {
    let values = ask(caller, &[a, b, c, d].map(U32::new), what)?;
    Ok(what.word(values))
}

// Clients have their caller in memory, and few words to say: these take it from there.

/// As [`ask_word`], for a client.
#[inline(never)]
pub(super) fn word_of_four(
    front: &mut Blocking<'_>,
    a: u32,
    b: u32,
    c: u32,
    d: u32,
    what: What,
) -> Result<u32, CallError> {
    ask_word(front.caller(), a, b, c, d, what)
}

/// As [`word_of_four`], of two words.
#[inline(never)]
pub(super) fn word_of_two(
    front: &mut Blocking<'_>,
    a: u32,
    b: u32,
    what: What,
) -> Result<u32, CallError> {
    ask_word(front.caller(), a, b, 0, 0, what)
}

/// As [`word_of_four`], for a word and the next one.
#[inline(never)]
pub(super) fn long_of_four<T>(
    front: &mut Blocking<'_>,
    a: u32,
    b: u32,
    c: u32,
    d: u32,
    what: What,
    read: fn(u64) -> T,
) -> Result<T, CallError> {
    let values = ask(front.caller(), &[a, b, c, d].map(U32::new), what)?;
    Ok(read(what.long(values)))
}

/// Asks of one resource, and waits for values of a fixed size: its id, they, and zeros, as they are on the wire.
#[inline(never)]
pub(super) fn fixed(caller: &mut dyn Caller, a: u32, what: What) -> Result<Kept, CallError> {
    let id = U32::new(a);
    let values = ask(caller, slice::from_ref(&id), what)?;
    Ok(what.kept(id, values))
}

/// As [`fixed`], for a client.
#[inline(never)]
pub(super) fn fixed_of(front: &mut Blocking<'_>, a: u32, what: What) -> Result<Kept, CallError> {
    fixed(front.caller(), a, what)
}

/// Copies as many bytes as there are and there is room for.
#[inline(never)]
pub(crate) fn fill(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}
