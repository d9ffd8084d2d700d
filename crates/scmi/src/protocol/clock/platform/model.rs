//! What a platform must know of its clocks.

use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::wire::{ExtendedType, Permissions};
use super::rates::Rates;
use crate::platform::{AgentId, BadDescription};
use crate::protocol::serving::check_names;
use crate::time::Time;
use crate::wire::Status;

/// The clocks of a platform: what they are, and what they do.
///
/// The server calls it with the platform's lock held, so a call must not block. A clock's id is its position.
/// Which agents want a clock on, subscriptions, latencies and rounding are the server's; how clocks depend on each
/// other is the model's: after each call that changes something the server reads all rates again, and tells
/// whoever subscribed to those that changed.
pub trait ClockModel: Any + Send + fmt::Debug {
    /// What the clocks are. At most 65535. Their number, and what agents are told of them, must not
    /// change while the platform lives.
    fn clocks(&self) -> &[Clock];

    /// The rate in hertz. Of a clock that is off it is the rate that it will have when it is on.
    fn rate(&self, clock: usize) -> u64;

    /// Sets the rate: one that [`Clock::rates`] has.
    ///
    /// # Errors
    /// The status to answer with. [`Status::DENIED`] and [`Status::BUSY`] say that others need the clock as it is:
    /// subscribers to CLOCK_RATE_CHANGE_REQUESTED learn of the request.
    fn set_rate(&mut self, now: Time, clock: usize, rate: u64) -> Result<(), Status>;

    /// Whether the clock runs: itself on, and all that it depends on.
    fn enabled(&self, clock: usize) -> bool;

    /// Switches a clock on, when the first agent wants that, or off, when no agent wants it any more. Never called
    /// for a clock that no agent ever enabled.
    ///
    /// # Errors
    /// The status to answer with; the clock stays as it was.
    fn set_enabled(&mut self, now: Time, clock: usize, enabled: bool) -> Result<(), Status>;

    /// The clock's parent, where [`Clock::parents`] gives it a choice.
    fn parent(&self, clock: usize) -> Option<usize> {
        let _ = clock;
        None
    }

    /// Gives the clock another parent: one of [`Clock::parents`].
    ///
    /// # Errors
    /// The status to answer with; [`Status::OUT_OF_RANGE`] where clocks below could not follow.
    fn set_parent(&mut self, now: Time, clock: usize, parent: usize) -> Result<(), Status> {
        let _ = (now, clock, parent);
        Err(Status::NOT_SUPPORTED)
    }

    /// The value of one of the clock's [`Clock::extended`] types.
    ///
    /// # Errors
    /// The status to answer with.
    fn extended(&self, clock: usize, kind: ExtendedType) -> Result<u32, Status> {
        let _ = (clock, kind);
        Err(Status::INVALID_PARAMETERS)
    }

    /// Sets the value of one of the clock's [`Clock::extended`] types; a duty cycle is 100 at most, a phase 359.
    ///
    /// # Errors
    /// The status to answer with.
    fn set_extended(
        &mut self,
        now: Time,
        clock: usize,
        kind: ExtendedType,
        value: u32,
    ) -> Result<(), Status> {
        let _ = (now, clock, kind, value);
        Err(Status::INVALID_PARAMETERS)
    }

    /// What an agent may change.
    fn permissions(&self, agent: AgentId, clock: usize) -> Permissions {
        let _ = (agent, clock);
        Permissions::ALL
    }

    /// Goes on to `now`, for a model in which something happens by itself.
    fn poll(&mut self, now: Time) {
        let _ = now;
    }

    /// When [`ClockModel::poll`] is wanted next.
    fn next_deadline(&self) -> Option<Time> {
        None
    }
}

/// What a clock is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// 1 to 63 bytes of ASCII; more than 15 make it an extended name. Linux wants it to be unique in the guest.
    pub name: String,
    /// The rates it can have.
    pub rates: Rates,
    /// The clocks that can be its parent, 255 at most; none where there is no choice.
    pub parents: Vec<usize>,
    /// Which extended types of configuration it has, in ascending order.
    pub extended: Vec<ExtendedType>,
    /// How long it takes to switch it on: a first enable is answered that much later.
    pub enable_delay: Duration,
    /// How long it takes to change its rate: that much later it has the rate, and the answer comes.
    pub rate_change: Duration,
    /// Whether agents can be told of changed rates.
    pub notifies_changes: bool,
    /// Whether agents can be told of rates that others asked for in vain.
    pub notifies_requests: bool,
}

impl Clock {
    /// A clock with these rates and nothing special.
    pub fn new(name: &str, rates: Rates) -> Self {
        Self {
            name: name.into(),
            rates,
            parents: Vec::new(),
            extended: Vec::new(),
            enable_delay: Duration::ZERO,
            rate_change: Duration::ZERO,
            notifies_changes: true,
            notifies_requests: true,
        }
    }
}

/// Whether these clocks can be.
pub(super) fn check(clocks: &[Clock]) -> Result<(), BadDescription> {
    check_names("clock", clocks.iter().map(|clock| clock.name.as_str()))?;
    for (id, clock) in clocks.iter().enumerate() {
        let bad = |what| Err(BadDescription::new("clock", id, what));
        if let Some(what) = clock.rates.mistake() {
            return bad(what);
        }
        if clock.parents.len() > 255 {
            return bad("it has more than 255 parents");
        }
        // Linux takes them as indices into its own table, unchecked.
        if clock.parents.iter().any(|parent| *parent >= clocks.len() || *parent == id) {
            return bad("one of its parents is no other clock");
        }
        let standard = |kind: &ExtendedType| kind.0 >= 0x80 || matches!(kind.0, 1 | 2);
        if !clock.extended.iter().all(standard) {
            return bad("one of its extended types is reserved");
        }
        if !clock.extended.is_sorted_by(|one, next| one < next) {
            return bad("its extended types are not in ascending order");
        }
    }
    Ok(())
}
