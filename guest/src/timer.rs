//! The processor's virtual timer: time, and an interrupt when it has come.

use core::arch::asm;

use scmi::Time;

const NANOS: u64 = 1_000_000_000;

/// The time since the machine was switched on.
pub fn now() -> Time {
    let ticks: u64;
    // SAFETY: reads a counter. The barrier keeps it from being read before what comes first in the program.
    unsafe {
        asm!("isb", "mrs {}, cntvct_el0", out(reg) ticks, options(nostack, preserves_flags, nomem));
    }
    Time::from_nanos(scale(ticks, frequency(), NANOS))
}

/// Lets the timer interrupt when that time has come; never, if it is [`Time::NEVER`].
pub(crate) fn arm(until: Time) {
    if until == Time::NEVER {
        return;
    }
    // One more, as the quotient is the next lower.
    let ticks = scale(until.as_nanos(), NANOS, frequency()).saturating_add(1);
    // SAFETY: sets when the timer interrupts, and switches it on with its interrupt unmasked.
    unsafe {
        asm!("msr cntv_cval_el0, {}", "msr cntv_ctl_el0, {}", "isb", in(reg) ticks, in(reg) 1_u64,
            options(nostack, preserves_flags, nomem));
    }
}

/// Switches the timer off: its interrupt goes away.
pub(crate) fn disarm() {
    // SAFETY: as in `arm`.
    unsafe { asm!("msr cntv_ctl_el0, xzr", "isb", options(nostack, preserves_flags, nomem)) }
}

/// Ticks in a second.
fn frequency() -> u64 {
    let frequency: u64;
    // SAFETY: reads a constant.
    unsafe {
        asm!("mrs {}, cntfrq_el0", out(reg) frequency, options(nostack, preserves_flags, nomem))
    }
    frequency.max(1)
}

/// A count of which `from` are a second, in units of which `to` are one; the products of the remainder fit.
fn scale(count: u64, from: u64, to: u64) -> u64 {
    let whole = (count / from).saturating_mul(to);
    whole.saturating_add((count % from).saturating_mul(to) / from)
}
