//! The longer questions of the asking side.

use super::agent::Discovery;
use super::wire::{
    Attributes, DiscoverImplementationVersion, DiscoverSubVendor, DiscoverVendor, ListProtocols,
    ProtocolAttributes,
};
use crate::agent::{CallError, Malformed, Request, Steps, record};
use crate::protocol::common::ProtocolVersion;
use crate::wire::{Message, MessageId, ProtocolId, Reader, Record, ShortName, U32, Version};

/// Asks who the platform is.
#[derive(Debug)]
pub struct Discovering {
    found: Discovery,
    next: Question,
}

#[derive(Clone, Copy, Debug)]
enum Question {
    Version,
    Attributes,
    Vendor,
    SubVendor,
    ImplementationVersion,
    Nothing,
}

impl Default for Discovering {
    fn default() -> Self {
        Self::new()
    }
}

impl Discovering {
    /// Asks from the beginning.
    pub fn new() -> Self {
        let found = Discovery {
            version: Version(0),
            vendor: ShortName::default(),
            sub_vendor: ShortName::default(),
            implementation_version: 0,
            protocols: 0,
            agents: 0,
        };
        Self { found, next: Question::Version }
    }
}

const fn ask<R: Record>(message: MessageId) -> Option<Request<'static>> {
    let (protocol, values) = (ProtocolId::BASE, size_of::<R>());
    Some(Request { protocol, message, params: &[], values, delayed: false })
}

impl Steps for Discovering {
    type Output = Discovery;

    fn question(&self) -> Option<Request<'_>> {
        // Room for the longest of the answers.
        let message = match self.next {
            Question::Version => ProtocolVersion::ID,
            Question::Attributes => ProtocolAttributes::ID,
            Question::Vendor => DiscoverVendor::ID,
            Question::SubVendor => DiscoverSubVendor::ID,
            Question::ImplementationVersion => DiscoverImplementationVersion::ID,
            Question::Nothing => return None,
        };
        ask::<ShortName>(message)
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        let found = &mut self.found;
        self.next = match self.next {
            Question::Version => {
                found.version = Version(record::<U32>(values?)?.get());
                Question::Attributes
            }
            Question::Attributes => {
                let attributes: Attributes = record(values?)?;
                (found.protocols, found.agents) = (attributes.protocols, attributes.agents);
                Question::Vendor
            }
            Question::Vendor => {
                found.vendor = record(values?)?;
                Question::SubVendor
            }
            // There may be none, which is an answer too.
            Question::SubVendor => {
                if !matches!(values, Err(CallError::Refused(_))) {
                    found.sub_vendor = record(values?)?;
                }
                Question::ImplementationVersion
            }
            Question::ImplementationVersion | Question::Nothing => {
                found.implementation_version = record::<U32>(values?)?.get();
                Question::Nothing
            }
        };
        Ok(())
    }

    fn finish(&mut self) -> Result<Discovery, CallError> {
        Ok(self.found)
    }
}

/// Asks which protocols there are: how many, then their numbers, page by page.
pub struct ListingProtocols<'e> {
    each: &'e mut dyn FnMut(ProtocolId),
    announced: Option<usize>,
    index: usize,
    command: ListProtocols,
}

impl core::fmt::Debug for ListingProtocols<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ListingProtocols").field("index", &self.index).finish_non_exhaustive()
    }
}

impl<'e> ListingProtocols<'e> {
    /// Gives each protocol but Base to `each`.
    pub fn new(each: &'e mut dyn FnMut(ProtocolId)) -> Self {
        Self { each, announced: None, index: 0, command: ListProtocols { skip: U32::new(0) } }
    }

    fn page(&mut self, announced: usize, values: &[u8]) -> Result<(), CallError> {
        let mut reader = Reader::new(values);
        let short = || Malformed::short(values.len(), 8);
        let returned = reader.take::<U32>().map_err(|_| short())?.get();
        let returned = usize::try_from(returned).unwrap_or(usize::MAX);
        let ids = reader.rest().get(..returned).ok_or_else(short)?;
        let total = self.index.saturating_add(returned);
        if returned == 0 || total > announced {
            return Err(Malformed::list(self.index, returned));
        }
        ids.iter().for_each(|id| (self.each)(ProtocolId(*id)));
        self.index = total;
        self.command.skip = U32::new(u32::try_from(total).unwrap_or(u32::MAX));
        Ok(())
    }
}

impl Steps for ListingProtocols<'_> {
    /// How many there are.
    type Output = usize;

    fn question(&self) -> Option<Request<'_>> {
        match self.announced {
            None => ask::<Attributes>(ProtocolAttributes::ID),
            Some(announced) if self.index < announced => Some(Request::of(&self.command)),
            Some(_) => None,
        }
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        match self.announced {
            None => {
                self.announced = Some(record::<Attributes>(values?)?.protocols.into());
                Ok(())
            }
            Some(announced) => self.page(announced, values?),
        }
    }

    fn finish(&mut self) -> Result<usize, CallError> {
        Ok(self.index)
    }
}
