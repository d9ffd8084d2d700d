//! No message takes memory, at either end: what a platform needs it takes when it is built.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, RefCell};
use core::sync::atomic::AtomicU32;
use std::alloc::System;

use scmi::Time;
use scmi::agent::{CallError, CallerExt as _, Client};
use scmi::platform::Platform;
use scmi::protocol::base;
use scmi::protocol::base::platform::Identity;
use scmi::wire::{ProtocolId, Status, Version};
use scmi_shmem::agent::{AgentEnd, Clock};
use scmi_shmem::platform::PlatformEnd;
use scmi_shmem::{Area, Line};

thread_local! {
    /// Pieces of memory that this thread has asked for.
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, with a count.
struct Counting;

// SAFETY: every call is passed on to `System` as it came, and counting allocates nothing: the counter is initialised at
// compile time and has no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.set(TAKEN.get() + 1);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from `System`, with this layout.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        Time::ZERO
    }
}

#[test]
fn no_message_allocates_over_shared_memory() {
    let memory: Vec<AtomicU32> = (0..128).map(|_| AtomicU32::new(0)).collect();
    let (commands, events) = memory.split_at(64);
    let area = |words| Area::new(words).expect("large enough");
    let builder = Platform::builder(Identity::default()).agent("one", &[]);
    let mut platform = builder.build().expect("it fits together");
    let id = platform.agent("one").expect("it was added");
    assert!(TAKEN.get() > 0, "the count counts");
    let before = TAKEN.get();

    let mut end = PlatformEnd::new(id, area(commands), |_: Line| Ok(())).with_events(area(events));
    end.connect(Time::ZERO, &mut platform);
    let host = RefCell::new((platform, end));
    let ring = |_: Line| {
        let (platform, end) = &mut *host.borrow_mut();
        end.command(Time::ZERO, platform);
        end.poll(Time::ZERO, platform);
        Ok(())
    };
    let mut agent = AgentEnd::new(area(commands), ring, Still).with_events(area(events));
    let mut client: Client<'_> = Client::new(&mut agent);
    for _ in 0..100 {
        assert_eq!(client.protocol_version(ProtocolId::BASE), Ok(Version::new(2, 1)));
        base::agent::notify_errors(&mut client, true).expect("there is a way back");
        let (platform, end) = &mut *host.borrow_mut();
        platform.report_errors(id, false, &[]);
        end.poll(Time::ZERO, platform);
    }
    assert!(client.next_event(Time::ZERO).is_some());
    let refused = CallError::Refused(Status::NOT_SUPPORTED);
    assert_eq!(client.protocol_version(ProtocolId::CLOCK), Err(refused));
    assert_eq!(TAKEN.get() - before, 0);
}
