//! A platform that was started anew takes up what agents had set.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::entry::{StateEntry, StateKey, StateKind, Subject};
use super::statement::Statement;
use crate::platform::engine::Platform;
use crate::platform::{AgentId, Link};
use crate::time::Time;
use crate::wire::{ProtocolId, Version};

/// An entry that cannot be of this platform. Nothing was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadState {
    /// Which.
    pub entry: StateEntry,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for BadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.entry.key, self.what)?;
        self.entry.value.map_or(Ok(()), |value| write!(f, " ({value})"))
    }
}

impl core::error::Error for BadState {}

impl Platform {
    /// Puts a platform that was just built, and that no agent has used, into the state that `entries` say, at once: what they
    /// do not name is as at start. Agents whose channels were alive are away then, and keep what they have for `grace`; an
    /// agent that has not come back by then has gone.
    ///
    /// Returns how many entries did not come true, because a model refused or others contradict them.
    ///
    /// # Errors
    /// [`BadState`]; nothing was changed then.
    pub fn restore(
        &mut self,
        now: Time,
        entries: &[StateEntry],
        grace: Duration,
    ) -> Result<usize, BadState> {
        self.ledger();
        for entry in entries {
            self.check(entry).map_err(|what| BadState { entry: *entry, what })?;
        }
        for entry in entries {
            if let Subject::Agent(agent) = entry.key.subject {
                self.restore_agent(now, agent, entry, grace);
            }
        }
        let mut of_one = Vec::new();
        for server in &mut self.servers {
            let protocol = server.info().id;
            of_one.clear();
            of_one.extend(entries.iter().copied().filter(|entry| match entry.key.subject {
                Subject::Resource(space, _) => {
                    space.protocol() == protocol && entry.value.is_some()
                }
                Subject::Agent(_) => false,
            }));
            server.restore_state(now, &of_one);
        }
        self.touched.note_all();
        self.tell_keeper();
        Ok(entries.iter().filter(|entry| !self.is_true(entry)).count())
    }

    /// The channel of an agent that is away is there again: it goes on with what it has set, its subscriptions and its
    /// versions. False where it is not away or this is another channel, by its name; then [`Platform::connect`] begins anew.
    pub fn resume(&mut self, agent: AgentId, link: Link) -> bool {
        let Some(state) = self.agents.get_mut(agent.index()) else { return false };
        let same = state.away.is_some() && state.channel == Some(link.name);
        if same {
            state.away = None;
            state.link = Some(link);
            state.counters.lives = state.counters.lives.wrapping_add(1);
        }
        same
    }

    /// The platform itself comes to its end, and with it the channel of an agent. Where somebody keeps what agents set, the
    /// agent has not gone by that, and is away when the platform is started anew; else it is as [`Platform::disconnect`].
    pub fn part(&mut self, now: Time, agent: AgentId) {
        if !self.is_kept() {
            return self.disconnect(now, agent);
        }
        if let Some(state) = self.agents.get_mut(agent.index()) {
            state.link = None;
            state.pending.clear();
            state.notices.clear();
        }
        self.woken.remove(agent);
    }

    /// Agents that have not come back in time have gone.
    pub(in crate::platform) fn end_graces(&mut self, now: Time) {
        for index in 0..self.agents.len() {
            let away = self.agents.get(index).and_then(|state| state.away);
            if away.is_some_and(|until| until <= now)
                && let Some(agent) = AgentId::from_index(index)
            {
                self.disconnect(now, agent);
            }
        }
    }

    /// Whether an entry can be of this platform.
    fn check(&self, entry: &StateEntry) -> Result<(), &'static str> {
        if entry.by.is_some_and(|by| by.index() >= self.agents.len()) || !self.is_said(entry.key) {
            return Err("there is no such thing");
        }
        let Some(value) = entry.value else { return Ok(()) };
        match entry.key.subject {
            Subject::Agent(agent) => self.check_agent(agent, entry.key, value),
            Subject::Resource(space, id) => {
                let sees = |agent: AgentId| {
                    self.agents.get(agent.index()).is_some_and(|state| state.view.sees(space, id))
                };
                if !entry.agent().into_iter().chain(entry.by).all(sees) {
                    return Err("the agent does not see it");
                }
                let server = self.server_of(space.protocol()).ok_or("there is no such thing")?;
                server.check_state(entry)
            }
        }
    }

    fn check_agent(&self, agent: AgentId, key: StateKey, value: u64) -> Result<(), &'static str> {
        let state = self.agents.get(agent.index()).ok_or("there is no such agent")?;
        let good = match key.kind {
            StateKind::VERSION => {
                let version = u32::try_from(value).map(Version).ok();
                let spoken =
                    state.spoken.iter().find(|spoken| u16::from(spoken.protocol.0) == key.part);
                spoken.zip(version).is_some_and(|(spoken, version)| {
                    version <= spoken.reported && self.versions(spoken.protocol).contains(&version)
                })
            }
            StateKind::DENIED => {
                let (mut denied, device) = (state.denied.clone(), usize::from(key.part));
                let bits = u16::try_from(value).unwrap_or(u16::MAX);
                denied.put(device, bits);
                denied.of(device) == bits
            }
            StateKind::ERRORS => value == 1,
            StateKind::CHANNEL => true,
            _ => false,
        };
        if good { Ok(()) } else { Err("the value cannot be") }
    }

    fn versions(&self, protocol: ProtocolId) -> &'static [Version] {
        if protocol == ProtocolId::BASE {
            return crate::protocol::base::INFO.versions;
        }
        self.server_of(protocol).map_or(&[], |server| server.info().versions)
    }

    fn restore_agent(&mut self, now: Time, agent: AgentId, entry: &StateEntry, grace: Duration) {
        let Some(value) = entry.value else { return };
        let Some(state) = self.agents.get_mut(agent.index()) else { return };
        match entry.key.kind {
            StateKind::CHANNEL => {
                state.channel = Some(value);
                state.away = Some(now.after(grace));
            }
            StateKind::VERSION => {
                let version = Version(u32::try_from(value).unwrap_or(0));
                let of = |protocol: ProtocolId| u16::from(protocol.0) == entry.key.part;
                let spoken = state.spoken.iter_mut().find(|spoken| of(spoken.protocol));
                if let Some(spoken) = spoken {
                    spoken.effective = version;
                }
            }
            StateKind::DENIED => {
                state.denied.put(entry.key.part.into(), u16::try_from(value).unwrap_or(0));
                self.apply_permissions(now, agent);
            }
            StateKind::ERRORS => self.base.tell_errors(agent, true),
            _ => {}
        }
    }

    /// Says what is kept of an agent itself.
    pub(super) fn say_agent(&self, agent: AgentId, say: &mut Statement<'_>) {
        let Some(state) = self.agents.get(agent.index()) else { return };
        say.value(StateKind::CHANNEL, state.channel, None);
        say.value(StateKind::ERRORS, self.base.tells_errors(agent).then_some(1), None);
        for spoken in &state.spoken {
            let other = (spoken.effective != spoken.reported).then_some(spoken.effective.0.into());
            say.part((StateKind::VERSION, spoken.protocol.0.into()), other, None);
        }
        for (device, part) in (0..self.devices.len()).zip(0_u16..) {
            let denied = Some(state.denied.of(device)).filter(|denied| *denied != 0);
            say.part((StateKind::DENIED, part), denied.map(u64::from), None);
        }
    }

    /// Whether all is now as an entry says.
    fn is_true(&self, entry: &StateEntry) -> bool {
        let mut yes = false;
        self.say(entry.key.subject, &mut |now| yes |= now == *entry);
        yes
    }
}
