//! Who listens to what happens, and how much waits for them.

use core::convert::Infallible;
use core::pin::Pin;
use core::sync::atomic::{AtomicU64, Ordering};
use core::task::{Context, Poll};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use hyper::body::{Body, Frame};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

/// Clients that listen at once: each of them keeps a connection.
const MAX_LISTENERS: usize = 8;

/// Events that wait for a client. One that is slower loses what comes then, and is told how much.
const WAITING: usize = 256;

/// All who listen.
#[derive(Debug, Default)]
pub(super) struct Events {
    listeners: Mutex<Vec<Listener>>,
    /// Told when there is one.
    pub(super) wanted: Notify,
    sent: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct Listener {
    to: Sender<Bytes>,
    /// It was told that it is heard; until then it is told nothing else.
    greeted: bool,
    dropped: u64,
}

/// What a client reads. It ends when its client does.
#[derive(Debug)]
pub(super) struct Feed(Receiver<Bytes>);

/// What became of events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    pub(super) listeners: usize,
    pub(super) sent: u64,
    pub(super) dropped: u64,
}

impl Events {
    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        // Nothing is ever left half done.
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A feed of all that happens from [`Self::greet`] on; none where too many listen already.
    pub(super) fn listen(&self) -> Option<Feed> {
        let mut listeners = self.listeners();
        listeners.retain(|listener| !listener.to.is_closed());
        if listeners.len() >= MAX_LISTENERS {
            return None;
        }
        let (to, feed) = channel(WAITING);
        listeners.push(Listener { to, greeted: false, dropped: 0 });
        self.wanted.notify_one();
        Some(Feed(feed))
    }

    /// Tells who came that it is heard from now on. There is a look by then that later ones are compared with, so that
    /// nothing is missed.
    pub(super) fn greet(&self) {
        for listener in self.listeners().iter_mut().filter(|listener| !listener.greeted) {
            // Nothing was sent before, so there is room unless the client has gone.
            let _gone = listener.to.try_send(Bytes::from_static(b": listening\n\n"));
            listener.greeted = true;
        }
    }

    /// Whether anybody listens.
    pub(super) fn are_wanted(&self) -> bool {
        self.listeners().iter().any(|listener| !listener.to.is_closed())
    }

    /// Tells all who listen. Never waits.
    pub(super) fn tell(&self, name: &str, data: &Value) {
        self.send(&Bytes::from(format!("event: {name}\ndata: {data}\n\n")), true);
    }

    /// Something that clients do not see, but whoever is between.
    pub(super) fn keep_alive(&self) {
        self.send(&Bytes::from_static(b": still here\n\n"), false);
    }

    fn send(&self, bytes: &Bytes, counts: bool) {
        self.listeners().retain_mut(|listener| {
            if !listener.greeted {
                return true;
            }
            if listener.dropped > 0 {
                let lost = json!({ "events": listener.dropped });
                let lost = Bytes::from(format!("event: dropped\ndata: {lost}\n\n"));
                if listener.to.try_send(lost).is_ok() {
                    listener.dropped = 0;
                }
            }
            match listener.to.try_send(bytes.clone()) {
                Ok(()) => {
                    self.sent.fetch_add(counts.into(), Ordering::Relaxed);
                    true
                }
                Err(TrySendError::Full(_)) => {
                    listener.dropped += u64::from(counts);
                    self.dropped.fetch_add(counts.into(), Ordering::Relaxed);
                    true
                }
                Err(TrySendError::Closed(_)) => false,
            }
        });
    }

    pub(super) fn tally(&self) -> Tally {
        let open = self.listeners().iter().filter(|listener| !listener.to.is_closed()).count();
        Tally {
            listeners: open,
            sent: self.sent.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
        }
    }
}

impl Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(feed: &mut Feed) -> String {
        let bytes = feed.0.try_recv().expect("something waits");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    #[test]
    fn a_client_that_is_too_slow_is_told_how_much_it_lost() {
        let events = Events::default();
        let mut feed = events.listen().expect("a place");
        events.greet();
        for number in 0..WAITING + 9 {
            events.tell("test", &json!({ "number": number }));
        }
        assert_eq!(next(&mut feed), ": listening\n\n");
        assert_eq!(next(&mut feed), "event: test\ndata: {\"number\":0}\n\n");
        events.tell("test", &json!("last"));
        let rest: Vec<String> =
            core::iter::from_fn(|| Some(String::from_utf8(feed.0.try_recv().ok()?.to_vec())))
                .map(|text| text.expect("text"))
                .collect();
        let [.., lost, last] = rest.as_slice() else { panic!("{rest:?}") };
        assert_eq!(lost, "event: dropped\ndata: {\"events\":10}\n\n");
        assert_eq!(last, "event: test\ndata: \"last\"\n\n");
        assert_eq!(events.tally().dropped, 10);
    }

    #[test]
    fn nothing_is_told_before_there_is_a_look_to_compare_with() {
        let events = Events::default();
        let mut feed = events.listen().expect("a place");
        events.tell("test", &json!("early"));
        feed.0.try_recv().expect_err("it does not listen yet");
        events.greet();
        events.greet();
        events.tell("test", &json!("heard"));
        assert_eq!(next(&mut feed), ": listening\n\n");
        assert_eq!(next(&mut feed), "event: test\ndata: \"heard\"\n\n");
    }

    #[test]
    fn there_are_so_many_places_and_who_leaves_makes_room() {
        let events = Events::default();
        let mut feeds: Vec<Feed> = (0..MAX_LISTENERS).map_while(|_| events.listen()).collect();
        assert_eq!(feeds.len(), MAX_LISTENERS);
        assert!(events.listen().is_none());
        feeds.pop();
        assert!(events.listen().is_some());
    }
}
