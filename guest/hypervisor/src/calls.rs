//! What the guest calls: SCMI, PSCI, or nothing that there is.

use crate::psci::{self, Answer};
use crate::scmi::Firmware;

/// The guest's doorbell: `arm,smc-id`. One of the functions that are a hypervisor's own, by `smc` or by `hvc`.
pub(crate) const SCMI: u32 = 0x8600_0100;

/// What every call is answered with that does not exist.
pub(crate) const NOT_SUPPORTED: u64 = (-1_i64).cast_unsigned();

/// How many calls there were of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    /// Of SCMI.
    pub(crate) scmi: u64,
    /// Of PSCI.
    pub(crate) psci: u64,
    /// Of nothing that there is.
    pub(crate) unknown: u64,
}

impl Calls {
    /// Answers a call by the convention: the function is in w0, its first argument in x1.
    pub(crate) fn answer(&mut self, firmware: &mut Firmware, x0: u64, argument: u64) -> Answer {
        let function = u32::try_from(x0 & 0xFFFF_FFFF).unwrap_or(0);
        if function == SCMI {
            count(&mut self.scmi);
            firmware.ring();
            return Answer::Value(0);
        }
        let answer = psci::answer(function, argument);
        count(if answer.is_some() { &mut self.psci } else { &mut self.unknown });
        answer.unwrap_or(Answer::Value(NOT_SUPPORTED))
    }
}

/// One more.
pub(crate) fn count(counter: &mut u64) {
    *counter = counter.wrapping_add(1);
}
