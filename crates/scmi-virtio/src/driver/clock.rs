//! Time, and sleep.

use scmi::Time;

/// What a driver asks of its machine.
pub trait Clock {
    /// The time. It does not run backwards.
    fn now(&self) -> Time;

    /// Sleeps until the device interrupts or `until` has come, whichever is first; it may return too early.
    ///
    /// An interrupt that came after the driver last looked at its queues has to end it, also one that came before
    /// it was called. With interrupts masked at the processor and an instruction that waits for a pending one
    /// (`wfi`), that is so by itself. An interrupt line stays active until the driver read the cause, which it
    /// does when this returns.
    ///
    /// Called only where [`Options::interrupts`](super::Options::interrupts) is set, or when there is no device to
    /// wait for. As it is provided it does not sleep: the driver then polls.
    fn sleep(&mut self, until: Time) {
        let _ = until;
        core::hint::spin_loop();
    }
}
