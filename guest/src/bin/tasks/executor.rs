//! A small executor: a few jobs that each go on when they were woken.

use core::future::Future;
use core::pin::Pin;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use scmi::agent::CallError;

/// A bit a job: it was woken.
static WOKEN: AtomicU32 = AtomicU32::new(0);

type Work<'w> = Pin<&'w mut dyn Future<Output = Result<(), CallError>>>;

/// Something to do to its end.
pub(crate) struct Job<'w> {
    /// None when it has ended.
    work: Option<Work<'w>>,
}

impl<'w> Job<'w> {
    pub(crate) fn new(work: Work<'w>) -> Self {
        Self { work: Some(work) }
    }
}

/// Whether a job can go on.
pub(crate) fn is_any_woken() -> bool {
    WOKEN.load(Ordering::Relaxed) != 0
}

/// Runs up to 32 jobs to their ends; `idle` is called when none can go on, and waits for something that wakes one. The first
/// error of a job ends it, and is returned when the others have ended too.
pub(crate) fn run(jobs: &mut [Job<'_>], mut idle: impl FnMut()) -> Result<(), CallError> {
    let mut result = Ok(());
    WOKEN.store(u32::MAX, Ordering::Relaxed);
    loop {
        let woken = WOKEN.swap(0, Ordering::Relaxed);
        let mut left = false;
        for (index, job) in (0..32).zip(jobs.iter_mut()) {
            let Some(work) = &mut job.work else { continue };
            let bit = 1 << index;
            if woken & bit != 0
                && let Some(ended) = poll(work, bit)
            {
                job.work = None;
                result = result.and(ended);
                continue;
            }
            left = true;
        }
        if !left {
            return result;
        }
        if !is_any_woken() {
            idle();
        }
    }
}

/// Lets a job go on; what came of it, if it has ended.
fn poll(work: &mut Work<'_>, bit: u32) -> Option<Result<(), CallError>> {
    let waker = waker(bit);
    match work.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(ended) => Some(ended),
        Poll::Pending => None,
    }
}

/// Wakes the job with that bit.
fn waker(bit: u32) -> Waker {
    // SAFETY: the functions of the table do what their contract says: the data is a number and no memory, so there is
    // nothing to count or free, and `WOKEN` may be written from anywhere.
    unsafe { Waker::from_raw(raw(bit)) }
}

fn raw(bit: u32) -> RawWaker {
    RawWaker::new(ptr::without_provenance(usize::try_from(bit).unwrap_or(0)), &TABLE)
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, forget);

fn clone(data: *const ()) -> RawWaker {
    RawWaker::new(data, &TABLE)
}

fn wake(data: *const ()) {
    WOKEN.fetch_or(u32::try_from(data.addr()).unwrap_or(u32::MAX), Ordering::Relaxed);
}

const fn forget(_: *const ()) {}
