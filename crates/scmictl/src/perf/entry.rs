//! What performance domains there are.

use scmi::agent::CallError;
use scmi::protocol::perf::agent::{Info, LevelInfo, PerfDomains};
use scmi::protocol::perf::wire::PowerUnit;

use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource::{self, Resource};
use crate::units::printable;

/// A performance domain.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) info: Info,
    pub(crate) levels: Vec<LevelInfo>,
    /// What its levels cost.
    pub(crate) power: Quantity,
}

impl Resource for Entry {
    const KIND: &'static str = "performance domain";

    fn id(&self) -> u32 {
        self.info.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Entry {
    /// All performance domains.
    pub(crate) fn load(session: &mut Session<'_>) -> Result<Vec<Self>, Failure> {
        let mut domains = open(session)?;
        resource::load(domains.count().into(), |id| Self::load_one(&mut domains, id))
    }

    fn load_one(domains: &mut PerfDomains<'_>, id: u32) -> Result<Self, CallError> {
        let info = domains.info(id)?;
        let name = printable(domains.name(&info)?.as_str());
        let mut levels = Vec::new();
        domains.levels(id, &mut |level| levels.push(*level))?;
        let power = match domains.power_unit() {
            PowerUnit::MILLIWATT => Quantity::MILLIWATT,
            PowerUnit::MICROWATT => Quantity::MICROWATT,
            _ => Quantity::ABSTRACT,
        };
        Ok(Self { name, info, levels, power })
    }

    /// Whether the domain's attributes have all these bits.
    pub(crate) fn has(&self, bits: u32) -> bool {
        self.info.flags.has(bits)
    }
}

pub(super) fn open<'s>(session: &'s mut Session<'_>) -> Result<PerfDomains<'s>, Failure> {
    PerfDomains::open(session)
        .map_err(|error| Failure::call("asking for the performance domains", &error))
}
