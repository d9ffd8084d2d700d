//! The data path takes no memory: what a platform needs it takes when it is built.

#![cfg(feature = "platform")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::time::Duration;
use std::alloc::System;

use scmi::Time;
use scmi::platform::{AgentId, EventOutcome, Keeper, Link, Outcome, Platform, StateEntry};
use scmi::protocol::base::platform::Identity;
use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::{
    Axis, Intervals, Limits, Sensor, SensorConfig, SensorModel, SensorServer,
};
use scmi::protocol::sensor::wire::Interval;
use scmi::wire::{Header, MessageId, MessageType, ProtocolId, Status};

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
        // SAFETY: the memory came from `System`, by `alloc` or `realloc` with this layout.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        TAKEN.set(TAKEN.get() + 1);
        // SAFETY: the memory came from `System`, by `alloc` or `realloc` with this layout.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const INTERVAL: Interval = Interval { seconds: 10, exponent: -3 };

/// A scalar that is slow and can everything, and one with three axes.
#[derive(Debug)]
struct Model(Vec<Sensor>);

impl Model {
    fn new() -> Self {
        let scalar = Sensor {
            name: "a temperature with a long name".into(),
            kind: SensorType::TEMPERATURE_C,
            exponent: -3,
            limits: Limits { min: Some(-40_000), ..Limits::default() },
            axes: Vec::new(),
            trip_points: 2,
            intervals: Intervals::List(vec![INTERVAL]),
            updates: true,
            asynchronous: true,
            read_time: Duration::from_millis(1),
            timestamps: Some(-9),
            power: 5,
            config: SensorConfig { interval: INTERVAL, ..SensorConfig::default() },
        };
        let axis = |name: &str| Axis {
            name: name.into(),
            kind: SensorType::ACCELERATION,
            exponent: -3,
            limits: Limits::default(),
        };
        let axes = vec![axis("x"), axis("y"), axis("z")];
        let vector = Sensor { axes, trip_points: 0, read_time: Duration::ZERO, ..scalar.clone() };
        Self(vec![scalar, vector])
    }
}

impl SensorModel for Model {
    fn sensors(&self) -> &[Sensor] {
        &self.0
    }

    fn read(&mut self, now: Time, _sensor: usize, values: &mut [i64]) -> Result<(), Status> {
        values.fill(i64::try_from(now.as_nanos()).unwrap_or(i64::MAX));
        Ok(())
    }
}

/// A platform with one agent, and room for what goes to and fro.
struct World {
    platform: Platform,
    agent: AgentId,
    now: Time,
    request: [u8; 20],
    reply: [u8; 136],
}

impl World {
    fn new() -> Self {
        let mut platform = Platform::builder(Identity::default())
            .server(Box::new(SensorServer::new(Box::new(Model::new()))))
            .agent("one", &[])
            .build()
            .expect("it fits together");
        let agent = platform.agent("one").expect("it was added");
        platform.connect(Time::ZERO, agent, Link::new(true));
        Self { platform, agent, now: Time::ZERO, request: [0; 20], reply: [0; 136] }
    }

    fn send(&mut self, protocol: ProtocolId, message: u8, params: &[u32]) -> Outcome {
        let header = Header::command(protocol, MessageId(message), 9).word();
        let words = core::iter::once(&header).chain(params);
        for (to, word) in self.request.chunks_mut(4).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        let request = &self.request[..4 + 4 * params.len()];
        self.platform.handle(self.now, self.agent, request, &mut self.reply)
    }

    /// A command of the Sensor protocol that succeeds with an answer of so many bytes.
    fn sensor(&mut self, message: u8, params: &[u32], len: usize) {
        assert_eq!(self.send(ProtocolId::SENSOR, message, params), Outcome::Reply(len));
        assert_eq!(self.reply[4..8], [0; 4]);
    }

    /// Ten milliseconds go by; returns how many messages come.
    fn pass(&mut self) -> usize {
        self.now = self.now.after(Duration::from_millis(10));
        self.platform.poll(self.now);
        while self.platform.poll_woken().is_some() {}
        let came =
            core::iter::from_fn(|| match self.platform.poll_event(self.agent, &mut self.reply) {
                EventOutcome::Wrote(len) => Some(len),
                EventOutcome::Empty | EventOutcome::TooSmall => None,
            });
        came.count()
    }

    /// All that a guest does while it runs.
    fn round(&mut self) {
        for protocol in [ProtocolId::BASE, ProtocolId::SENSOR] {
            assert_eq!(self.send(protocol, 0, &[]), Outcome::Reply(12));
        }
        // Two descriptors, of 13 and 7 words and the power.
        self.sensor(3, &[0], 12 + 52);
        self.sensor(3, &[1], 12 + 32);
        self.sensor(6, &[1, 0], 8 + 3 * 16);
        self.sensor(0xA, &[0, 3], 8);
        self.sensor(0xB, &[0, 1], 8);
        self.sensor(0xB, &[1, 1], 8);
        self.sensor(5, &[0, 3, 0, 0], 8);
        self.sensor(4, &[0, 1], 8);
        // Delayed responses, and an answer that is late.
        self.sensor(6, &[0, 1], 8);
        self.sensor(6, &[1, 1], 8);
        assert!(matches!(self.send(ProtocolId::SENSOR, 6, &[0, 0]), Outcome::Later(_)));
        assert_eq!(self.pass(), 4, "two delayed responses and two updates");
        let ticket = self.platform.poll_reply(self.agent).expect("it is ready");
        assert_eq!(self.platform.take_reply(self.agent, ticket, &mut self.reply), 8 + 16);
        // Refusals, each of a kind that has to be counted.
        assert_eq!(self.send(ProtocolId::SENSOR, 6, &[9, 0]), Outcome::Reply(8));
        assert_eq!(self.send(ProtocolId::CLOCK, 6, &[9, 0]), Outcome::Reply(8));
        self.sensor(0xB, &[0, 0], 8);
    }
}

/// Counts what it is told.
#[derive(Debug)]
struct Told(&'static AtomicUsize);

impl Keeper for Told {
    fn changed(&mut self, _: &StateEntry) {
        self.0.fetch_add(1, Relaxed);
    }

    fn done(&mut self) {}
}

#[test]
fn nothing_is_allocated_to_tell_a_keeper() {
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    let mut world = World::new();
    world.platform.keep_with(Box::new(Told(&TOLD)));
    let before = TAKEN.get();
    for _ in 0..100 {
        world.round();
    }
    world.platform.connect(world.now, world.agent, Link::new(true));
    assert_eq!(TAKEN.get() - before, 0);
    assert!(TOLD.load(Relaxed) > 200, "a subscription comes and goes each time");
}

#[test]
fn nothing_is_allocated_after_set_up() {
    let mut world = World::new();
    assert!(TAKEN.get() > 0, "the count counts");
    let before = TAKEN.get();
    for _ in 0..100 {
        world.round();
    }
    // The channel comes and goes.
    world.platform.connect(world.now, world.agent, Link::new(true));
    world.round();
    assert_eq!(TAKEN.get() - before, 0);
    let counters = world.platform.counters(world.agent).expect("it is there");
    assert_eq!((counters.delayed, counters.late, counters.refused), (202, 101, 202));
    // Each message of the tables was counted in the memory that was there for it.
    let reads = counters.messages().filter(|count| count.message == MessageId(6));
    let reads: Vec<_> =
        reads.map(|count| (count.kind, count.protocol, count.succeeded, count.refused)).collect();
    let sensor = ProtocolId::SENSOR;
    let read = (MessageType::COMMAND, sensor, 404, 101);
    assert_eq!(reads, [read, (MessageType::DELAYED_RESPONSE, sensor, 202, 0)]);
}
