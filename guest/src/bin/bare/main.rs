//! A guest without an operating system that uses SCMI: finds every SCMI device that there is, over virtio-mmio and over PCI,
//! lists the platform behind it, sets a clock, watches a sensor, prints all that, and switches the machine off.

#![no_std]
#![no_main]

mod board;

use scmi::agent::Client;
use scmi_guest::{Failure, Line, Program, Session, Tree, entry, println};
use scmi_virtio::driver::Transport;

entry!(main);

fn main(tree: Tree) {
    // SAFETY: the boot code calls `main` once, with its machine's tree, and there is no other program.
    unsafe { scmi_guest::run(tree, &mut Bare) }
}

struct Bare;

impl Program for Bare {
    fn device<T: Transport>(
        &mut self,
        session: &mut Session,
        transport: T,
        line: Line,
    ) -> Result<(), Failure> {
        let timeouts = session.timeouts();
        let mut driver = session.start(transport, line)?;
        let mut client = Client::new(&mut driver);
        client.set_timeouts(timeouts);
        board::list(&mut client)?;
        board::set_a_clock(&mut client)?;
        board::watch_a_sensor(&mut client)?;
        println!("counted: {:?}", driver.counters());
        Ok(())
    }
}
