//! A channel whose other end is the test, and a waker that counts.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::task::Wake;
use std::vec::Vec;

use crate::time::Time;
use crate::transport::{Channel, Limits, Received, SendError};
use crate::wire::{Header, Status};

/// Both ends of a channel: clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    sent: VecDeque<Sent>,
    inbox: VecDeque<(Option<u16>, Vec<u8>)>,
    now: Time,
    closed: bool,
    waits: usize,
}

/// A command as the platform sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) tag: u16,
    pub(super) request: Vec<u8>,
}

impl Sent {
    pub(super) fn header(&self) -> Header {
        Header::parse(&self.request).expect("a header")
    }
}

/// A message of a header, a status and values.
pub(super) fn message(header: Header, status: Status, values: &[u8]) -> Vec<u8> {
    [&header.word().to_le_bytes(), &status.0.to_le_bytes()[..], values].concat()
}

impl Wire {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// The commands that were sent and not taken yet.
    pub(super) fn sent(&self) -> Vec<Sent> {
        self.0.borrow_mut().sent.drain(..).collect()
    }

    /// Answers a command with success.
    pub(super) fn answer(&self, sent: &Sent, values: &[u8]) {
        self.reply(sent.tag, &message(sent.header(), Status::SUCCESS, values));
    }

    pub(super) fn reply(&self, tag: u16, bytes: &[u8]) {
        self.0.borrow_mut().inbox.push_back((Some(tag), bytes.to_vec()));
    }

    /// A delayed response, or a notification.
    pub(super) fn event(&self, bytes: &[u8]) {
        self.0.borrow_mut().inbox.push_back((None, bytes.to_vec()));
    }

    pub(super) fn pass(&self, span: Duration) {
        let mut state = self.0.borrow_mut();
        state.now = state.now.after(span);
    }

    pub(super) fn close(&self) {
        self.0.borrow_mut().closed = true;
    }

    /// How often somebody waited.
    pub(super) fn waits(&self) -> usize {
        self.0.borrow().waits
    }
}

impl Channel for Wire {
    fn send(&mut self, tag: u16, request: &[u8], _: usize) -> Result<(), SendError> {
        let mut state = self.0.borrow_mut();
        if state.closed {
            return Err(SendError::Closed);
        }
        state.sent.push_back(Sent { tag, request: request.to_vec() });
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let (tag, message) = self.0.borrow_mut().inbox.pop_front()?;
        buffer.iter_mut().zip(&message).for_each(|(to, from)| *to = *from);
        // The length is a claim of the other side.
        let len = message.len();
        Some(tag.map_or(Received::Event { len }, |tag| Received::Reply { tag, len }))
    }

    /// A moment passes whenever somebody looks, so that polling comes to an end.
    fn now(&self) -> Time {
        let mut state = self.0.borrow_mut();
        state.now = state.now.after(Duration::from_nanos(1));
        state.now
    }

    fn wait(&mut self, until: Time) {
        let mut state = self.0.borrow_mut();
        state.waits += 1;
        if state.inbox.is_empty() {
            state.now = state.now.max(until);
        }
    }

    fn limits(&self) -> Limits {
        Limits { in_flight: 64, max_message: 136, p2a: true }
    }

    fn is_closed(&self) -> bool {
        self.0.borrow().closed
    }
}

/// Counts how often it is woken.
#[derive(Debug, Default)]
pub(super) struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Bell {
    pub(super) fn new() -> (Arc<Self>, Waker) {
        let bell = Arc::new(Self::default());
        (Arc::clone(&bell), Waker::from(bell))
    }

    pub(super) fn rang(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// Asks a future once.
pub(super) fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}
