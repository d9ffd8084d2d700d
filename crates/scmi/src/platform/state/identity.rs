//! What a platform is, in words, to tell whether a state is its own.

use core::fmt;

use super::entry::Subject;
use crate::platform::engine::Platform;
use crate::platform::{AgentId, Space};

impl Platform {
    /// Says what the platform is, as far as what agents can set depends on it: a line for each agent with what it sees, for
    /// each device, and for each resource with its name and limits. A state fits a platform that says the same.
    ///
    /// # Errors
    /// `to` takes nothing more.
    pub fn identify(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        for (index, state) in self.agents.iter().enumerate() {
            write!(
                to,
                "agent {}: {}",
                AgentId::from_index(index).map_or(0, AgentId::number),
                state.name
            )?;
            for space in Space::ALL {
                if let Some(ids) = state.view.listed(space) {
                    write!(to, "; {space}")?;
                    ids.iter().try_for_each(|id| write!(to, " {id}"))?;
                }
            }
            to.write_char('\n')?;
        }
        for (id, device) in self.devices.iter().enumerate() {
            write!(to, "device {id}: {}", device.name)?;
            for (space, ids) in &device.parts {
                write!(to, "; {space}")?;
                ids.iter().try_for_each(|id| write!(to, " {id}"))?;
            }
            to.write_char('\n')?;
        }
        for subject in self.subjects() {
            if let Subject::Resource(space, id) = subject
                && let Some(server) = self.server_of(space.protocol())
            {
                write!(to, "{space} {id}: ")?;
                server.identify(space, id, to)?;
                to.write_char('\n')?;
            }
        }
        Ok(())
    }
}
