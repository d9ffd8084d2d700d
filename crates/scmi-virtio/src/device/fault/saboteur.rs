//! Who decides what is done to a message.

use core::fmt;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::wire::Header;

use super::acts::{Acts, Kind};

/// Decides what goes wrong. One serves all devices of a platform, from the threads that serve them; it is asked with
/// whatever lock they hold, so it never blocks for long and never calls back.
pub trait Saboteur: Send + Sync + fmt::Debug {
    /// Whether there is nothing to do to anybody. Asked once a turn of work; nothing else is asked then.
    fn is_idle(&self) -> bool;

    /// What to do to a message. Asked once for each, in the order in which a device comes to them: for an answer when its
    /// command has come and was not executed yet, for events when they are about to be written.
    fn plan(&self, subject: &Subject<'_>) -> Option<Plan>;

    /// Whether a rule still stands. Answers that it keeps for ever come back when it does not.
    fn stands(&self, rule: u64) -> bool;

    /// What became of a plan.
    fn report(&self, agent: AgentId, rule: u64, deed: Deed);
}

/// A message that something could be done to.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The time.
    pub now: Time,
    /// Whose it is.
    pub agent: AgentId,
    /// What it is.
    pub moment: Moment,
    /// The header: of the command, for an answer.
    pub header: Header,
    /// What lies behind: for an answer the parameters of its command, for a delayed response the values behind the status.
    pub payload: &'a [u8],
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The immediate answer to a command.
    Answer,
    /// A delayed response.
    DelayedResponse,
    /// A notification.
    Notification,
}

/// What is to be done to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// On whose account; any number, not used again for another rule.
    pub rule: u64,
    /// What.
    pub acts: Acts,
}

impl fmt::Display for Plan {
    /// `fault 3: delay, status`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}:", self.rule)?;
        for (nth, kind) in self.acts.kinds().enumerate() {
            write!(f, "{}{kind}", if nth == 0 { " " } else { ", " })?;
        }
        Ok(())
    }
}

/// What became of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// This was done.
    Done(Kind),
    /// This was not: there is no room for it, too much of it waits already, or the message is not one for it.
    Skipped(Kind),
    /// A chain that was kept came back: the driver stopped or reset its device, or the rule went.
    GivenBack,
}
