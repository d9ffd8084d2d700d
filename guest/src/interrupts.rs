//! Interrupts, and sleep until one comes.

use core::arch::asm;

use scmi::Time;
use scmi_virtio::driver::Clock;

use crate::gic::Gic;
use crate::timer;
use crate::tree::{Line, Tree};

/// The machine's interrupts. They are masked at the processor for good: one that comes ends a [`Waiter`]'s sleep, and is
/// looked at there.
#[derive(Debug)]
pub struct Interrupts {
    gic: Gic,
    timer: Line,
    taken: Taken,
}

/// How many interrupts came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Of the device that was waited for.
    pub device: u32,
    /// Of the timer.
    pub timer: u32,
    /// Others.
    pub other: u32,
}

impl Interrupts {
    /// Those of the machine, with the timer's on. None if the tree has no interrupt controller or timer that is
    /// known.
    ///
    /// # Safety
    /// It is called once, and the tree is this machine's.
    pub unsafe fn of(tree: &Tree) -> Option<Self> {
        let timer = tree.timer()?;
        // SAFETY: the caller promises that it is the machine's, and that nobody else has it.
        let mut gic = unsafe { Gic::new(tree.controller()?) }?;
        gic.enable(timer);
        Some(Self { gic, timer, taken: Taken::default() })
    }

    /// Of which kind the controller is: 2 or 3.
    pub const fn version(&self) -> u32 {
        self.gic.version()
    }

    /// What waits for a device's interrupt. The interrupt is on as long as it lives.
    pub fn waiter(&mut self, line: Line) -> Waiter<'_> {
        self.gic.enable(line);
        Waiter { interrupts: self, line }
    }

    /// What came so far.
    pub const fn taken(&self) -> Taken {
        self.taken
    }

    /// Takes those that are pending, up to that of `line`: its device drives it until its driver looked why.
    fn take(&mut self, line: Line) {
        // The timer's goes away when the timer is switched off, and others are not enabled.
        for _ in 0..3 {
            let Some(number) = self.gic.acknowledge() else { return };
            let counter = match number {
                number if number == line.number => &mut self.taken.device,
                number if number == self.timer.number => {
                    timer::disarm();
                    &mut self.taken.timer
                }
                _ => &mut self.taken.other,
            };
            *counter = counter.saturating_add(1);
            self.gic.end(number);
            if number == line.number {
                return;
            }
        }
    }
}

/// A driver's clock, whose sleep ends by the driver's interrupt.
#[derive(Debug)]
pub struct Waiter<'m> {
    interrupts: &'m mut Interrupts,
    line: Line,
}

impl Clock for Waiter<'_> {
    fn now(&self) -> Time {
        timer::now()
    }

    fn sleep(&mut self, until: Time) {
        timer::arm(until);
        // SAFETY: waits until an interrupt is pending, also one that came already; as they are masked, it is not
        // taken. It counts as access to memory, which the device may have written meanwhile.
        unsafe { asm!("dsb sy", "wfi", options(nostack, preserves_flags)) }
        self.interrupts.take(self.line);
        timer::disarm();
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.interrupts.gic.disable(self.line);
    }
}
