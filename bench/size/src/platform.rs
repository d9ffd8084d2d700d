//! The answering end: the engine and its ten servers, over models that somebody else has.

#![no_std]
#![no_main]

extern crate alloc;

#[path = "../../../guest/src/memory.rs"]
mod memory;
mod table;

use alloc::boxed::Box;
use core::alloc::{GlobalAlloc, Layout};
use core::hint::black_box;
use core::panic::PanicInfo;

use scmi::platform::{Builder, Platform, Server};
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::perf::platform::PerfServer;
use scmi::protocol::pinctrl::platform::PinServer;
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::reset::platform::ResetServer;
use scmi::protocol::sensor::platform::SensorServer;
use scmi::protocol::system::platform::SystemServer;
use scmi::protocol::voltage::platform::VoltageServer;

use crate::table::table;

table![
    // With the server of Base.
    Platform::builder,
    Builder::server,
    Builder::agent,
    Builder::notifications,
    Builder::pending,
    Builder::build,
    Platform::agent_count,
    Platform::agent_name,
    Platform::agent,
    Platform::counters,
    Platform::connect,
    Platform::disconnect,
    Platform::handle,
    Platform::poll_reply,
    Platform::take_reply,
    Platform::has_event,
    Platform::has_delayed_response,
    Platform::poll_event,
    Platform::poll_woken,
    Platform::poll,
    Platform::next_deadline,
    Platform::report_errors,
];

table![
    ClockServer::new,
    boxed::<ClockServer>,
    PerfServer::new,
    boxed::<PerfServer>,
    PinServer::new,
    boxed::<PinServer>,
    PowerServer::new,
    boxed::<PowerServer>,
    PowercapServer::new,
    boxed::<PowercapServer>,
    ResetServer::new,
    boxed::<ResetServer>,
    SensorServer::new,
    boxed::<SensorServer>,
    SystemServer::new,
    boxed::<SystemServer>,
    VoltageServer::new,
    boxed::<VoltageServer>,
];

fn boxed<S: Server + 'static>(server: S) -> Box<dyn Server> {
    Box::new(server)
}

/// What is linked; never run.
#[unsafe(no_mangle)]
extern "C" fn _start() {
    table::reach();
}

// Memory may run out at set-up, which is a panic: the handler is linked, and as small as can be.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// What code of the compiler's own asks for that was built to unwind, which this is not.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// Memory that is always gone.
struct NoMemory;

// SAFETY: it never gives memory out.
unsafe impl GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Not known to whoever calls, who would drop all that follows.
        black_box(core::ptr::null_mut::<u8>()).wrapping_add(black_box(layout.size()))
    }

    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        black_box(pointer);
    }
}

#[global_allocator]
static NO_MEMORY: NoMemory = NoMemory;
