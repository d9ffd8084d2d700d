//! What each agent said about each resource.

use alloc::vec;
use alloc::vec::Vec;

use super::AgentId;

/// A value for each resource and agent: votes, limits, caps. It is allocated once, when the number of agents is known,
/// and empty before that.
#[derive(Clone, Debug)]
pub struct PerAgent<T> {
    resources: usize,
    agents: usize,
    values: Vec<Option<T>>,
}

impl<T: Copy> PerAgent<T> {
    /// A table for so many resources, and for no agents yet.
    pub const fn new(resources: usize) -> Self {
        Self { resources, agents: 0, values: Vec::new() }
    }

    /// Makes room for so many agents; what was said before is forgotten.
    pub fn prepare(&mut self, agents: usize) {
        self.agents = agents;
        self.values = vec![None; self.resources.saturating_mul(agents)];
    }

    fn row(&self, resource: usize) -> &[Option<T>] {
        let start = resource.saturating_mul(self.agents);
        self.values.get(start..start.saturating_add(self.agents)).unwrap_or_default()
    }

    /// What an agent said about a resource, if it said anything.
    pub fn get(&self, resource: usize, agent: AgentId) -> Option<T> {
        self.row(resource).get(agent.index()).copied().flatten()
    }

    /// Notes what an agent says about a resource, or that it takes it back; returns what it had said.
    pub fn set(&mut self, resource: usize, agent: AgentId, value: Option<T>) -> Option<T> {
        if agent.index() >= self.agents {
            return None;
        }
        let index = resource.saturating_mul(self.agents).saturating_add(agent.index());
        core::mem::replace(self.values.get_mut(index)?, value)
    }

    /// All that was said about a resource, and by whom, in the order of the agents.
    pub fn of(&self, resource: usize) -> impl Iterator<Item = (AgentId, T)> {
        let said = self.row(resource).iter().enumerate();
        said.filter_map(|(index, value)| AgentId::from_index(index).zip(*value))
    }

    /// The same, to be changed in place.
    pub fn of_mut(&mut self, resource: usize) -> impl Iterator<Item = (AgentId, &mut T)> {
        let start = resource.saturating_mul(self.agents);
        let row = self.values.get_mut(start..start.saturating_add(self.agents));
        let said = row.unwrap_or_default().iter_mut().enumerate();
        said.filter_map(|(index, value)| AgentId::from_index(index).zip(value.as_mut()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_agent_has_a_place_for_each_resource() {
        let [first, second, third] = [0, 1, 2].map(|n| AgentId::from_index(n).expect("small"));
        let mut table = PerAgent::new(2);
        assert_eq!(table.set(0, first, Some(1)), None);
        assert_eq!(table.get(0, first), None, "there are no agents yet");
        table.prepare(2);
        assert_eq!(table.set(1, first, Some(10)), None);
        assert_eq!(table.set(1, second, Some(20)), None);
        assert_eq!(table.set(0, third, Some(30)), None);
        assert_eq!(table.of(1).collect::<Vec<_>>(), [(first, 10), (second, 20)]);
        assert_eq!(table.of(0).count(), 0);
        assert_eq!(table.set(1, first, None), Some(10));
        assert_eq!((table.get(1, first), table.get(1, second)), (None, Some(20)));
        assert_eq!(table.of(2).count(), 0);
        table.of_mut(1).for_each(|(_, value)| *value += 1);
        assert_eq!(table.get(1, second), Some(21));
    }
}
