//! Reset domains: nothing is shared but the news.

use scmi::platform::{Rights, Space};

use super::context::{Context, done};
use super::{INVALID_PARAMETERS, NOT_SUPPORTED, Reply, Subscribers, subscribe};
use crate::messages::RESET_ISSUED;

const USB: usize = 1;
const NPU: usize = 2;

/// Who listens.
#[derive(Default)]
pub(super) struct Domains {
    issued_to: Subscribers,
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
        // That it cannot be held says the hardware, when all else is right.
        if flags & 1 == 0 && domain == USB {
            return Err(NOT_SUPPORTED);
        }
        // To let it go is no reset.
        if flags & 3 != 0 {
            let listeners = self.issued_to.get(&domain);
            context.tell(RESET_ISSUED, listeners, (Space::ResetDomain, domain), |_| vec![state]);
        }
        if flags & 4 != 0 {
            let own = context.asking().own(Space::ResetDomain, domain).expect("it was named");
            context.delayed(&[own]);
        }
        done()
    }

    pub(super) fn leave(&mut self, context: &mut Context<'_>) {
        for agents in self.issued_to.values_mut() {
            agents.remove(&context.agent);
        }
    }
}
