//! Reset domains: one cycle at a time, and nothing is shared but the news.

use scmi::platform::{Rights, Space};

use super::context::{Context, Of, done};
use super::{BUSY, INVALID_PARAMETERS, NOT_SUPPORTED, Reply, Subscribers, subscribe};
use crate::messages::RESET_ISSUED;

const USB: usize = 1;
const NPU: usize = 2;

const CYCLES: [&str; 3] = ["ethernet cycle", "usb cycle", "npu cycle"];

/// Who listens, and until when each is busy.
#[derive(Default)]
pub(super) struct Domains {
    issued_to: Subscribers,
    cycle_until: [Option<u64>; 3],
}

impl Domains {
    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let domain = context.find(Space::ResetDomain, params[0])?;
        if message == 5 {
            let listeners = self.issued_to.entry(domain).or_default();
            return subscribe(listeners, context.agent, params[1], domain != NPU);
        }
        let (flags, state) = (params[1], params[2]);
        let known = state == 0 || (state == 0x8000_0001 && domain == NPU);
        if flags & !7 != 0 || flags & 5 == 4 {
            return Err(INVALID_PARAMETERS);
        }
        if flags & 4 != 0 && domain == NPU {
            return Err(NOT_SUPPORTED);
        }
        context.must(Space::ResetDomain, domain, Rights::RESET)?;
        if !known {
            return Err(INVALID_PARAMETERS);
        }
        if self.cycle_until[domain].is_some() {
            return Err(BUSY);
        }
        // That it cannot be held says the hardware, when all else is right.
        if flags & 1 == 0 && domain == USB {
            return Err(NOT_SUPPORTED);
        }
        let takes = context.takes(CYCLES[domain]);
        let waits = flags & 1 != 0 && (takes > 0 || flags & 4 != 0);
        if waits {
            context.must_have_place()?;
        }
        // To let it go is no reset.
        if flags & 3 != 0 {
            let listeners = self.issued_to.get(&domain);
            context.tell(RESET_ISSUED, listeners, (Space::ResetDomain, domain), |_| vec![state]);
        }
        if !waits {
            return done();
        }
        self.cycle_until[domain] = Some(context.now() + takes);
        let of = Of::Cycle(domain);
        if flags & 4 != 0 { context.delayed(takes, of) } else { context.late(takes, of) }
    }

    pub(super) fn complete(context: &Context<'_>, domain: usize, delayed: bool) -> Reply {
        if delayed { Ok(vec![context.own(Space::ResetDomain, domain)]) } else { done() }
    }

    pub(super) fn due(&self) -> Option<u64> {
        self.cycle_until.iter().flatten().min().copied()
    }

    /// Cycles end by themselves, whoever is still there.
    pub(super) fn settle(&mut self, now: u64) {
        for until in &mut self.cycle_until {
            until.take_if(|until| *until <= now);
        }
    }

    pub(super) fn leave(&mut self, context: &mut Context<'_>) {
        for (domain, agents) in &mut self.issued_to {
            if context.gives_back(Space::ResetDomain, *domain) {
                agents.remove(&context.agent);
            }
        }
    }
}
