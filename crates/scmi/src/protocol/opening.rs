//! The beginning of every protocol's typed calls: its version, and how much there is.

use crate::agent::{CallError, Request, Steps, record};
use crate::protocol::common::ProtocolVersion;
use crate::wire::{Command, Message, Status, U32, Version};

/// Asks a protocol's version and attributes; nothing comes out where the platform does not have the protocol.
#[derive(Debug)]
pub(super) struct Opening<C: Command> {
    attributes: C,
    version: Option<Version>,
    reply: Option<C::Reply>,
    absent: bool,
}

impl<C: Command> Opening<C> {
    pub(super) const fn new(attributes: C) -> Self {
        Self { attributes, version: None, reply: None, absent: false }
    }
}

impl<C: Command> Steps for Opening<C> {
    type Output = Option<(Version, C::Reply)>;

    fn question(&self) -> Option<Request<'_>> {
        if self.absent || self.reply.is_some() {
            return None;
        }
        let (message, params, values) = match self.version {
            None => (ProtocolVersion::ID, &[][..], size_of::<U32>()),
            Some(_) => (C::ID, self.attributes.as_bytes(), size_of::<C::Reply>()),
        };
        Some(Request { protocol: C::PROTOCOL, message, params, values, delayed: false })
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        match (self.version, values) {
            (None, Err(CallError::Refused(Status::NOT_SUPPORTED))) => self.absent = true,
            (None, values) => self.version = Some(Version(record::<U32>(values?)?.get())),
            (Some(_), values) => self.reply = Some(record(values?)?),
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Self::Output, CallError> {
        Ok(self.version.zip(self.reply))
    }
}

/// Defines the client of a protocol, which opens on both fronts.
macro_rules! client {
    (
        $(#[$meta:meta])*
        $client:ident: $name:literal, $attributes:expr, |$reply:ident| {
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
                (version, $reply): (crate::wire::Version, <ProtocolAttributes as crate::wire::Message>::Reply),
            ) -> Self {
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
                let mut opening = crate::protocol::opening::Opening::new($attributes);
                let opened = crate::agent::CallerExt::run(caller, &mut opening)?;
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
                let opened = tasks.run(crate::protocol::opening::Opening::new($attributes)).await?;
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
