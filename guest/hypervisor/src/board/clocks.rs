//! Three clocks.

use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use scmi::Time;
use scmi::protocol::clock::platform::{Clock, ClockModel, Rates};
use scmi::wire::Status;

const MHZ: u64 = 1_000_000;

/// The clocks, each with its rate and whether it runs.
#[derive(Debug)]
pub(crate) struct Clocks {
    clocks: Vec<Clock>,
    states: Vec<State>,
}

#[derive(Debug)]
struct State {
    rate: u64,
    enabled: bool,
}

impl Clocks {
    /// An oscillator, a PLL that takes its time, and the clock of a serial port.
    pub(crate) fn new() -> Self {
        let pll = Rates::Range { lowest: 96 * MHZ, highest: 1200 * MHZ, step: 24 * MHZ };
        let pll = Clock { rate_change: Duration::from_millis(2), ..Clock::new("pll", pll) };
        let clocks = vec![
            Clock::new("osc32k", Rates::List(vec![32_768])),
            pll,
            Clock::new("uart", Rates::List(vec![24 * MHZ, 48 * MHZ, 96 * MHZ])),
        ];
        let on = |rate| State { rate, enabled: true };
        let states = vec![on(32_768), on(600 * MHZ), State { rate: 24 * MHZ, enabled: false }];
        Self { clocks, states }
    }
}

impl ClockModel for Clocks {
    fn clocks(&self) -> &[Clock] {
        &self.clocks
    }

    fn rate(&self, clock: usize) -> u64 {
        self.states.get(clock).map_or(0, |state| state.rate)
    }

    fn set_rate(&mut self, _: Time, clock: usize, rate: u64) -> Result<(), Status> {
        self.states.get_mut(clock).ok_or(Status::NOT_FOUND)?.rate = rate;
        Ok(())
    }

    fn enabled(&self, clock: usize) -> bool {
        self.states.get(clock).is_some_and(|state| state.enabled)
    }

    fn set_enabled(&mut self, _: Time, clock: usize, enabled: bool) -> Result<(), Status> {
        self.states.get_mut(clock).ok_or(Status::NOT_FOUND)?.enabled = enabled;
        Ok(())
    }
}
