//! The CPU: pinning to one, going first there, and what a process has used of it.

use core::time::Duration;
use std::{fs, io};

use anyhow::{Context, Result, ensure};
use rustix::process::{getpriority_process, setpriority_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// The CPUs that this thread may run on.
///
/// # Errors
/// When the system does not say.
pub fn allowed() -> Result<Vec<usize>> {
    let set = sched_getaffinity(None).context("cannot read the CPU affinity")?;
    Ok((0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect())
}

/// Pins this thread to one CPU, and with it the threads and processes that it starts from now on.
///
/// # Errors
/// When this process may not run there.
pub fn pin(cpu: usize) -> Result<()> {
    let allowed = allowed()?;
    ensure!(allowed.contains(&cpu), "CPU {cpu} is not among those allowed here: {allowed:?}");
    go_to(cpu)
}

/// Pins this thread to one CPU, also if it is pinned to another one.
///
/// # Errors
/// When this process may not run there.
pub fn go_to(cpu: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(cpu);
    sched_setaffinity(None, &set).with_context(|| format!("cannot move to CPU {cpu}"))
}

/// Goes before others that want the CPU, with the processes that this one starts from now on, if the system lets it;
/// root may. The nice value that is held then: -20 goes first, 0 is usual.
pub fn go_first() -> i32 {
    // Without it the results are those of a machine that does other things as well, and the value says so.
    let _ = setpriority_process(None, -20);
    getpriority_process(None).unwrap_or(0)
}

/// What the threads of a process that live now have used so far. It is exact for threads that do not run at the
/// moment, and where everything is pinned to one CPU only the caller runs.
///
/// # Errors
/// When there is no such process, or the kernel keeps no such account.
pub fn used_by(process: u32) -> Result<Duration> {
    let tasks = format!("/proc/{process}/task");
    let threads = fs::read_dir(&tasks).with_context(|| format!("cannot list {tasks}"))?;
    let mut nanos = 0;
    for thread in threads {
        let path = thread?.path().join("schedstat");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if has_ended(&error) => continue,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        nanos += running_time(&text)
            .with_context(|| format!("cannot understand {}: {text:?}", path.display()))?;
    }
    Ok(Duration::from_nanos(nanos))
}

/// Whether the thread that was listed ended before it was read: its file is gone, or is open and has nobody behind it.
fn has_ended(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
        || error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error())
}

/// What this process has used so far.
pub fn used_here() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The first of the three numbers: nanoseconds spent running.
fn running_time(schedstat: &str) -> Option<u64> {
    schedstat.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn the_first_number_is_the_running_time() {
        assert_eq!(running_time("314497188 155674503 81\n"), Some(314_497_188));
        assert_eq!(running_time("\n"), None);
        assert_eq!(running_time("much 2 3\n"), None);
    }

    #[test]
    fn work_shows_in_both_accounts() {
        let before = (used_by(std::process::id()).expect("schedstat"), used_here());
        let until = used_here() + Duration::from_millis(50);
        while used_here() < until {
            core::hint::spin_loop();
        }
        // The kernel brings the account of a running thread up to date with every tick.
        let grown = used_by(std::process::id()).expect("schedstat") - before.0;
        assert!(grown >= Duration::from_millis(20), "{grown:?}");
        assert!(used_here() - before.1 >= Duration::from_millis(50));
    }

    #[test]
    fn threads_that_end_meanwhile_are_passed_over() {
        let done = AtomicBool::new(false);
        let read = thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    thread::spawn(|| ()).join().expect("a thread that does nothing");
                }
            });
            let read: Result<Vec<_>> = (0..2_000).map(|_| used_by(std::process::id())).collect();
            done.store(true, Ordering::Relaxed);
            read
        });
        read.expect("schedstat");
    }

    #[test]
    fn a_thread_can_be_pinned_to_a_cpu_it_may_use() {
        let cpu = *allowed().expect("affinity").last().expect("a CPU");
        pin(cpu).expect("pinned");
        assert_eq!(allowed().expect("affinity"), [cpu]);
        pin(CpuSet::MAX_CPU - 1).expect_err("not allowed");
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        used_by(u32::MAX).expect_err("no such process");
    }
}
