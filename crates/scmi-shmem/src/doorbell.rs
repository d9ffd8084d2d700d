//! How one side tells the other to look.

use core::fmt;

/// Rings at the other side. Each side brings its own: the agent's is rung for [`Line::Command`] and
/// [`Line::EventTaken`], the platform's for [`Line::Answer`] and [`Line::Event`]. A closure will do.
///
/// When it is called, the area is the other side's already, as the memory model sees it. Where the doorbell is a
/// device (a mailbox's register), its write has to stay behind those of the area for that device too: on Arm a `dsb st`
/// before it. A call into the other side on the same processor (`smc`, `hvc`) needs nothing.
pub trait Doorbell {
    /// Rings, and returns without waiting for what follows from it. A call that returns when the other side is done
    /// (`smc`) may return then.
    ///
    /// # Errors
    /// [`Unheard`] where it is certain that the other side was not told and will not look: the message is taken
    /// back then.
    fn ring(&mut self, line: Line) -> Result<(), Unheard>;
}

impl<F: FnMut(Line) -> Result<(), Unheard>> Doorbell for F {
    fn ring(&mut self, line: Line) -> Result<(), Unheard> {
        self(line)
    }
}

/// What happened. Where there are mailboxes, each has one, and the device tree's names for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The agent has put a command into the first area: mailbox `tx`, or the SMC.
    Command,
    /// The platform has answered it there: mailbox `tx_reply`, or the interrupt `a2p`. Where a mailbox goes both ways,
    /// `tx` backwards.
    Answer,
    /// The platform has put an event into the second area: mailbox `rx`.
    Event,
    /// The agent has taken it: mailbox `rx_reply`. Where a mailbox goes both ways, `rx` backwards.
    EventTaken,
}

/// The other side was not told: there is nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unheard;

impl fmt::Display for Unheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody answers the doorbell")
    }
}

impl core::error::Error for Unheard {}
