//! The power caps of a board.

use std::sync::Arc;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::powercap::platform::{self, PowercapModel};
use scmi::wire::Status;

use super::{Access, Activity};

/// A powercap domain. Its position in the board is its id. Its power is in microwatts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PowerCap {
    /// What agents are told of it.
    pub description: platform::PowercapDomain,
    /// What it always consumes, in microwatts, beside what it measures.
    pub power: u32,
    /// The performance domains whose power counts, by id.
    pub measures: Vec<usize>,
    /// Who may cap it.
    pub access: Access,
}

/// The powercap domains of a board: a tree in which each has consumed what its own performance domains and those
/// below have, and never more than its cap.
#[derive(Debug)]
pub struct BoardPowercaps {
    descriptions: Vec<platform::PowercapDomain>,
    domains: Vec<PowerCap>,
    caps: Vec<Option<u32>>,
    /// Positions, those below before those above.
    upwards: Vec<usize>,
    /// Of one reading, in microwatts.
    totals: Vec<u64>,
    activity: Arc<Activity>,
}

impl BoardPowercaps {
    pub(crate) fn new(domains: &[PowerCap], activity: Arc<Activity>) -> Self {
        Self {
            descriptions: domains.iter().map(|domain| domain.description.clone()).collect(),
            domains: domains.to_vec(),
            caps: vec![None; domains.len()],
            upwards: upwards(domains),
            totals: vec![0; domains.len()],
            activity,
        }
    }

    /// Has the domains consume what these do, and take as long.
    pub(crate) fn tune(&mut self, domains: &[PowerCap]) {
        let own = self.descriptions.iter_mut().zip(&mut self.domains);
        for ((description, domain), new) in own.zip(domains) {
            description.set_time = new.description.set_time;
            domain.description.set_time = new.description.set_time;
            domain.power = new.power;
            domain.measures.clone_from(&new.measures);
        }
    }
}

/// The positions of `domains`, those below before those above. Whoever is on a circle, which no checked board has,
/// is left out.
fn upwards(domains: &[PowerCap]) -> Vec<usize> {
    let parent = |id: usize| domains.get(id).and_then(|domain| domain.description.parent);
    let mut below = vec![0_usize; domains.len()];
    for above in (0..domains.len()).filter_map(parent) {
        if let Some(count) = below.get_mut(above) {
            *count += 1;
        }
    }
    let mut order: Vec<usize> =
        below.iter().enumerate().filter(|(_, count)| **count == 0).map(|(id, _)| id).collect();
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        next += 1;
        let Some((above, count)) =
            parent(id).and_then(|above| Some((above, below.get_mut(above)?)))
        else {
            continue;
        };
        *count -= 1;
        if *count == 0 {
            order.push(above);
        }
    }
    order
}

impl PowercapModel for BoardPowercaps {
    fn domains(&self) -> &[platform::PowercapDomain] {
        &self.descriptions
    }

    fn may_set(&self, agent: AgentId, domain: usize) -> bool {
        self.domains.get(domain).is_some_and(|domain| domain.access.allows(agent))
    }

    fn set_cap(&mut self, _: Time, domain: usize, cap: Option<u32>) -> Result<(), Status> {
        *self.caps.get_mut(domain).ok_or(Status::NOT_FOUND)? = cap;
        Ok(())
    }

    fn power(&mut self, now: Time, domain: usize, pai_us: u32) -> Result<u32, Status> {
        let span = u64::from(pai_us) * 1000;
        for (total, domain) in self.totals.iter_mut().zip(&self.domains) {
            let measured = domain.measures.iter().map(|id| self.activity.average(now, *id, span));
            *total = measured.fold(domain.power.into(), u64::saturating_add);
        }
        for id in &self.upwards {
            let Some(total) = self.totals.get_mut(*id) else { continue };
            let cap = self.caps.get(*id).copied().flatten();
            *total = cap.map_or(*total, |cap| (*total).min(cap.into()));
            let (total, parent) =
                (*total, self.domains.get(*id).and_then(|d| d.description.parent));
            if let Some(above) = parent.and_then(|parent| self.totals.get_mut(parent)) {
                *above = above.saturating_add(total);
            }
        }
        let total = self.totals.get(domain).ok_or(Status::NOT_FOUND)?;
        Ok(u32::try_from(*total).unwrap_or(u32::MAX))
    }
}
