//! The operator's end of a board's system.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use scmi::protocol::system::platform::{Order, Request};

/// Orders that wait to be taken, and happenings that do; of those the oldest go.
const WAITING: usize = 64;

/// The operator's end of a system: pushes orders, and takes what happens. Clones are the same operator.
#[derive(Clone, Debug)]
pub struct Operator {
    desk: Arc<Desk>,
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
        Self { desk: Arc::new(Desk { papers: Mutex::new(papers), news: Condvar::new() }) }
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
