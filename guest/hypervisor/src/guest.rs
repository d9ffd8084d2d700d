//! The guest: its processor, its firmware, and what becomes of each exit.

use scmi_guest::println;

use crate::calls::{Calls, count};
use crate::inject;
use crate::psci::Answer;
use crate::report;
use crate::scmi::Firmware;
use crate::vcpu::{Exit, Vcpu};

/// The only one that there is.
#[derive(Debug)]
pub(crate) struct Guest {
    vcpu: Vcpu,
    firmware: Firmware,
    calls: Calls,
    /// Accesses to what is not its.
    kept_off: u64,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It switched itself off, or could not go on.
    Off,
    /// It wants to start anew.
    Restart,
}

impl Guest {
    /// One that begins at that address and finds its device tree at the other.
    pub(crate) fn new(kernel: u64, tree: u64, firmware: Firmware) -> Self {
        Self { vcpu: Vcpu::new(kernel, tree), firmware, calls: Calls::default(), kept_off: 0 }
    }

    /// Runs it to its end.
    ///
    /// # Safety
    /// As for [`Vcpu::run`].
    pub(crate) unsafe fn run(&mut self) -> End {
        loop {
            // SAFETY: the caller promises the same.
            let exit = unsafe { self.vcpu.run() };
            if let Some(end) = self.handle(exit) {
                return end;
            }
        }
    }

    /// Does what the guest wants, or keeps it from it.
    fn handle(&mut self, exit: Exit) -> Option<End> {
        match exit {
            Exit::Smc => {
                // It was trapped before it was executed.
                self.vcpu.pc = self.vcpu.pc.wrapping_add(4);
                self.call()
            }
            Exit::Hvc => self.call(),
            Exit::Abort(abort) => {
                count(&mut self.kept_off);
                inject::abort(&mut self.vcpu, abort);
                None
            }
            Exit::Other(syndrome) => {
                println!("hypervisor: the guest at {:#x}: syndrome {syndrome:#x}", self.vcpu.pc);
                Some(End::Off)
            }
        }
    }

    fn call(&mut self) -> Option<End> {
        let [x0, x1, ..] = self.vcpu.x;
        match self.calls.answer(&mut self.firmware, x0, x1) {
            Answer::Value(value) => {
                let [x0, ..] = &mut self.vcpu.x;
                *x0 = value;
                None
            }
            Answer::Off => Some(End::Off),
            Answer::Restart => Some(End::Restart),
        }
    }

    /// Prints what it called, and what became of that.
    pub(crate) fn report(&self) {
        report::print(&self.calls, self.kept_off, &self.firmware);
    }
}
