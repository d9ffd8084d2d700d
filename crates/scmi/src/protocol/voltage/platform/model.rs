//! What a platform must know of its voltage domains.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::wire::Mode;
use super::levels::Levels;
use crate::platform::{AgentId, BadDescription};
use crate::protocol::serving::check_names;
use crate::time::Time;
use crate::wire::Status;

/// The voltage domains of a platform: what they are, and what they do.
///
/// The server calls it with the platform's lock held, so a call must not block. A domain's id is its position.
/// Latencies and who wants which mode are the server's.
pub trait VoltageModel: Any + Send + fmt::Debug {
    /// What the domains are. At most 65535. Their number, and what agents are told of them, must not
    /// change while the platform lives.
    fn domains(&self) -> &[VoltageDomain];

    /// The mode that the domain is in.
    fn mode(&self, domain: usize) -> Mode;

    /// Puts a domain into a mode: [`Mode::OFF`] or one of [`VoltageDomain::modes`]. It is the strongest that any agent
    /// asks for.
    ///
    /// # Errors
    /// The status to answer with; the domain stays as it was.
    fn set_mode(&mut self, now: Time, domain: usize, mode: Mode) -> Result<(), Status>;

    /// The level in microvolts. Of a domain that is off it is the level that it will have when it is on.
    fn level(&self, domain: usize) -> i32;

    /// Sets the level: one of [`VoltageDomain::levels`]. A domain that is off keeps it for later.
    ///
    /// # Errors
    /// The status to answer with; the level stays as it was.
    fn set_level(&mut self, now: Time, domain: usize, level: i32) -> Result<(), Status>;

    /// Whether an agent may change a domain.
    fn allows(&self, agent: AgentId, domain: usize) -> bool {
        let _ = (agent, domain);
        true
    }
}

/// What a voltage domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoltageDomain {
    /// 1 to 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// The levels it can have.
    pub levels: Levels,
    /// The modes it can be in beside [`Mode::OFF`], weakest first; usually only [`Mode::ON`].
    pub modes: Vec<Mode>,
    /// Whether it can be switched off.
    pub can_be_off: bool,
    /// Whether its level can be set without waiting for it (2.0).
    pub asynchronous: bool,
    /// How long it takes to come on: that much later a change out of [`Mode::OFF`] is answered.
    pub enable_delay: Duration,
    /// How long it takes to change the level: that much later the domain has it, and the answer comes.
    pub level_change: Duration,
}

impl VoltageDomain {
    /// A domain with these levels that can be on and off, and takes no time.
    pub fn new(name: &str, levels: Levels) -> Self {
        Self {
            name: name.into(),
            levels,
            modes: vec![Mode::ON],
            can_be_off: true,
            asynchronous: true,
            enable_delay: Duration::ZERO,
            level_change: Duration::ZERO,
        }
    }
}

/// Whether these domains can be.
pub(super) fn check(domains: &[VoltageDomain]) -> Result<(), BadDescription> {
    let kind = "voltage domain";
    check_names(kind, domains.iter().map(|domain| domain.name.as_str()))?;
    for (id, domain) in domains.iter().enumerate() {
        let bad = |what| Err(BadDescription::new(kind, id, what));
        if let Some(what) = domain.levels.mistake() {
            return bad(what);
        }
        if !domain.modes.iter().all(|mode| *mode == Mode::ON || (8..16).contains(&mode.0)) {
            return bad("one of its modes is off, reserved or none");
        }
        let mut modes = domain.modes.iter();
        while let Some(mode) = modes.next() {
            if modes.as_slice().contains(mode) {
                return bad("one of its modes is there twice");
            }
        }
        if domain.modes.is_empty() {
            return bad("it has no mode beside off");
        }
    }
    Ok(())
}
