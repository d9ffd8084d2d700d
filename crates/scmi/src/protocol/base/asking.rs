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
#[derive(Debug, Default)]
pub struct Discovering {
    version: Option<Version>,
    attributes: Option<Attributes>,
    vendor: Option<ShortName>,
    /// There may be none, which is an answer too.
    sub_vendor: Option<ShortName>,
    implementation_version: Option<u32>,
}

impl Discovering {
    /// Asks from the beginning.
    pub fn new() -> Self {
        Self::default()
    }
}

const fn ask<R: Record>(message: MessageId) -> Option<Request<'static>> {
    let (protocol, values) = (ProtocolId::BASE, size_of::<R>());
    Some(Request { protocol, message, params: &[], values, delayed: false })
}

impl Steps for Discovering {
    type Output = Discovery;

    fn question(&self) -> Option<Request<'_>> {
        if self.version.is_none() {
            ask::<U32>(ProtocolVersion::ID)
        } else if self.attributes.is_none() {
            ask::<Attributes>(ProtocolAttributes::ID)
        } else if self.vendor.is_none() {
            ask::<ShortName>(DiscoverVendor::ID)
        } else if self.sub_vendor.is_none() {
            ask::<ShortName>(DiscoverSubVendor::ID)
        } else if self.implementation_version.is_none() {
            ask::<U32>(DiscoverImplementationVersion::ID)
        } else {
            None
        }
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        if self.version.is_none() {
            self.version = Some(Version(record::<U32>(values?)?.get()));
        } else if self.attributes.is_none() {
            self.attributes = Some(record(values?)?);
        } else if self.vendor.is_none() {
            self.vendor = Some(record(values?)?);
        } else if self.sub_vendor.is_none() {
            self.sub_vendor = Some(match values {
                Err(CallError::Refused(_)) => ShortName::default(),
                values => record(values?)?,
            });
        } else {
            self.implementation_version = Some(record::<U32>(values?)?.get());
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Discovery, CallError> {
        let all = || {
            let attributes = self.attributes?;
            Some(Discovery {
                version: self.version?,
                vendor: self.vendor?,
                sub_vendor: self.sub_vendor?,
                implementation_version: self.implementation_version?,
                protocols: attributes.protocols,
                agents: attributes.agents,
            })
        };
        all().ok_or(CallError::Malformed(Malformed::Short { came: 0, wanted: size_of::<U32>() }))
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
        let short = Malformed::Short { came: values.len(), wanted: 8 };
        let returned = reader.take::<U32>().map_err(|_| short)?.get();
        let returned = usize::try_from(returned).unwrap_or(usize::MAX);
        let ids = reader.rest().get(..returned).ok_or(short)?;
        let total = self.index.saturating_add(returned);
        if returned == 0 || total > announced {
            return Err(Malformed::List { index: self.index, returned }.into());
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
