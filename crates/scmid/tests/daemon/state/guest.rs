//! An agent that sets things and remembers what was acknowledged.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::path::Path;

use scmi::transport::{Channel, Received};
use scmi_vhost::frontend::Frontend;

use super::board::Thing;
use super::random;

/// How long anything may take; far more than it does, and then the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is known of a thing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Book {
    /// The last value whose set was answered.
    pub(super) acknowledged: Option<u32>,
    /// The value of a set that was not.
    pub(super) in_flight: Option<u32>,
}

/// An agent, and what it has set.
pub(super) struct Guest {
    channel: Frontend,
    things: Vec<(Thing, Book)>,
    seed: u64,
}

/// A command as bytes.
fn request(header: u32, params: &[u32], token: u16) -> Vec<u8> {
    let header = header | u32::from(token) << 18;
    core::iter::once(&header).chain(params).flat_map(|word| word.to_le_bytes()).collect()
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

/// The next answer: its tag, status and values. None when the daemon has gone, and all answers that it gave were taken.
fn answer(channel: &mut Frontend) -> Option<(u16, u32, Vec<u32>)> {
    let mut buffer = [0; 136];
    let end = channel.now().after(PATIENCE);
    loop {
        let closed = channel.is_closed();
        match channel.receive(&mut buffer) {
            Some(Received::Reply { tag, len }) => {
                let words = words(&buffer[..len]);
                return Some((tag, words[1], words[2..].to_vec()));
            }
            Some(_) => {}
            None if closed => return None,
            None => {
                assert!(channel.now() < end, "no answer");
                channel.wait(end);
            }
        }
    }
}

/// Asks and waits for the values.
pub(super) fn ask(channel: &mut Frontend, header: u32, params: &[u32]) -> Vec<u32> {
    channel.send(0, &request(header, params, 0), 128).expect("sent");
    let (_, status, values) = answer(channel).expect("an answer");
    assert_eq!(status, 0, "{header:#x} {params:x?}");
    values
}

impl Guest {
    pub(super) fn new(channel: Frontend, things: Vec<Thing>, seed: u64) -> Self {
        let things = things.into_iter().map(|thing| (thing, Book::default())).collect();
        Self { channel, things, seed }
    }

    pub(super) fn books(&self) -> impl Iterator<Item = (&Thing, &Book)> {
        self.things.iter().map(|(thing, book)| (thing, book))
    }

    /// Sets all things again and again, all at once each time, until so many sets of all agents were acknowledged or the
    /// daemon has gone.
    pub(super) fn work(&mut self, done: &AtomicUsize, until: usize) {
        while done.load(Ordering::Relaxed) < until && !self.channel.is_closed() {
            for ((thing, book), tag) in self.things.iter_mut().zip(0_u16..) {
                let value = thing.value(random(&mut self.seed));
                let (header, params) = thing.set(value);
                if self.channel.send(tag, &request(header, &params, tag), 8).is_err() {
                    break;
                }
                book.in_flight = Some(value);
            }
            if !self.settle(done) {
                return;
            }
        }
    }

    /// Takes the answers of all that is in flight; whether they came.
    fn settle(&mut self, done: &AtomicUsize) -> bool {
        while self.things.iter().any(|(_, book)| book.in_flight.is_some()) {
            let Some((tag, status, _)) = answer(&mut self.channel) else { return false };
            let (thing, book) = &mut self.things[usize::from(tag)];
            assert_eq!(status, 0, "{thing:?} {book:?}");
            book.acknowledged = book.in_flight.take();
            done.fetch_add(1, Ordering::Relaxed);
        }
        true
    }

    /// Goes on with another daemon as if nothing had happened: what was in flight is answered.
    pub(super) fn reconnect(&mut self, socket: &Path) {
        self.channel.reconnect(socket).expect("the same rings");
        assert!(self.settle(&AtomicUsize::new(0)), "it has gone again");
    }

    /// What the agent itself reads of all things is what it has set.
    pub(super) fn expect_own(&mut self) {
        for (thing, book) in &self.things {
            let (header, params) = thing.own_get();
            let is = thing.read(&ask(&mut self.channel, header, &params));
            assert_eq!(Some(is), book.acknowledged, "{thing:?}");
        }
    }
}
