//! The SCMI platform behind the guest's doorbell: all that a hypervisor adds to the two crates.

use core::hint::spin_loop;
use core::ptr::{NonNull, with_exposed_provenance_mut};
use core::sync::atomic::AtomicU32;

use scmi::platform::{AgentId, Platform};
use scmi_guest::timer::now;
use scmi_shmem::platform::{PlatformEnd, Served};
use scmi_shmem::{Area, Doorbell, Line, Unheard};

use crate::board;
use crate::failure::Failure;
use crate::layout::{AREA_BYTES, SHARED};

/// The platform, and the guest's end of it.
#[derive(Debug)]
pub(crate) struct Firmware {
    platform: Platform,
    guest: PlatformEnd<&'static [AtomicU32], CallReturns>,
}

/// The guest hears of an answer when its call returns, so there is nothing to ring.
#[derive(Debug)]
struct CallReturns;

impl Doorbell for CallReturns {
    fn ring(&mut self, _: Line) -> Result<(), Unheard> {
        Ok(())
    }
}

impl Firmware {
    /// The board's platform, with the guest as its first agent.
    ///
    /// # Errors
    /// When the board contradicts itself.
    ///
    /// # Safety
    /// It is called once.
    pub(crate) unsafe fn new() -> Result<Self, Failure> {
        let mut platform = board::platform()?;
        let agent = AgentId::from_index(0).ok_or(Failure::Area)?;
        // SAFETY: as the caller promises.
        let area = Area::new(unsafe { area() }.ok_or(Failure::Area)?).map_err(|_| Failure::Area)?;
        let mut guest = PlatformEnd::new(agent, area, CallReturns);
        // Before the guest runs: it waits for an area that is free.
        guest.connect(now(), &mut platform);
        Ok(Self { platform, guest })
    }

    /// The guest rang: answers what is in the area. Linux takes the return of its call for the answer, so this comes back
    /// when the answer is there, also where the board takes its time; no board of ours takes longer than milliseconds.
    pub(crate) fn ring(&mut self) {
        self.guest.poll(now(), &mut self.platform);
        let mut served = self.guest.command(now(), &mut self.platform);
        while served == Served::Later {
            spin_loop();
            served = self.guest.poll(now(), &mut self.platform);
        }
    }

    /// The platform, for its counters.
    pub(crate) const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The guest's end, for its counters.
    pub(crate) const fn guest(&self) -> &PlatformEnd<&'static [AtomicU32], impl Doorbell> {
        &self.guest
    }
}

/// The words that we share with the guest.
///
/// # Safety
/// It is called once.
unsafe fn area() -> Option<&'static [AtomicU32]> {
    let address = usize::try_from(SHARED.start).ok()?;
    let address = NonNull::new(with_exposed_provenance_mut(address))?;
    // SAFETY: memory of the machine that the boot code mapped for us, for this and nothing else, uncached as the guest
    // has it; the bytes lie within it, and are reached through these words only.
    unsafe { scmi_shmem::map(address, AREA_BYTES) }
}
