//! What agents hold when they come, give back when they go, and may use in between (sections 6 and 13.5).

use super::agents::{AgentId, ProtocolAccess};
use super::device::Device;
use super::engine::Platform;
use super::server::{Permit, Server};
use super::space::Space;
use super::withdrawal::Withdrawal;
use crate::time::Time;

impl Platform {
    /// The devices, in the order of their ids.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// Allows an agent to use a device, or a protocol's part of it, or denies it. It gives back what it has of what is taken;
    /// what is given again it has to ask for anew. Ids do not change by it.
    pub fn permit(&mut self, now: Time, permit: Permit) {
        if let Some(state) = self.agents.get_mut(permit.agent.index()) {
            state.denied.set(permit.device, permit.protocol, permit.allow);
            self.apply_permissions(now, permit.agent);
        }
        self.touched.note_all();
        self.tell_keeper();
    }

    /// Puts an agent's configuration back to what it was when it came, and its permissions too where that is wanted. Commands
    /// that it waits for are answered at once, with GENERIC_ERROR, as what they have begun no longer counts;
    /// delayed responses are not sent.
    pub fn reset_configuration(&mut self, now: Time, agent: AgentId, permissions: bool) {
        self.give_back(now, agent);
        if let Some(state) = self.agents.get_mut(agent.index()) {
            if state.reset(now) {
                self.woken.insert(agent);
            }
            if permissions {
                state.denied.clear();
                self.apply_permissions(now, agent);
            }
        }
        self.take_hold(now, agent);
        self.touched.note_all();
        self.tell_keeper();
    }

    /// An agent gives back all that it has.
    pub(super) fn give_back(&mut self, now: Time, agent: AgentId) {
        let restores = self.agents.get(agent.index()).is_some_and(|state| state.restores);
        let everything = Withdrawal::everything(agent, restores);
        self.base.withdraw(now, &everything);
        for server in &mut self.servers {
            server.withdraw(now, &everything);
        }
    }

    /// An agent that is there takes hold of what it holds from the start.
    pub(super) fn take_hold(&mut self, now: Time, agent: AgentId) {
        let state = self.agents.get(agent.index()).filter(|state| state.link.is_some());
        let Some(state) = state else { return };
        for (space, id) in state.holds.iter().copied() {
            let protocol = space.protocol();
            let server = self.servers.iter_mut().find(|server| server.info().id == protocol);
            if let Some(server) = server.filter(|_| !state.view.is_taken(space, id)) {
                server.hold(now, agent, space, id);
            }
        }
    }

    /// What is denied to an agent is taken from it.
    pub(super) fn apply_permissions(&mut self, now: Time, agent: AgentId) {
        let Some(state) = self.agents.get_mut(agent.index()) else { return };
        state.denied.note(&self.devices, &mut state.view);
        for spoken in &mut state.spoken {
            let space = Space::main_of(spoken.protocol);
            if let Some(space) = space.filter(|_| spoken.access != ProtocolAccess::Hidden) {
                let taken = state.view.is_all_taken(space);
                spoken.access = if taken { ProtocolAccess::Taken } else { ProtocolAccess::Open };
            }
        }
        for server in &mut self.servers {
            server.withdraw(now, &Withdrawal::taken(agent, &state.view));
        }
    }
}
