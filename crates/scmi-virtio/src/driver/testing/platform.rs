//! Our own device half behind a machine's rings: a platform with one sensor.

use core::time::Duration;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use scmi::Time;
use scmi::platform::{AgentId, Link, Platform, Ticket};
use scmi::protocol::base::platform::Identity;
use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::{
    Intervals, Limits, Sensor, SensorConfig, SensorModel, SensorServer,
};
use scmi::protocol::sensor::wire::Interval;
use scmi::wire::Status;

use super::machine::Back;
use super::ring::{Chain, Ring, len};
use crate::device::{Device, DeviceQueue, OutsideMemory, PlatformAgent, Popped, Shape};

const INTERVAL: Interval = Interval { seconds: 10, exponent: -3 };

/// A sensor whose value is the time, in nanoseconds. Reading it takes 3 ms, asynchronously if asked so; it reports
/// itself every 10 ms if asked so.
#[derive(Debug)]
struct Model([Sensor; 1]);

impl SensorModel for Model {
    fn sensors(&self) -> &[Sensor] {
        &self.0
    }

    fn read(&mut self, now: Time, _sensor: usize, values: &mut [i64]) -> Result<(), Status> {
        values.fill(i64::try_from(now.as_nanos()).unwrap_or(i64::MAX));
        Ok(())
    }
}

fn platform() -> Platform {
    let sensor = Sensor {
        name: "time".into(),
        kind: SensorType::TEMPERATURE_C,
        exponent: 0,
        limits: Limits::default(),
        axes: Vec::new(),
        trip_points: 0,
        intervals: Intervals::List(vec![INTERVAL]),
        updates: true,
        asynchronous: true,
        read_time: Duration::from_millis(3),
        timestamps: None,
        power: 0,
        config: SensorConfig { interval: INTERVAL, ..SensorConfig::default() },
    };
    Platform::builder(Identity { vendor: "test".into(), ..Identity::default() })
        .server(Box::new(SensorServer::new(Box::new(Model([sensor])))))
        .agent("guest", &[])
        .build()
        .expect("it fits together")
}

/// The device half with its platform.
pub(crate) struct PlatformBack {
    platform: Platform,
    agent: AgentId,
    device: Device<Ticket, Chain>,
    connected: bool,
}

impl PlatformBack {
    pub(crate) fn new() -> Self {
        let platform = platform();
        let agent = platform.agent("guest").expect("it was added");
        Self { platform, agent, device: Device::new(64), connected: false }
    }
}

impl Back for PlatformBack {
    fn run(&mut self, now: Time, commands: &mut Ring, events: Option<&mut Ring>) {
        if !self.connected {
            self.platform.connect(now, self.agent, Link::new(events.is_some()));
            self.connected = true;
        }
        self.platform.poll(now);
        let mut agent = PlatformAgent::new(&mut self.platform, self.agent);
        self.device.replies(&mut agent, commands, 64);
        self.device.commands(now, &mut agent, commands, 64);
        if let Some(events) = events {
            self.device.events(&mut agent, events, 64);
        }
    }

    fn next_deadline(&self) -> Option<Time> {
        self.platform.next_deadline()
    }

    fn reset(&mut self, now: Time) {
        self.device.forget();
        self.platform.disconnect(now, self.agent);
        self.connected = false;
    }
}

impl DeviceQueue for Ring {
    type Chain = Chain;

    fn pop(&mut self, chain: &mut Chain) -> Popped {
        let Some(popped) = Self::pop(self) else { return Popped::Empty };
        let shape = Shape { readable: len(&popped.readable), writable: popped.room(), fault: None };
        *chain = popped;
        Popped::Chain(shape)
    }

    fn undo_pop(&mut self) {
        self.next_available = self.next_available.wrapping_sub(1);
    }

    fn read(&self, chain: &Chain, into: &mut [u8]) -> Result<usize, OutsideMemory> {
        let bytes = Self::read(self, chain);
        let len = bytes.len().min(into.len());
        into[..len].copy_from_slice(&bytes[..len]);
        Ok(len)
    }

    fn write(&self, chain: &Chain, bytes: &[u8]) -> Result<(), OutsideMemory> {
        Self::write(self, chain, bytes);
        Ok(())
    }

    fn complete(&mut self, chain: &Chain, used: usize) {
        Self::complete(self, chain.head.into(), u32::try_from(used).expect("small"));
    }
}
