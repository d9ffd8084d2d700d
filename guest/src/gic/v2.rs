//! Version 2: the processor's side is registers too.

use scmi_virtio::driver::{Mmio, Registers as _};

use super::{SHARED, distributor, set_up, word};
use crate::tree::Line;

/// The processor interface's registers.
mod processor {
    pub(super) const CONTROL: usize = 0x00;
    pub(super) const PRIORITY_MASK: usize = 0x04;
    pub(super) const ACKNOWLEDGE: usize = 0x0C;
    pub(super) const END: usize = 0x10;
}

#[derive(Debug)]
pub(crate) struct V2 {
    distributor: Mmio,
    processor: Mmio,
}

impl V2 {
    pub(super) fn new(mut distributor: Mmio, mut processor: Mmio) -> Self {
        distributor.write32(distributor::CONTROL, 1);
        processor.write32(processor::PRIORITY_MASK, 0xFF);
        processor.write32(processor::CONTROL, 1);
        Self { distributor, processor }
    }

    pub(super) fn registers(&mut self, _: Line) -> &mut Mmio {
        &mut self.distributor
    }

    pub(super) fn enable(&mut self, line: Line) {
        if line.number >= SHARED {
            let (at, shift) = (word(distributor::TARGETS, line.number / 4), line.number % 4 * 8);
            let targets = self.distributor.read32(at) & !(0xFF << shift);
            self.distributor.write32(at, targets | 1 << shift);
        }
        set_up(&mut self.distributor, line);
    }

    pub(super) fn acknowledge(&self) -> u32 {
        self.processor.read32(processor::ACKNOWLEDGE) & 0x3FF
    }

    pub(super) fn end(&mut self, number: u32) {
        self.processor.write32(processor::END, number);
    }
}
