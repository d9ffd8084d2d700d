//! Wakers and slots under every interleaving of a few threads: nobody sleeps through the end of a call.
//!
//! Not part of the usual tests: `cargo xtask soak loom` builds everything below with `--cfg loom` and runs it.

#![cfg(loom)]

use core::time::Duration;

use loom::future::block_on;
use loom::sync::{Arc, Mutex};
use loom::thread;
use scmi::Time;
use scmi::agent::{CallError, Link, Lock, Tasks, Timeouts};
use scmi::protocol::base::wire::DiscoverImplementationVersion;
use scmi::transport::{Channel, Limits, Received, SendError};

/// The platform's end is the test's: what was sent, and what will be received.
#[derive(Debug, Default)]
struct Pipe {
    sent: Vec<(u16, [u8; 4])>,
    inbox: Vec<(u16, [u8; 12])>,
    now: Time,
}

impl Channel for Pipe {
    fn send(&mut self, tag: u16, request: &[u8], _: usize) -> Result<(), SendError> {
        self.sent.push((tag, request.try_into().expect("a header")));
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let (tag, answer) = self.inbox.pop()?;
        buffer[..12].copy_from_slice(&answer);
        Some(Received::Reply { tag, len: 12 })
    }

    fn now(&self) -> Time {
        self.now
    }

    fn wait(&mut self, _: Time) {}

    fn limits(&self) -> Limits {
        Limits { in_flight: 2, max_message: 24, p2a: false }
    }
}

type Small = Link<Pipe, 2, 24, 1>;

struct Locked(Mutex<Small>);

impl Lock for Locked {
    type Inside = Small;

    fn with<R>(&self, work: impl FnOnce(&mut Small) -> R) -> Option<R> {
        Some(work(&mut *self.0.lock().ok()?))
    }
}

fn tasks() -> Arc<Tasks<Locked>> {
    let mut link = Link::new(Pipe::default());
    link.set_timeouts(Timeouts::all(Duration::from_secs(1)));
    Arc::new(Tasks::new(Locked(Mutex::new(link))))
}

/// The platform answers all that it was asked, with a number; returns how many that were.
fn answer(tasks: &Tasks<Locked>, number: u8) -> usize {
    let answered = tasks.with(|link| {
        let pipe = link.channel_mut().expect("attached");
        let sent = core::mem::take(&mut pipe.sent);
        for (tag, [a, b, c, d]) in &sent {
            pipe.inbox.push((*tag, [*a, *b, *c, *d, 0, 0, 0, 0, number, 0, 0, 0]));
        }
        sent.len()
    });
    tasks.pump();
    answered.expect("unlocked")
}

#[test]
fn a_task_is_woken_by_an_answer_whenever_it_comes() {
    loom::model(|| {
        let tasks = tasks();
        let platform = Arc::clone(&tasks);
        let answering = thread::spawn(move || {
            while answer(&platform, 7) == 0 {
                thread::yield_now();
            }
        });
        let came = block_on(tasks.call(DiscoverImplementationVersion));
        assert_eq!(came.map(|word| word.get()), Ok(7));
        answering.join().expect("it ends");
    });
}

#[test]
fn a_task_is_woken_by_its_deadline_whenever_it_comes() {
    loom::model(|| {
        let tasks = tasks();
        let clock = Arc::clone(&tasks);
        let ticking = thread::spawn(move || {
            // The call may be started before or after.
            for second in 1..3 {
                let now = Time::from_millis(second * 2000);
                let set = clock.with(|link| link.channel_mut().expect("attached").now = now);
                set.expect("unlocked");
                clock.pump();
            }
        });
        let mut call = Box::pin(tasks.call(DiscoverImplementationVersion));
        let first = {
            let mut context = core::task::Context::from_waker(core::task::Waker::noop());
            call.as_mut().poll(&mut context)
        };
        ticking.join().expect("it ends");
        if first.is_pending() {
            // Whatever has not ended it by now, the next pump does.
            let later = tasks.with(|link| {
                let pipe = link.channel_mut().expect("attached");
                pipe.now = Time::from_millis(9000);
            });
            later.expect("unlocked");
            tasks.pump();
        }
        let came = block_on(call);
        assert_eq!(came.err(), Some(CallError::TimedOut { delayed: false }));
    });
}

#[test]
fn a_task_is_woken_when_its_channel_comes_and_when_it_goes() {
    loom::model(|| {
        let tasks = Arc::new(Tasks::new(Locked(Mutex::new(Small::absent()))));
        let driver = Arc::clone(&tasks);
        let driving = thread::spawn(move || {
            driver.with(|link| link.attach(Pipe::default()).is_none()).expect("unlocked");
            // It goes away only when the call was made, or else that is refused.
            driver.with(|link| link.detach().is_some()).expect("unlocked");
            driver.with(|link| link.attach(Pipe::default()).is_none()).expect("unlocked");
        });
        block_on(tasks.attached()).expect("it comes");
        driving.join().expect("it ends");
        block_on(tasks.attached()).expect("it stays");
    });
}

#[test]
fn two_tasks_share_one_slot_and_a_dropped_call_gives_it_back() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let tasks = tasks();
        let other = Arc::clone(&tasks);
        let calling = thread::spawn(move || {
            let mut call = Box::pin(other.call(DiscoverImplementationVersion));
            let mut context = core::task::Context::from_waker(core::task::Waker::noop());
            let _dropped = call.as_mut().poll(&mut context);
        });
        let mut call = Box::pin(tasks.call(DiscoverImplementationVersion));
        let mut context = core::task::Context::from_waker(core::task::Waker::noop());
        let first = call.as_mut().poll(&mut context);
        calling.join().expect("it ends");
        answer(&tasks, 3);
        assert!(first.is_pending());
        let came = block_on(call);
        assert_eq!(came.map(|word| word.get()), Ok(3));
        tasks.with(|link| assert_eq!(link.agent().free(), 2)).expect("unlocked");
    });
}
