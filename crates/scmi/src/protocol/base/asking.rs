//! The longer questions of the asking side.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::agent::Discovery;
use super::wire::{
    Attributes, DiscoverImplementationVersion, DiscoverSubVendor, DiscoverVendor, ListProtocols,
    ProtocolAttributes,
};
use crate::agent::{CallError, Caller, Request, Steps, What};
use crate::protocol::common::ProtocolVersion;
use crate::protocol::facts::{Fact, Facts, KEPT, Refused};
use crate::protocol::list::{Entries, Form, Listing};
use crate::wire::{Message, ProtocolId, ShortName, U32, Version};

/// Asks who the platform is.
#[derive(Debug)]
pub struct Discovering(Facts);

/// What it answers.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Known {
    version: U32,
    attributes: Attributes,
    vendor: ShortName,
    sub_vendor: ShortName,
    implementation_version: U32,
}

const _: () = assert!(size_of::<Known>() == KEPT);

const QUESTIONS: &[Fact] = &[
    fact::<ProtocolVersion>(Refused::Fails),
    ATTRIBUTES,
    fact::<DiscoverVendor>(Refused::Fails),
    // There may be none, which is an answer too.
    fact::<DiscoverSubVendor>(Refused::Zero),
    fact::<DiscoverImplementationVersion>(Refused::Fails),
];

const ATTRIBUTES: Fact = fact::<ProtocolAttributes>(Refused::Fails);

const fn fact<M: Message>(refused: Refused) -> Fact {
    Fact { what: What::of::<M>(ProtocolId::BASE), refused }
}

impl Default for Discovering {
    fn default() -> Self {
        Self::new()
    }
}

impl Discovering {
    /// Asks from the beginning.
    pub fn new() -> Self {
        Self(Facts::new(QUESTIONS))
    }
}

impl Steps for Discovering {
    type Output = Discovery;

    fn question(&self) -> Option<Request<'_>> {
        self.0.question()
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.0.answer(values)
    }

    fn finish(&mut self) -> Result<Discovery, CallError> {
        let known: Known = zerocopy::transmute!(*self.0.kept());
        Ok(Discovery {
            version: Version(known.version.get()),
            vendor: known.vendor,
            sub_vendor: known.sub_vendor,
            implementation_version: known.implementation_version.get(),
            protocols: known.attributes.protocols,
            agents: known.attributes.agents,
        })
    }

    fn block(mut self, caller: &mut dyn Caller) -> Result<Discovery, CallError> {
        self.0.ask(caller)?;
        self.finish()
    }
}

/// Asks which protocols there are: how many, then their numbers, page by page.
pub struct ListingProtocols<'e> {
    announced: Facts,
    list: Listing<Protocols<'e>>,
}

/// Who is given the protocols of DISCOVER_LIST_PROTOCOLS.
struct Protocols<'e>(&'e mut dyn FnMut(ProtocolId));

/// Its pages, which do not say how many are to come.
const PROTOCOLS: Form = Form { returned: u32::MAX, remaining: 32, triplet: 0, size: 1 };

impl Entries for Protocols<'_> {
    fn entry(&mut self, bytes: &[u8]) {
        if let [id] = bytes {
            (self.0)(ProtocolId(*id));
        }
    }
}

impl core::fmt::Debug for ListingProtocols<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ListingProtocols")
            .field("announced", &self.announced)
            .finish_non_exhaustive()
    }
}

impl<'e> ListingProtocols<'e> {
    /// Gives each protocol but Base to `each`.
    pub fn new(each: &'e mut dyn FnMut(ProtocolId)) -> Self {
        let announced = Facts::new(const { &[ATTRIBUTES] });
        let command = ListProtocols { skip: U32::new(0) };
        Self { announced, list: Listing::new(&command, &PROTOCOLS, Protocols(each)) }
    }

    /// How many there are is known by now.
    fn begin(&mut self) {
        let [word, ..] = *self.announced.kept();
        let Attributes { protocols, .. } = zerocopy::transmute!(word);
        self.list.place.total = protocols.into();
        self.list.place.ended = protocols == 0;
    }
}

impl Steps for ListingProtocols<'_> {
    /// How many there are.
    type Output = usize;

    fn question(&self) -> Option<Request<'_>> {
        self.announced.question().or_else(|| self.list.question())
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        if self.announced.question().is_none() {
            return self.list.answer(values);
        }
        self.announced.answer(values)?;
        self.begin();
        Ok(())
    }

    fn finish(&mut self) -> Result<usize, CallError> {
        Ok(self.list.place.came())
    }

    fn block(mut self, caller: &mut dyn Caller) -> Result<usize, CallError> {
        self.announced.ask(caller)?;
        self.begin();
        self.list.ask(caller)?;
        self.finish()
    }
}
