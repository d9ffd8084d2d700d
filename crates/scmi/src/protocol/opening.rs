//! The beginning of every protocol's typed calls: its version, and how much there is.

use zerocopy::{FromBytes, FromZeros};

use crate::agent::{CallError, Caller, Malformed, Request, Steps, record};
use crate::wire::{Command, MessageId, ProtocolId, Status, U32, Version};

/// What PROTOCOL_ATTRIBUTES returns in any protocol, at most.
const ATTRIBUTES: usize = 16;

/// Asks a protocol's version and attributes; nothing comes out where the platform does not have the protocol.
#[derive(Debug)]
pub(super) struct Opening {
    protocol: ProtocolId,
    /// Bytes of its attributes.
    wanted: usize,
    next: Question,
    opened: Opened,
}

/// What a protocol says of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    version: Version,
    attributes: [u8; ATTRIBUTES],
}

impl Opened {
    /// Its version, and the attributes of the protocol that was asked.
    pub(super) fn of<C: Command>(self) -> (Version, C::Reply) {
        let attributes = C::Reply::read_from_prefix(&self.attributes);
        (self.version, attributes.map_or_else(|_| C::Reply::new_zeroed(), |(reply, _)| reply))
    }
}

#[derive(Clone, Copy, Debug)]
enum Question {
    Version,
    Attributes,
    Nothing { there: bool },
}

impl Opening {
    pub(super) const fn new<C: Command>() -> Self {
        const { assert!(size_of::<C>() == 0 && size_of::<C::Reply>() <= ATTRIBUTES) };
        let (protocol, wanted) = (C::PROTOCOL, size_of::<C::Reply>());
        let opened = Opened { version: Version(0), attributes: [0; ATTRIBUTES] };
        Self { protocol, wanted, next: Question::Version, opened }
    }
}

impl Opening {
    /// Asks at once. It is there once for all protocols: firmware is small.
    #[inline(never)]
    pub(super) fn open(self, caller: &mut dyn Caller) -> Result<Option<Opened>, CallError> {
        self.block(caller)
    }
}

impl Steps for Opening {
    type Output = Option<Opened>;

    fn question(&self) -> Option<Request<'_>> {
        let message = match self.next {
            Question::Version => MessageId::PROTOCOL_VERSION,
            Question::Attributes => MessageId::PROTOCOL_ATTRIBUTES,
            Question::Nothing { .. } => return None,
        };
        let (protocol, values) = (self.protocol, self.wanted.max(size_of::<U32>()));
        Some(Request { protocol, message, params: &[], values, delayed: false })
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.next = match (self.next, values) {
            (Question::Version, Err(ABSENT)) => Question::Nothing { there: false },
            (Question::Version, values) => {
                self.opened.version = Version(record::<U32>(values?)?.get());
                Question::Attributes
            }
            (_, values) => {
                let values = values?;
                if values.len() < self.wanted {
                    return Err(Malformed::short(values.len(), self.wanted));
                }
                self.opened.attributes.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
                Question::Nothing { there: true }
            }
        };
        Ok(())
    }

    fn finish(&mut self) -> Result<Self::Output, CallError> {
        let there = matches!(self.next, Question::Nothing { there: true });
        Ok(there.then_some(self.opened))
    }
}

/// Defines the client of a protocol, which opens on both fronts.
macro_rules! client {
    (
        $(#[$meta:meta])*
        $client:ident: $name:literal, $attributes:ty, |$reply:ident| {
            $( $(#[$field_meta:meta])* $field:ident: $type:ty = $value:expr, )*
        }
    ) => {
        $(#[$meta])*
        ///
        /// Its calls return a `Result` where it was opened on a [`Caller`](crate::agent::Caller), and a future of that where it was opened on
        /// [`Tasks`](crate::agent::Tasks).
        pub struct $client<'c, F = crate::agent::Blocking<'c>> {
            front: F,
            version: crate::wire::Version,
            $( $field: $type, )*
            lives: core::marker::PhantomData<&'c ()>,
        }

        impl<F> core::fmt::Debug for $client<'_, F> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($client))
                    .field("version", &self.version)
                    $( .field(stringify!($field), &self.$field) )*
                    .finish_non_exhaustive()
            }
        }

        impl<F> $client<'_, F> {
            fn made(
                front: F,
                opened: crate::protocol::opening::Opened,
            ) -> Self {
                let (version, $reply) = opened.of::<$attributes>();
                Self { front, version, $( $field: $value, )* lives: core::marker::PhantomData }
            }

            /// The version of the protocol.
            pub const fn version(&self) -> crate::wire::Version {
                self.version
            }

            $(
                $(#[$field_meta])*
                pub const fn $field(&self) -> $type {
                    self.$field
                }
            )*
        }

        impl<'c> $client<'c> {
            /// Asks for the version and how much there is.
            ///
            /// # Errors
            #[doc = concat!("As [`CallerExt::call`](crate::agent::CallerExt::call); [`Status::NOT_SUPPORTED`](crate::wire::Status::NOT_SUPPORTED) where there is no ", $name, " protocol.")]
            pub fn open(caller: &'c mut dyn crate::agent::Caller) -> Result<Self, crate::agent::CallError> {
                Self::find(caller)?.ok_or(crate::protocol::opening::ABSENT)
            }

            #[doc = concat!("The same, but that a platform has no ", $name, " protocol is an answer.")]
            ///
            /// # Errors
            /// As [`CallerExt::call`](crate::agent::CallerExt::call).
            pub fn find(caller: &'c mut dyn crate::agent::Caller) -> Result<Option<Self>, crate::agent::CallError> {
                let opening = crate::protocol::opening::Opening::new::<$attributes>();
                let opened = opening.open(caller)?;
                Ok(opened.map(|opened| Self::made(crate::agent::Blocking::new(caller), opened)))
            }
        }

        impl<'t, L: crate::agent::Lock<Inside: crate::agent::Line>> $client<'t, &'t crate::agent::Tasks<L>> {
            #[doc = concat!("As [`", stringify!($client), "::open`], for tasks.")]
            ///
            /// # Errors
            #[doc = concat!("As [`", stringify!($client), "::open`].")]
            pub async fn open_on(tasks: &'t crate::agent::Tasks<L>) -> Result<Self, crate::agent::CallError> {
                Self::find_on(tasks).await?.ok_or(crate::protocol::opening::ABSENT)
            }

            #[doc = concat!("As [`", stringify!($client), "::find`], for tasks.")]
            ///
            /// # Errors
            #[doc = concat!("As [`", stringify!($client), "::find`].")]
            pub async fn find_on(
                tasks: &'t crate::agent::Tasks<L>,
            ) -> Result<Option<Self>, crate::agent::CallError> {
                let opened = tasks.run(crate::protocol::opening::Opening::new::<$attributes>()).await?;
                Ok(opened.map(|opened| Self::made(tasks, opened)))
            }
        }
    };
}

pub(super) use client;

/// What opening a protocol ends with that is not there.
pub(super) const ABSENT: CallError = CallError::Refused(Status::NOT_SUPPORTED);

/// The two low bytes of an attributes word: mostly how many there are.
pub(super) const fn low_half(word: U32) -> u16 {
    let [low, high, ..] = word.get().to_le_bytes();
    u16::from_le_bytes([low, high])
}
