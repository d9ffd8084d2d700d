//! What powercap domains there are.

use scmi::protocol::powercap::agent::{Info, PowercapDomains};
use scmi::protocol::powercap::wire::PowerUnit;
use scmi::wire::Version;

use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::quantity::Quantity;
use crate::resource::{self, Resource};
use crate::units::printable;

/// A powercap domain.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) info: Info,
    pub(crate) version: Version,
    /// What its power is in.
    pub(crate) power: Quantity,
}

impl Resource for Entry {
    const KIND: &'static str = "powercap domain";

    fn id(&self) -> u32 {
        self.info.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Entry {
    /// All powercap domains.
    pub(crate) fn load(session: &mut Session<'_>) -> Result<Vec<Self>, Failure> {
        let mut domains = open(session)?;
        resource::load(domains.count().into(), |id| {
            let info = domains.info(id)?;
            let name = printable(domains.name(&info)?.as_str());
            let power = match info.flags.unit() {
                PowerUnit::MILLIWATT => Quantity::MILLIWATT,
                PowerUnit::MICROWATT => Quantity::MICROWATT,
                _ => Quantity::ABSTRACT,
            };
            Ok(Self { name, info, version: domains.version(), power })
        })
    }

    /// Whether the domain's attributes have all these bits.
    pub(crate) fn has(&self, bits: u32) -> bool {
        self.info.flags.has(bits)
    }

    /// A power that the command line gives, in the domain's unit.
    ///
    /// # Errors
    /// It is none, or the domain cannot count it.
    pub(super) fn parse(&self, text: &str) -> Result<u32, Failure> {
        let number = self.power.parse(text).and_then(|number| {
            u32::try_from(number)
                .map_err(|_| format!("{text} is not 0 to {}", self.power.show(u32::MAX)))
        });
        number
            .map_err(|error| Failure::new(Kind::Usage, format_args!("{}: {error}", self.called())))
    }
}

pub(super) fn open<'s>(session: &'s mut Session<'_>) -> Result<PowercapDomains<'s>, Failure> {
    PowercapDomains::open(session)
        .map_err(|error| Failure::call("asking for the powercap domains", &error))
}
