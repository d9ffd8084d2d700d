//! The `arm-scmi` crate, whose records and shared memory are its own, against ours.

use core::cell::{Cell, RefCell};
use core::ptr::NonNull;
use core::sync::atomic::AtomicU32;
use core::time::Duration;

use arm_scmi::protocol::{StandardStatusCode, StatusCode, Version};
use arm_scmi::transport::Transport;
use arm_scmi::transport::shared_memory::{Doorbell, SharedMemory, SharedMemoryTransport};
use arm_scmi::{Error, ScmiAgent};
use scmi::Time;
use scmi::platform::{AgentId, Link, Platform};
use scmi::protocol::base::platform::Identity;
use scmi::transport::{Channel, Limits, Loopback, Received, SendError};
use scmi_shmem::agent::{AgentEnd, Clock};
use scmi_shmem::platform::PlatformEnd;
use scmi_shmem::{Area, ChannelStatus, Line, OverChannel, Unheard};

const PATIENCE: Duration = Duration::from_millis(20);

fn platform() -> (Platform, AgentId) {
    let identity = Identity { vendor: "acme".into(), ..Identity::default() };
    let platform = Platform::builder(identity).agent("peer", &[]).build().expect("it fits");
    let id = platform.agent("peer").expect("it was added");
    (platform, id)
}

type End<'m> = PlatformEnd<&'m [AtomicU32], fn(Line) -> Result<(), Unheard>>;

fn deaf(_: Line) -> Result<(), Unheard> {
    Err(Unheard)
}

/// A platform that is called when its doorbell rings.
struct Host<'m>(RefCell<(Platform, End<'m>)>);

impl<'m> Host<'m> {
    fn new(memory: &'m [AtomicU32]) -> Self {
        let (mut platform, id) = platform();
        let area = Area::new(memory).expect("large enough");
        let mut end: End<'m> = PlatformEnd::new(id, area, deaf);
        end.connect(Time::ZERO, &mut platform);
        Self(RefCell::new((platform, end)))
    }

    fn rung(&self) {
        let (platform, end) = &mut *self.0.borrow_mut();
        end.command(Time::ZERO, platform);
    }
}

impl Doorbell for &Host<'_> {
    fn ring(&mut self) {
        self.rung();
    }
}

fn memory() -> Vec<AtomicU32> {
    (0..64).map(|_| AtomicU32::new(0)).collect()
}

/// What that agent makes of Base.
fn asks_base<T: Transport>(transport: T) {
    let mut agent = ScmiAgent::new(transport).expect("it lists protocols");
    let mut base = agent.base();
    assert_eq!(base.protocol_version(), Ok(Version::new(2, 1)));
    assert_eq!(base.protocol_attributes().map(|found| found.agent_count()), Ok(1));
    let vendor = base.discover_vendor().expect("it has one");
    assert_eq!(vendor.vendor_identifier(), Some("acme"));
    assert_eq!(base.discover_agent(1).expect("it is there").name(), Some("peer"));
    let not_found = Err(Error::Status(StatusCode::Standard(StandardStatusCode::NotFound)));
    assert_eq!(base.discover_agent(3), not_found);
    assert_eq!(base.notify_errors(true), Err(not_supported()));
    assert_eq!(base.discover_list_protocols(0).map(|list| list.iter().count()), Ok(0));
}

/// There is no way back.
fn not_supported() -> Error {
    Error::Status(StatusCode::Standard(StandardStatusCode::NotSupported))
}

#[test]
fn its_shared_memory_transport_talks_to_our_platform() {
    let memory = memory();
    let host = Host::new(&memory);
    let address = NonNull::from(memory.as_slice()).cast::<u32>();
    // SAFETY: the words are aligned, live as long as `memory`, may be written through a shared reference because they
    // are atomics, and only this thread touches them: its own accesses and ours follow each other.
    let shared = unsafe { SharedMemory::new(address, 256) };
    asks_base(SharedMemoryTransport::new(shared, &host));
    let counters = *host.0.borrow().1.counters();
    assert_eq!((counters.commands, counters.bad_length, counters.spurious), (8, 0, 0));
}

#[test]
fn it_sees_our_error_bit() {
    let memory = memory();
    let area = Area::new(memory.as_slice()).expect("large enough");
    struct Refuses<'m>(&'m AtomicU32);
    impl Doorbell for Refuses<'_> {
        fn ring(&mut self) {
            let status = ChannelStatus::FREE.with(ChannelStatus::ERROR);
            self.0.store(status.0.to_le(), core::sync::atomic::Ordering::Relaxed);
        }
    }
    let address = NonNull::from(memory.as_slice()).cast::<u32>();
    // SAFETY: as above.
    let shared = unsafe { SharedMemory::new(address, 256) };
    let transport = SharedMemoryTransport::new(shared, Refuses(&memory[1]));
    assert_eq!(ScmiAgent::new(transport).map(drop), Err(Error::ChannelError));
    assert_eq!(area.status(), ChannelStatus::FREE, "it clears the error");
}

/// A clock that goes on while it is looked at.
#[derive(Default)]
struct Ticks(Cell<Time>);

impl Clock for Ticks {
    fn now(&self) -> Time {
        self.0.set(self.0.get().after(Duration::from_micros(20)));
        self.0.get()
    }
}

#[test]
fn its_agent_runs_over_our_shared_memory_and_over_any_other_channel() {
    let memory = memory();
    let host = Host::new(&memory);
    let ring = |_| {
        host.rung();
        Ok(())
    };
    let area = Area::new(memory.as_slice()).expect("large enough");
    asks_base(OverChannel::new(AgentEnd::new(area, ring, Ticks::default()), PATIENCE));

    let (platform, id) = platform();
    asks_base(OverChannel::new(Loopback::new(platform, id, Link::new(false)), PATIENCE));
}

/// A channel that holds its first answer back.
struct Late<C> {
    inner: C,
    ready: Time,
}

impl<C: Channel> Channel for Late<C> {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.inner.send(tag, request, room)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        if self.now() < self.ready { None } else { self.inner.receive(buffer) }
    }

    fn now(&self) -> Time {
        self.inner.now()
    }

    fn wait(&mut self, until: Time) {
        self.inner.wait(until);
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }
}

#[test]
fn an_answer_that_comes_too_late_is_not_taken_for_the_next_one() {
    let memory = memory();
    let host = Host::new(&memory);
    let ring = |_| {
        host.rung();
        Ok(())
    };
    let area = Area::new(memory.as_slice()).expect("large enough");
    let inner = AgentEnd::new(area, ring, Ticks::default());
    let channel = Late { inner, ready: Time::from_millis(50) };
    let mut transport = OverChannel::new(channel, PATIENCE);
    let ask = || arm_scmi::protocol::base::ProtocolVersion {};
    for _ in 0..2 {
        let answer = transport.invoke_command(ask()).map(|answer| answer.version);
        assert_eq!(answer, Err(Error::ChannelError));
    }
    assert_eq!(host.0.borrow().1.counters().commands, 1, "the second one had to wait");
    let answer = transport.invoke_command(ask()).map(|answer| answer.version);
    assert_eq!(answer, Ok(Version::new(2, 1)));
    assert_eq!(host.0.borrow().1.counters().commands, 2);
}

#[test]
fn what_nobody_answers_ends_in_time() {
    let memory = memory();
    let area = Area::new(memory.as_slice()).expect("large enough");
    // Nobody ever gave the area free.
    let transport = OverChannel::new(AgentEnd::new(area, deaf, Ticks::default()), PATIENCE);
    assert_eq!(ScmiAgent::new(transport).map(drop), Err(Error::ChannelError));
}
