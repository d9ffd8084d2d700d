//! What voltage domains there are.

use scmi::protocol::voltage::agent::{Info, Voltages};

use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::{self, Resource};
use crate::units::printable;

/// A voltage domain.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) info: Info,
}

impl Resource for Entry {
    const KIND: &'static str = "voltage domain";

    fn id(&self) -> u32 {
        self.info.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Entry {
    /// All voltage domains.
    pub(super) fn load(session: &mut Session<'_>) -> Result<Vec<Self>, Failure> {
        let mut domains = open(session)?;
        resource::load(domains.count().into(), |id| {
            let info = domains.info(id)?;
            let name = printable(domains.name(&info)?.as_str());
            Ok(Self { name, info })
        })
    }

    /// Whether the domain's attributes have all these bits.
    pub(super) fn has(&self, bits: u32) -> bool {
        self.info.attributes.has(bits)
    }
}

pub(super) fn open<'s>(session: &'s mut Session<'_>) -> Result<Voltages<'s>, Failure> {
    Voltages::open(session).map_err(|error| Failure::call("asking for the voltage domains", &error))
}
