//! What clocks there are.

use scmi::protocol::clock::agent::{Clocks, Info};
use scmi::wire::Version;

use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::{self, Resource};
use crate::units::printable;

/// A clock.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) info: Info,
    pub(crate) version: Version,
}

impl Resource for Entry {
    const KIND: &'static str = "clock";

    fn id(&self) -> u32 {
        self.info.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Entry {
    /// All clocks.
    pub(crate) fn load(session: &mut Session<'_>) -> Result<Vec<Self>, Failure> {
        let mut clocks = open(session)?;
        resource::load(clocks.count().into(), |id| {
            let info = clocks.info(id)?;
            let name = printable(clocks.name(&info)?.as_str());
            Ok(Self { name, info, version: clocks.version() })
        })
    }

    /// Whether the clock's attributes have all these bits.
    pub(crate) fn has(&self, bits: u32) -> bool {
        self.info.attributes.has(bits)
    }
}

pub(super) fn open<'s>(session: &'s mut Session<'_>) -> Result<Clocks<'s>, Failure> {
    Clocks::open(session).map_err(|error| Failure::call("asking for the clocks", &error))
}
