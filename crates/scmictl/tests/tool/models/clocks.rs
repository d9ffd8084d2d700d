//! Two clocks: one of a list, one of a range that has a parent, a duty cycle and a phase.

use core::time::Duration;

use scmi::Time;
use scmi::protocol::clock::platform::{Clock, ClockModel, Rates};
use scmi::protocol::clock::wire::ExtendedType;
use scmi::wire::Status;

#[derive(Debug)]
pub(super) struct Clocks {
    clocks: Vec<Clock>,
    rates: [u64; 3],
    on: [bool; 3],
    parent: usize,
    extended: [u32; 2],
}

impl Clocks {
    pub(super) fn new() -> Self {
        let mut uart = Clock::new(
            "uart",
            Rates::Range { lowest: 1_000_000, highest: 100_000_000, step: 1_000_000 },
        );
        uart.parents = vec![0, 2];
        uart.extended = vec![ExtendedType::DUTY_CYCLE, ExtendedType::PHASE];
        uart.rate_change = Duration::from_millis(2);
        let list = |name, rates: &[u64]| Clock::new(name, Rates::List(rates.into()));
        let clocks = vec![
            list("pll0", &[600_000_000, 1_200_000_000]),
            uart,
            list("a clock with a long name", &[32_768]),
        ];
        Self {
            clocks,
            rates: [600_000_000, 24_000_000, 32_768],
            on: [true, false, true],
            parent: 0,
            extended: [50, 0],
        }
    }
}

impl ClockModel for Clocks {
    fn clocks(&self) -> &[Clock] {
        &self.clocks
    }

    fn rate(&self, clock: usize) -> u64 {
        self.rates[clock]
    }

    fn set_rate(&mut self, _now: Time, clock: usize, rate: u64) -> Result<(), Status> {
        self.rates[clock] = rate;
        Ok(())
    }

    fn enabled(&self, clock: usize) -> bool {
        self.on[clock]
    }

    fn set_enabled(&mut self, _now: Time, clock: usize, enabled: bool) -> Result<(), Status> {
        self.on[clock] = enabled;
        Ok(())
    }

    fn parent(&self, _clock: usize) -> Option<usize> {
        Some(self.parent)
    }

    fn set_parent(&mut self, _now: Time, _clock: usize, parent: usize) -> Result<(), Status> {
        self.parent = parent;
        Ok(())
    }

    fn extended(&self, _clock: usize, kind: ExtendedType) -> Result<u32, Status> {
        Ok(self.extended[usize::from(kind.0) - 1])
    }

    fn set_extended(
        &mut self,
        _now: Time,
        _clock: usize,
        kind: ExtendedType,
        value: u32,
    ) -> Result<(), Status> {
        self.extended[usize::from(kind.0) - 1] = value;
        Ok(())
    }
}
