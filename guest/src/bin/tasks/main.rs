//! The asynchronous front of an agent, on a small executor: one task reads the clocks, one waits for a slow sensor, and one
//! watches another sensor, all at the same time over one device. The processor sleeps when none can go on.

#![no_std]
#![no_main]

mod executor;
mod work;

use core::cell::RefCell;
use core::pin::pin;

use scmi::Time;
use scmi::agent::{Link, Tasks};
use scmi::transport::Channel as _;
use scmi_guest::{Failure, Line, Program, Session, Tree, entry, println};
use scmi_virtio::driver::Transport;

use executor::Job;

entry!(main);

fn main(tree: Tree) {
    // SAFETY: the boot code calls `main` once, with its machine's tree, and there is no other program.
    unsafe { scmi_guest::run(tree, &mut Together) }
}

struct Together;

impl Program for Together {
    fn device<T: Transport>(
        &mut self,
        session: &mut Session,
        transport: T,
        line: Line,
    ) -> Result<(), Failure> {
        let timeouts = session.timeouts();
        let mut link: Link<_> = Link::new(session.start(transport, line)?);
        link.set_timeouts(timeouts);
        let tasks = Tasks::new(RefCell::new(link));
        let slow = pin!(work::read_slow_sensor(&tasks));
        let watch = pin!(work::watch_sensor(&tasks));
        let clocks = pin!(work::read_clocks(&tasks));
        let mut jobs = [Job::new(slow), Job::new(watch), Job::new(clocks)];
        executor::run(&mut jobs, || {
            // Wakes whom it concerns; without any, until the next deadline nothing happens but an interrupt.
            let deadline = tasks.pump().unwrap_or(Time::NEVER);
            if !executor::is_any_woken() {
                // There is a channel, and nobody is at it: all jobs have returned.
                let _slept =
                    tasks.with(|link| link.channel_mut().map(|channel| channel.wait(deadline)));
            }
        })
        .map_err(Failure::asking("of the tasks"))?;
        match tasks.counters() {
            Ok(counters) => println!("counted: {counters:?}"),
            Err(error) => println!("not counted: {error}"),
        }
        Ok(())
    }
}
