//! A platform behind areas, its clock, and what went through the doorbells.

use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::boxed::Box;
use std::collections::VecDeque;
use std::rc::Rc;
use std::vec;
use std::vec::Vec;

use scmi::Time;
use scmi::platform::{AgentId, Platform};
use scmi::protocol::base::platform::Identity;
use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::{
    Intervals, Limits, Sensor, SensorConfig, SensorModel, SensorServer,
};
use scmi::protocol::sensor::wire::Interval;
use scmi::wire::{Header, MessageId, ProtocolId, Status};

use crate::agent::{AgentEnd, Clock};
use crate::platform::{PlatformEnd, Served};
use crate::{Area, Doorbell, Line, Unheard};

/// Memory that both ends see.
pub(super) type Words = &'static [AtomicU32];

/// An area's memory, full of `fill`.
pub(super) fn words(bytes: usize, fill: u32) -> Words {
    Box::leak((0..bytes / 4).map(|_| AtomicU32::new(fill)).collect())
}

pub(super) fn area(words: Words) -> Area<Words> {
    Area::new(words).expect("large enough")
}

/// The bytes of memory, as they lie there.
pub(super) fn bytes(words: Words) -> Vec<u8> {
    words.iter().flat_map(|word| word.load(Ordering::Relaxed).to_ne_bytes()).collect()
}

/// Puts bytes at an offset that is one of a word.
pub(super) fn put(words: Words, offset: usize, bytes: &[u8]) {
    for (word, bytes) in words[offset / 4..].iter().zip(bytes.chunks(4)) {
        word.store(u32::from_ne_bytes(bytes.try_into().expect("whole words")), Ordering::Relaxed);
    }
}

/// A command: its header with a token, and words.
pub(super) fn command(protocol: ProtocolId, message: u8, token: u16, params: &[u32]) -> Vec<u8> {
    let header = Header::command(protocol, MessageId(message), token).word();
    core::iter::once(&header).chain(params).flat_map(|word| word.to_le_bytes()).collect()
}

const INTERVAL: Interval = Interval { seconds: 10, exponent: -3 };

/// A temperature that takes a millisecond to read, and sends updates every ten.
#[derive(Debug)]
struct Thermometer(Vec<Sensor>);

impl SensorModel for Thermometer {
    fn sensors(&self) -> &[Sensor] {
        &self.0
    }

    fn read(&mut self, _: Time, _: usize, values: &mut [i64]) -> Result<(), Status> {
        values.fill(21_500);
        Ok(())
    }
}

/// A platform with Base, a thermometer and one agent.
pub(super) fn platform() -> (Platform, AgentId) {
    let sensor = Sensor {
        name: "t".into(),
        kind: SensorType::TEMPERATURE_C,
        exponent: -3,
        limits: Limits::default(),
        axes: Vec::new(),
        trip_points: 0,
        intervals: Intervals::List(vec![INTERVAL]),
        updates: true,
        asynchronous: true,
        read_time: Duration::from_millis(1),
        timestamps: None,
        power: 0,
        config: SensorConfig { interval: INTERVAL, ..SensorConfig::default() },
    };
    let server = SensorServer::new(Box::new(Thermometer(vec![sensor])));
    let platform = Platform::builder(Identity::default())
        .server(Box::new(server))
        .agent("one", &[])
        .build()
        .expect("it fits together");
    (platform, AgentId::from_index(0).expect("small"))
}

/// Lines that were rung, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Bell {
    pub(super) rung: Rc<RefCell<VecDeque<Line>>>,
    pub(super) broken: bool,
}

impl Bell {
    /// What was rung since this was asked.
    pub(super) fn take(&self) -> Vec<Line> {
        self.rung.borrow_mut().drain(..).collect()
    }
}

impl Doorbell for Bell {
    fn ring(&mut self, line: Line) -> Result<(), Unheard> {
        if self.broken {
            return Err(Unheard);
        }
        self.rung.borrow_mut().push_back(line);
        Ok(())
    }
}

/// How the platform hears of the agent's doorbell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// At once: the ring returns when it is served, or put off (SMC).
    Call,
    /// When the agent waits, after so long (mailbox).
    After(Duration),
    /// Not at all.
    Deaf,
}

/// The platform's side, with the time.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) platform: Platform,
    pub(super) end: PlatformEnd<Words, Bell>,
    pub(super) way: Way,
    pub(super) now: Time,
    /// When the rings that were not heard yet will be.
    due: VecDeque<(Time, Line)>,
    pub(super) sleeps: usize,
}

impl Host {
    fn hear(&mut self, line: Line) -> Served {
        let served = match line {
            Line::Command => self.end.command(self.now, &mut self.platform),
            _ => Served::Nothing,
        };
        let late = self.end.poll(self.now, &mut self.platform);
        if served == Served::Nothing { late } else { served }
    }

    fn due_now(&mut self) -> Option<Line> {
        let (at, line) = *self.due.front()?;
        (at <= self.now).then(|| self.due.pop_front())?;
        Some(line)
    }

    fn sleep(&mut self, until: Time) {
        self.sleeps += 1;
        let rung = self.due.front().map_or(Time::NEVER, |(at, _)| *at);
        let next = self.platform.next_deadline().unwrap_or(Time::NEVER).min(rung).min(until);
        self.now = next.max(self.now);
        while let Some(line) = self.due_now() {
            self.hear(line);
        }
        self.end.poll(self.now, &mut self.platform);
    }
}

/// The host as the agent's doorbell and clock.
#[derive(Clone, Debug)]
pub(super) struct Outside(pub(super) Rc<RefCell<Host>>);

impl Doorbell for Outside {
    fn ring(&mut self, line: Line) -> Result<(), Unheard> {
        let mut host = self.0.borrow_mut();
        match host.way {
            Way::Call => drop(host.hear(line)),
            Way::After(delay) => {
                let at = host.now.after(delay);
                host.due.push_back((at, line));
            }
            Way::Deaf => {}
        }
        Ok(())
    }
}

impl Clock for Outside {
    fn now(&self) -> Time {
        self.0.borrow().now
    }

    fn sleep(&mut self, until: Time) {
        self.0.borrow_mut().sleep(until);
    }
}

pub(super) type Agent = AgentEnd<Words, Outside, Outside>;

/// Two ends with two areas of 256 bytes.
#[derive(Debug)]
pub(super) struct World {
    pub(super) host: Outside,
    pub(super) agent: Agent,
    /// What the platform rang.
    pub(super) bell: Bell,
    pub(super) commands: Words,
    pub(super) events: Words,
}

impl World {
    pub(super) fn new(way: Way) -> Self {
        let (commands, events) = (words(256, 0), words(256, 0));
        let (mut platform, id) = platform();
        let bell = Bell::default();
        let mut end = PlatformEnd::new(id, area(commands), bell.clone())
            .with_events(area(events))
            .with_event_interrupts();
        end.connect(Time::ZERO, &mut platform);
        let due = VecDeque::new();
        let host = Host { platform, end, way, now: Time::ZERO, due, sleeps: 0 };
        let host = Outside(Rc::new(RefCell::new(host)));
        let agent = AgentEnd::new(area(commands), host.clone(), host.clone())
            .with_events(area(events))
            .with_interrupts();
        Self { host, agent, bell, commands, events }
    }
}
