//! Tasks that call, and whoever polls them: only when they were woken, so that a lost wake-up is seen.

use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::task::Wake;

use scmi::agent::{Asking, CallError, Counters, Link, Request, Steps, Tasks, Timeouts};
use scmi::wire::{MessageId, ProtocolId};

use crate::channel::{Bad, Done, PATIENCE, answer_of};

const DEPTH: usize = 32;
/// So many slots; when all but those of the calls that go on are lost, the channel is reset.
const SLOTS: usize = 128;

type Shared = RefCell<Link<Bad, SLOTS, 32, 4>>;

/// What came out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) answered: u64,
    pub(crate) timed_out: u64,
    pub(crate) channel: Done,
    pub(crate) counters: Counters,
    pub(crate) resets: u64,
}

/// One call with a number of its own.
struct Numbered {
    params: [u8; 9],
    values: Option<Vec<u8>>,
}

impl Numbered {
    fn new(number: u64) -> Self {
        let mut params = [0; 9];
        params[..8].copy_from_slice(&number.to_le_bytes());
        // One of eight has a delayed response.
        params[8] = u8::from(number.is_multiple_of(8));
        Self { params, values: None }
    }
}

impl Steps for Numbered {
    type Output = Vec<u8>;

    fn question(&self) -> Option<Request<'_>> {
        let request = Request {
            protocol: ProtocolId(0x80),
            message: MessageId(3),
            params: &self.params,
            values: 8,
            delayed: self.params[8] == 1,
        };
        self.values.is_none().then_some(request)
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.values = Some(values?.to_vec());
        Ok(())
    }

    fn finish(&mut self) -> Result<Vec<u8>, CallError> {
        Ok(self.values.take().expect("it was answered"))
    }
}

/// Makes so many calls, up to [`DEPTH`] at once.
pub(crate) fn soak(calls: u64, seed: u64) -> Outcome {
    let bad = Bad::new(seed);
    let mut link = Link::new(bad.clone());
    link.set_timeouts(Timeouts::all(PATIENCE));
    let tasks = Tasks::new(RefCell::new(link));
    let mut run = Run { calls: Vec::new(), answered: 0, timed_out: 0 };
    let (mut next, mut resets) = (0, 0);
    while next < calls || !run.calls.is_empty() {
        let lost = tasks.with(|link| link.agent().lost()).expect("unlocked");
        let room = lost + DEPTH < SLOTS;
        if !room && run.calls.is_empty() {
            // Late answers of this life will come in the next.
            tasks.with(Link::reset).expect("unlocked");
            resets += 1;
        }
        while room && next < calls && run.calls.len() < DEPTH {
            run.calls.push(Task::new(next, tasks.run(Numbered::new(next))));
            next += 1;
        }
        run.poll();
        let woken =
            |run: &Run<'_>| run.calls.iter().any(|task| task.bell.0.load(Ordering::Relaxed));
        if run.calls.is_empty() || woken(&run) {
            continue;
        }
        match tasks.pump() {
            Some(deadline) => bad.pass(Some(deadline)),
            None => assert!(woken(&run), "calls wait for nothing"),
        }
    }
    while !bad.is_quiet() {
        bad.pass(None);
        tasks.pump();
    }
    // What is lost is lost for a reason, and nothing else holds a slot.
    tasks
        .with(|link| {
            assert_eq!(link.agent().free() + link.agent().lost(), SLOTS);
            link.reset();
            assert_eq!(link.agent().free(), SLOTS);
        })
        .expect("unlocked");
    let counters = tasks.counters().expect("unlocked");
    let Run { answered, timed_out, .. } = run;
    Outcome { answered, timed_out, channel: bad.done(), counters, resets }
}

/// Whether a task was woken since it was polled.
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Task<'t> {
    number: u64,
    call: Asking<'t, Shared, Numbered>,
    bell: Arc<Bell>,
    waker: Waker,
}

impl<'t> Task<'t> {
    fn new(number: u64, call: Asking<'t, Shared, Numbered>) -> Self {
        let bell = Arc::new(Bell(AtomicBool::new(true)));
        Self { number, call, waker: Arc::clone(&bell).into(), bell }
    }
}

struct Run<'t> {
    calls: Vec<Task<'t>>,
    answered: u64,
    timed_out: u64,
}

impl Run<'_> {
    fn poll(&mut self) {
        let (answered, timed_out) = (&mut self.answered, &mut self.timed_out);
        self.calls.retain_mut(|task| {
            if !task.bell.0.swap(false, Ordering::Relaxed) {
                return true;
            }
            let number = task.number;
            match Pin::new(&mut task.call).poll(&mut Context::from_waker(&task.waker)) {
                Poll::Pending => return true,
                Poll::Ready(Ok(values)) => {
                    assert_eq!(values, answer_of(number), "call {number} got another's answer");
                    *answered += 1;
                }
                Poll::Ready(Err(CallError::TimedOut { .. })) => *timed_out += 1,
                Poll::Ready(Err(error)) => panic!("call {number}: {error}"),
            }
            false
        });
    }
}
