//! A reset domain.

use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use scmi::Time;
use scmi::protocol::reset::platform::{ResetDomain, ResetModel};
use scmi::protocol::reset::wire::ResetState;
use scmi::wire::Status;

/// The domains, and which of them are held in reset.
#[derive(Debug)]
pub(crate) struct Resets {
    domains: Vec<ResetDomain>,
    held: Vec<bool>,
}

impl Resets {
    /// A serial port, which is reset in a millisecond.
    pub(crate) fn new() -> Self {
        let uart = ResetDomain { latency: Duration::from_millis(1), ..ResetDomain::new("uart") };
        Self { domains: vec![uart], held: vec![false] }
    }
}

impl ResetModel for Resets {
    fn domains(&self) -> &[ResetDomain] {
        &self.domains
    }

    fn set_asserted(
        &mut self,
        _: Time,
        domain: usize,
        _: ResetState,
        asserted: bool,
    ) -> Result<(), Status> {
        *self.held.get_mut(domain).ok_or(Status::NOT_FOUND)? = asserted;
        Ok(())
    }
}
