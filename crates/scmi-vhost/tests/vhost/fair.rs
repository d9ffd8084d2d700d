//! Whoever waits for the platform gets it, whatever another one does.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use core::time::Duration;
use std::fs;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use rustix::process::setpriority_process;

use crate::daemon::{Daemon, PATIENCE};

/// How often it is tried. An ordinary lock fails at one of the first.
const TIMES: u64 = 50;

/// How often somebody else may be let in before the one that waits.
const PASSES: usize = 16;

const MOMENT: Duration = Duration::from_micros(200);

/// Whether a thread of this process sleeps.
fn sleeps(thread: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{thread}/stat")).expect("the thread is alive");
    stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('S'))
}

#[test]
fn who_waits_for_the_platform_is_passed_sixteen_times_at_most() {
    let daemon = Daemon::start(1);
    let hub = &daemon.hub;
    let [taken, asking, over] = [const { AtomicBool::new(false) }; 3];
    let entered = AtomicU64::new(0);
    let (tell, told) = channel();
    let passed = thread::scope(|scope| {
        scope.spawn(|| {
            // Who is woken may be let run at once, and then comes before the one that woke it. This one is not.
            setpriority_process(None, 19).expect("less is always possible");
            let own = fs::read_link("/proc/thread-self").expect("a thread");
            tell.send(own.to_str().expect("numbers").to_owned()).expect("somebody listens");
            while !over.load(SeqCst) {
                if !taken.load(SeqCst) {
                    thread::sleep(MOMENT);
                    continue;
                }
                asking.store(true, SeqCst);
                hub.with(|_, _| {
                    asking.store(false, SeqCst);
                    taken.store(false, SeqCst);
                    entered.fetch_add(1, SeqCst);
                });
            }
        });
        let other = told.recv_timeout(PATIENCE).expect("it has begun");
        let until = Instant::now() + PATIENCE;
        // Comes out when the other one has fallen asleep at the door, and goes in again at once.
        let passed: Vec<usize> = (1..=TIMES)
            .map(|time| {
                hub.with(|_, _| {
                    taken.store(true, SeqCst);
                    while !(asking.load(SeqCst) && sleeps(&other)) && Instant::now() < until {
                        thread::sleep(MOMENT);
                    }
                });
                let is_let_in = || hub.with(|_, _| entered.load(SeqCst) == time);
                (0..=PASSES).take_while(|_| !is_let_in()).count()
            })
            .collect();
        over.store(true, SeqCst);
        passed
    });
    assert!(passed.iter().all(|passed| *passed <= PASSES), "it was passed so often: {passed:?}");
}
