//! Time, and waiting for the platform.

use scmi::Time;

/// The clock of whoever runs the agent.
pub trait Clock {
    /// The time. It does not run backwards.
    fn now(&self) -> Time;

    /// Sleeps until the platform's doorbell has rung or `until` has come, whichever is first; it may return too
    /// early.
    ///
    /// A ring that came after the areas were last looked at has to end it, also one that came before it was called.
    /// With interrupts masked at the processor and an instruction that waits for a pending one (`wfi`), that is so by
    /// itself. As it is provided it does not sleep: the agent then polls.
    fn sleep(&mut self, until: Time) {
        let _ = until;
        core::hint::spin_loop();
    }
}
