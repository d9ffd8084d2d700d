//! The beginning of every protocol's typed calls: its version, and how much there is.

use crate::agent::{Blocking, CallError, Caller, Request, Steps, What};
use crate::protocol::common::ProtocolVersion;
use crate::protocol::facts::{Fact, Facts, KEPT, Refused};
use crate::wire::{Command, Status, U32, Version};

/// Asks a protocol's version and attributes; nothing comes out where the platform does not have the protocol.
#[derive(Debug)]
pub(super) struct Opening(Facts);

/// What a protocol says of itself, and a client knows of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) version: Version,
    /// The first words of its attributes; more of them no client looks at.
    attributes: [u32; 2],
}

impl Opened {
    fn of(facts: &Facts) -> Option<Self> {
        let [version, a, b, ..] = *facts.kept();
        let (version, attributes) = (u32::from_le(version), [u32::from_le(a), u32::from_le(b)]);
        facts.there().then_some(Self { version: Version(version), attributes })
    }

    /// The first words of its attributes.
    pub(super) fn attributes(&self) -> [u32; 2] {
        self.attributes
    }
}

/// A client of a protocol on a caller.
pub(super) trait Client<'c> {
    fn made(front: Blocking<'c>, opened: Opened) -> Self;
}

/// The questions that open a protocol whose attributes have so many bytes.
pub(super) const fn questions<C: Command>() -> [Fact; 2] {
    const { assert!(size_of::<C>() == 0 && size_of::<C::Reply>() <= KEPT - size_of::<U32>()) };
    let version = What::of::<ProtocolVersion>(C::PROTOCOL);
    let attributes = What::of::<C>(C::PROTOCOL);
    [
        Fact { what: version, refused: Refused::Absent },
        Fact { what: attributes, refused: Refused::Fails },
    ]
}

impl Opening {
    pub(super) const fn new<C: Command>() -> Self {
        Self(Facts::new(const { &questions::<C>() }))
    }
}

// Clients are all alike in memory. So the compiler has these once for all of them, unless it knows with what each is
// called: that is hidden from it, since firmware is small.

/// Asks at once.
#[inline(never)]
pub(super) fn find<'c, T: Client<'c>>(
    caller: &'c mut dyn Caller,
    list: &'static [Fact; 2],
) -> Result<Option<T>, CallError> {
    let mut facts = Facts::new(list);
    facts.ask(caller)?;
    Ok(Opened::of(&facts).map(|opened| T::made(Blocking::new(caller), opened)))
}

/// As [`find`], where it must be there.
#[inline(never)]
pub(super) fn open<'c, T: Client<'c>>(
    caller: &'c mut dyn Caller,
    list: &'static [Fact; 2],
) -> Result<T, CallError> {
    find(caller, list)?.ok_or(ABSENT)
}

impl Steps for Opening {
    type Output = Option<Opened>;

    fn question(&self) -> Option<Request<'_>> {
        self.0.question()
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.0.answer(values)
    }

    fn finish(&mut self) -> Result<Self::Output, CallError> {
        Ok(Opened::of(&self.0))
    }
}

/// Defines the client of a protocol, which opens on both fronts.
macro_rules! client {
    (
        $(#[$meta:meta])*
        $client:ident: $name:literal, $attributes:ty, |$words:pat_param| {
            $( $(#[$field_meta:meta])* $field:ident: $type:ty = $value:expr, )*
        }
    ) => {
        $(#[$meta])*
        ///
        /// Its calls return a `Result` where it was opened on a [`Caller`](crate::agent::Caller), and a future of that where it was opened on
        /// [`Tasks`](crate::agent::Tasks).
        pub struct $client<'c, F = crate::agent::Blocking<'c>> {
            front: F,
            opened: crate::protocol::opening::Opened,
            lives: core::marker::PhantomData<&'c ()>,
        }

        impl<F> core::fmt::Debug for $client<'_, F> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($client))
                    .field("version", &self.version())
                    $( .field(stringify!($field), &self.$field()) )*
                    .finish_non_exhaustive()
            }
        }

        impl<F> $client<'_, F> {
            /// The version of the protocol.
            pub const fn version(&self) -> crate::wire::Version {
                self.opened.version
            }

            $(
                $(#[$field_meta])*
                pub fn $field(&self) -> $type {
                    let $words = self.opened.attributes();
                    $value
                }
            )*
        }

        impl<'c> crate::protocol::opening::Client<'c> for $client<'c> {
            fn made(front: crate::agent::Blocking<'c>, opened: crate::protocol::opening::Opened) -> Self {
                Self { front, opened, lives: core::marker::PhantomData }
            }
        }

        impl<'c> $client<'c> {
            /// Asks for the version and how much there is.
            ///
            /// # Errors
            #[doc = concat!("As [`CallerExt::call`](crate::agent::CallerExt::call); [`Status::NOT_SUPPORTED`](crate::wire::Status::NOT_SUPPORTED) where there is no ", $name, " protocol.")]
            pub fn open(caller: &'c mut dyn crate::agent::Caller) -> Result<Self, crate::agent::CallError> {
                let list = const { &crate::protocol::opening::questions::<$attributes>() };
                crate::protocol::opening::open(caller, core::hint::black_box(list))
            }

            #[doc = concat!("The same, but that a platform has no ", $name, " protocol is an answer.")]
            ///
            /// # Errors
            /// As [`CallerExt::call`](crate::agent::CallerExt::call).
            pub fn find(caller: &'c mut dyn crate::agent::Caller) -> Result<Option<Self>, crate::agent::CallError> {
                let list = const { &crate::protocol::opening::questions::<$attributes>() };
                crate::protocol::opening::find(caller, core::hint::black_box(list))
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
                Ok(opened.map(|opened| Self { front: tasks, opened, lives: core::marker::PhantomData }))
            }
        }
    };
}

pub(super) use client;

/// What opening a protocol ends with that is not there.
pub(super) const ABSENT: CallError = CallError::Refused(Status::NOT_SUPPORTED);

/// The two low bytes of an attributes word: mostly how many there are.
pub(super) const fn low_half(word: u32) -> u16 {
    let [low, high, ..] = word.to_le_bytes();
    u16::from_le_bytes([low, high])
}
