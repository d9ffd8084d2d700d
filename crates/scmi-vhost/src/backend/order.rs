//! Delayed responses after the answers of their commands, as the guest sees it.

use core::time::Duration;
use std::time::Instant;

/// How long delayed responses wait for a guest to look at its answers: a part of the 2 s that Linux waits for a delayed
/// response.
const PATIENCE: Duration = Duration::from_millis(500);

/// When to look again whether the guest has looked: it does not tell.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Holds delayed responses back until the guest has taken the answers that were written before.
///
/// The two lie in different rings with an interrupt each. A guest whose processor had no time meanwhile finds both, may take the
/// delayed response first, and then takes the answer for one too many: Linux does, on a loaded host. How far a driver has come is
/// seen only with event indexes, where it says from which answer on it wants to be woken.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Order {
    wait: Option<Wait>,
    /// What a driver said all the time that was waited for it in vain: it polls, and says nothing.
    silent: Option<u16>,
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    /// The answers that must have been taken: those before this index.
    answers: u16,
    until: Instant,
}

impl Order {
    /// Whether delayed responses that are ready may be sent now; otherwise ask again after [`LOOK_AGAIN`]. `written` and
    /// `taken` are the indexes behind the last answer that was written, and behind the last one that the guest says it took.
    pub(super) fn allows(&mut self, now: Instant, written: u16, taken: Option<u16>) -> bool {
        let Some(taken) = taken else { return true };
        let wait = self.wait.unwrap_or(Wait { answers: written, until: now + PATIENCE });
        let has_taken = written.wrapping_sub(taken) <= written.wrapping_sub(wait.answers);
        let in_vain = !has_taken && now >= wait.until;
        let allowed = has_taken || in_vain || self.silent == Some(taken);
        self.wait = (!allowed).then_some(wait);
        if in_vain {
            self.silent = Some(taken);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_before_must_be_taken_and_what_comes_later_need_not() {
        let (mut order, now) = (Order::default(), Instant::now());
        assert!(!order.allows(now, 7, Some(6)), "the answer lies there");
        assert!(!order.allows(now, 9, Some(6)), "and others behind it");
        assert!(order.allows(now, 9, Some(7)), "it was taken");
        assert!(!order.allows(now, 9, Some(8)), "the next response has answers of its own");
        assert!(order.allows(now, 9, Some(9)), "which were taken");
    }

    #[test]
    fn indexes_go_round() {
        let (mut order, now) = (Order::default(), Instant::now());
        assert!(!order.allows(now, 1, Some(0xffff)), "two answers lie there");
        assert!(!order.allows(now, 1, Some(0)), "one of them");
        assert!(order.allows(now, 1, Some(1)), "none");
        // Linux writes 0 while it looks, and does not mean it.
        assert!(!order.allows(now, 0x9000, Some(0)), "it cannot be that far");
    }

    #[test]
    fn a_guest_that_says_nothing_is_waited_for_once() {
        let (mut order, start) = (Order::default(), Instant::now());
        assert!(!order.allows(start, 1, Some(0)), "it may say so yet");
        assert!(order.allows(start + PATIENCE, 1, Some(0)), "it has had its time");
        assert!(order.allows(start + PATIENCE, 2, Some(0)), "and said nothing ever since");
        assert!(order.allows(start + PATIENCE, 2, Some(2)), "it does");
        assert!(!order.allows(start + PATIENCE, 3, Some(2)), "so it is waited for again");
    }

    #[test]
    fn without_event_indexes_there_is_nothing_to_wait_for() {
        assert!(Order::default().allows(Instant::now(), 1, None), "nobody can tell");
    }
}
