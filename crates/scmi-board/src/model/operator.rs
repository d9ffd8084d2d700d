//! The operator's end of a board: of its system, and of its sensors.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use scmi::protocol::system::platform::{Order, Request};

use super::overrides::Overrides;

/// Orders that wait to be taken, and happenings that do; of those the oldest go.
const WAITING: usize = 64;

/// The operator's end of a board: pushes orders, takes what happens, and holds sensors at values of its own. Clones are
/// the same operator.
#[derive(Clone, Debug)]
pub struct Operator {
    desk: Arc<Desk>,
    overrides: Arc<Overrides>,
}

/// Something that happens to a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemEvent {
    /// An agent has asked for a state, and was answered SUCCESS.
    Requested(Request),
    /// An order, of the operator or of the script, was given to the agents that it is for and that listen.
    Ordered {
        /// What was ordered.
        order: Order,
        /// How many agents were told.
        told: usize,
    },
}

#[derive(Debug)]
struct Desk {
    papers: Mutex<Papers>,
    /// Told of each event, and of the end.
    news: Condvar,
}

#[derive(Debug)]
struct Papers {
    orders: VecDeque<Order>,
    events: VecDeque<SystemEvent>,
    lost: u64,
    closed: bool,
}

impl Operator {
    /// An operator of a system to come.
    #[must_use]
    pub fn new() -> Self {
        let papers = Papers {
            orders: VecDeque::with_capacity(WAITING),
            events: VecDeque::with_capacity(WAITING),
            lost: 0,
            closed: false,
        };
        Self {
            desk: Arc::new(Desk { papers: Mutex::new(papers), news: Condvar::new() }),
            overrides: Arc::default(),
        }
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        // Nothing is ever left half done.
        self.desk.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders; agents are told when the platform is polled next. False where 64 orders wait already.
    #[must_use]
    pub fn order(&self, order: Order) -> bool {
        let mut papers = self.papers();
        let room = papers.orders.len() < WAITING;
        if room {
            papers.orders.push_back(order);
        }
        room
    }

    /// What happened, the oldest first. Only the last 64 are kept.
    #[must_use]
    pub fn take_event(&self) -> Option<SystemEvent> {
        self.papers().events.pop_front()
    }

    /// As [`Operator::take_event`], but waits until there is something. `None` once [`Operator::close`] was called and all
    /// is taken.
    #[must_use]
    pub fn wait_event(&self) -> Option<SystemEvent> {
        let mut papers = self.papers();
        loop {
            let event = papers.events.pop_front();
            if event.is_some() || papers.closed {
                return event;
            }
            papers = self.desk.news.wait(papers).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the waiting, now and later.
    pub fn close(&self) {
        self.papers().closed = true;
        self.desk.news.notify_all();
    }

    /// How many happenings went because nobody took them.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.papers().lost
    }

    /// Has the sensor at position `sensor` read these values from now on, one an axis or just one, in units of the sensor,
    /// whatever its source says.
    pub fn hold_sensor(&self, sensor: usize, values: &[i64]) {
        self.overrides.hold(sensor, values);
    }

    /// Has a sensor read its source again; whether it was held.
    pub fn release_sensor(&self, sensor: usize) -> bool {
        self.overrides.release(sensor)
    }

    /// What a sensor is held at, if it is.
    #[must_use]
    pub fn held_sensor(&self, sensor: usize) -> Option<Vec<i64>> {
        self.overrides.of(sensor)
    }

    pub(super) fn overrides(&self) -> &Arc<Overrides> {
        &self.overrides
    }

    /// Lays an event on the desk. The platform's lock is held: this neither waits nor allocates.
    pub(super) fn report(&self, event: SystemEvent) {
        let mut papers = self.papers();
        if papers.events.len() == WAITING {
            papers.events.pop_front();
            papers.lost = papers.lost.saturating_add(1);
        }
        papers.events.push_back(event);
        drop(papers);
        self.desk.news.notify_one();
    }

    pub(super) fn take_order(&self) -> Option<Order> {
        self.papers().orders.pop_front()
    }

    pub(super) fn has_orders(&self) -> bool {
        !self.papers().orders.is_empty()
    }
}

impl Default for Operator {
    fn default() -> Self {
        Self::new()
    }
}
