//! From a description of a platform to the platform.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::agents::{AgentId, AgentSet, AgentState, ProtocolAccess, Spoken};
use super::counters::Counters;
use super::device::{Denied, Device};
use super::engine::{HEAD, Platform};
use super::notices::Notices;
use super::pending::PendingCalls;
use super::server::Server;
use super::space::Space;
use super::spec::AgentSpec;
use super::state::Touched;
use super::view::{BadList, View};
use crate::protocol::ProtocolInfo;
use crate::protocol::base::platform::{BaseServer, Identity};
use crate::time::Time;
use crate::wire::{ProtocolId, ShortName, Version};

impl Platform {
    /// Starts to describe a platform.
    pub fn builder(identity: Identity) -> Builder {
        Builder {
            identity,
            servers: Vec::new(),
            agents: Vec::new(),
            keeps: Vec::new(),
            devices: Vec::new(),
            notifications: Builder::NOTIFICATIONS,
            pending: Builder::PENDING,
        }
    }
}

/// Describes a platform.
#[derive(Debug)]
pub struct Builder {
    identity: Identity,
    servers: Vec<Box<dyn Server>>,
    agents: Vec<AgentSpec>,
    keeps: Vec<(Space, usize)>,
    devices: Vec<Device>,
    notifications: usize,
    pending: usize,
}

impl Builder {
    /// Notifications that can wait for each agent, unless said otherwise.
    pub const NOTIFICATIONS: usize = 256;
    /// Calls of each agent that can wait for a late or delayed answer, unless said otherwise.
    pub const PENDING: usize = 64;

    /// Adds a protocol.
    #[must_use]
    pub fn server(mut self, server: Box<dyn Server>) -> Self {
        self.servers.push(server);
        self
    }

    /// Adds an agent that sees everything, with the protocols whose version it is to be told is not the newest.
    #[must_use]
    pub fn agent(self, name: &str, versions: &[(ProtocolId, Version)]) -> Self {
        self.agent_as(AgentSpec::new(name).versions(versions))
    }

    /// Adds an agent as it is described.
    #[must_use]
    pub fn agent_as(mut self, agent: AgentSpec) -> Self {
        self.agents.push(agent);
        self
    }

    /// The platform itself holds this resource: no agent can switch it off. It counts as one more agent, so there can be
    /// 254 others.
    #[must_use]
    pub fn keep(mut self, space: Space, id: usize) -> Self {
        self.keeps.push((space, id));
        self
    }

    /// Adds a device, which trusted agents can take from others; the first has the id 0.
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.devices.push(device);
        self
    }

    /// How many notifications can wait for each agent.
    #[must_use]
    pub fn notifications(mut self, count: usize) -> Self {
        self.notifications = count;
        self
    }

    /// How many calls of each agent can wait for a late or delayed answer.
    #[must_use]
    pub fn pending(mut self, count: usize) -> Self {
        self.pending = count;
        self
    }

    /// The platform.
    ///
    /// # Errors
    /// [`BuildError`] says what does not fit together.
    pub fn build(mut self) -> Result<Platform, BuildError> {
        self.servers.sort_by_key(|server| server.info().id);
        let ids: Vec<ProtocolId> = self.servers.iter().map(|server| server.info().id).collect();
        if let Some(twice) = ids.windows(2).find_map(|pair| match pair {
            [a, b] if a == b => Some(*a),
            _ => None,
        }) {
            return Err(BuildError::ProtocolTwice(twice));
        }
        if self.agents.is_empty() || self.agents.len() > 255 {
            return Err(BuildError::AgentCount(self.agents.len()));
        }
        for server in &mut self.servers {
            // One more is the platform itself.
            server.prepare(self.agents.len().saturating_add(1));
        }
        let names: Vec<String> = self.agents.iter().map(|agent| agent.name.clone()).collect();
        if let Some(name) = names.iter().find(|name| !ShortName::fits(name)) {
            return Err(BuildError::NameTooLong(name.clone()));
        }
        let base = BaseServer::new(self.identity.clone(), names, self.devices.len());
        let payload = self.servers.iter().map(|server| server.max_payload()).max().unwrap_or(0);
        let message = payload.max(base.max_payload()).saturating_add(HEAD);
        let infos = core::iter::once(base.info()).chain(self.servers.iter().map(|s| s.info()));
        let infos: Vec<&'static ProtocolInfo> = infos.collect();
        let agents = self.agents.iter().map(|agent| {
            let view = self.view(agent)?;
            Ok(AgentState {
                name: agent.name.clone(),
                link: None,
                channel: None,
                away: None,
                spoken: self.spoken(&base, agent, &view)?,
                view,
                holds: agent.holds.clone(),
                restores: agent.restores,
                trusted: agent.trusted,
                denied: Denied::nothing(self.devices.len()),
                pending: PendingCalls::new(self.pending, message),
                notices: Notices::new(self.notifications, message),
                counters: Counters::new(&infos),
            })
        });
        let agents = agents.collect::<Result<Vec<_>, BuildError>>()?;
        self.check_devices()?;
        self.hold_kept()?;
        Ok(Platform {
            base,
            servers: self.servers,
            agents,
            devices: self.devices,
            woken: AgentSet::default(),
            ledger: None,
            touched: Touched::default(),
        })
    }

    /// The platform takes hold of what it keeps, as the agent after the last.
    fn hold_kept(&mut self) -> Result<(), BuildError> {
        for (space, id) in self.keeps.iter().copied() {
            let platform = AgentId::from_index(self.agents.len());
            let platform = platform.ok_or(BuildError::AgentCount(self.agents.len()))?;
            let server = self.servers.iter_mut().find(|server| id < server.resources(space));
            let server = server.ok_or(BuildError::NothingToKeep(space, id))?;
            server.hold(Time::ZERO, platform, space, id);
        }
        Ok(())
    }

    fn check_devices(&self) -> Result<(), BuildError> {
        for device in &self.devices {
            for (space, ids) in &device.parts {
                let there =
                    |id: usize| self.servers.iter().any(|server| id < server.resources(*space));
                if let Some(id) = ids.iter().copied().find(|id| !there(*id)) {
                    return Err(BuildError::BadDevice(device.name.clone(), *space, id));
                }
            }
        }
        Ok(())
    }

    /// What an agent sees.
    fn view(&self, agent: &AgentSpec) -> Result<View, BuildError> {
        let mut view = View::default();
        for space in Space::ALL {
            let count = self.servers.iter().map(|server| server.resources(space)).sum();
            view.set_total(space, count);
            if !self.devices.is_empty() {
                view.can_take(space);
            }
        }
        let bad = |space, why| BuildError::BadList { agent: agent.name.clone(), space, why };
        for (space, ids) in &agent.lists {
            view.show(*space, ids).map_err(|why| bad(*space, why))?;
        }
        for (space, id, rights) in &agent.rights {
            view.allow(*space, *id, *rights).map_err(|why| bad(*space, why))?;
        }
        for (space, id) in &agent.holds {
            if !view.sees(*space, *id) {
                return Err(bad(*space, BadList::Unknown(*id)));
            }
        }
        Ok(view)
    }

    fn spoken(
        &self,
        base: &BaseServer,
        agent: &AgentSpec,
        view: &View,
    ) -> Result<Vec<Spoken>, BuildError> {
        let infos = core::iter::once(base.info()).chain(self.servers.iter().map(|s| s.info()));
        let spoken = infos.map(|info| {
            let chosen = agent.versions.iter().find(|(id, _)| *id == info.id);
            let version = chosen.map_or_else(|| info.newest(), |(_, version)| *version);
            let hidden = Space::main_of(info.id).is_some_and(|space| view.hides(space));
            let access = if hidden { ProtocolAccess::Hidden } else { ProtocolAccess::Open };
            if info.versions.contains(&version) {
                Ok(Spoken { protocol: info.id, reported: version, effective: version, access })
            } else {
                Err(BuildError::UnknownVersion(info.id, version))
            }
        });
        spoken.collect()
    }
}

/// What does not fit together in a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// Two servers of one protocol.
    ProtocolTwice(ProtocolId),
    /// Agents are counted in 8 bits, and there must be one.
    AgentCount(usize),
    /// Names have at most 15 bytes.
    NameTooLong(String),
    /// This version of this protocol cannot be spoken.
    UnknownVersion(ProtocolId, Version),
    /// The platform is to keep what it does not have.
    NothingToKeep(Space, usize),
    /// A device needs what the platform does not have.
    BadDevice(String, Space, usize),
    /// An agent cannot see these resources.
    BadList {
        /// Its name.
        agent: String,
        /// Of which space.
        space: Space,
        /// What is wrong with the list.
        why: BadList,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProtocolTwice(id) => write!(f, "protocol {id} is there twice"),
            Self::AgentCount(count) => write!(f, "{count} agents: there must be 1 to 255"),
            Self::NameTooLong(name) => write!(f, "name {name:?} has more than 15 bytes"),
            Self::UnknownVersion(id, version) => {
                write!(f, "version {version} of protocol {id} cannot be spoken")
            }
            Self::BadList { agent, space, why } => write!(f, "agent {agent:?}, {space}: {why}"),
            Self::NothingToKeep(space, id) => write!(f, "kept, {space}: there is no {id}"),
            Self::BadDevice(device, space, id) => {
                write!(f, "device {device:?}, {space}: there is no {id}")
            }
        }
    }
}

impl core::error::Error for BuildError {}
