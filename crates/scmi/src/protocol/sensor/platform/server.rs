//! Answers the Sensor protocol's messages from a model.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::super::wire::{
    Attributes, AxisDescriptionGet, AxisNameGet, ConfigGet, ConfigSet, ConfigWord,
    ContinuousUpdateNotify, DescriptionGet, Interval, ListUpdateIntervals, NameGet, Reading,
    ReadingGet, TripControl, TripPointConfig, TripPointEvent, TripPointNotify, Update,
};
use super::super::{INFO, V2};
use super::describe;
use super::model::{Intervals, Sensor, SensorConfig, SensorModel};
use super::sample::{Trip, Watch};
use crate::platform::{
    Call, Handled, Outbox, Rights, Server, Space, StateEntry, Statement, Topic, Withdrawal, Work,
    exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::{NO_SUCH_VALUE, enable, put_name, subscribed};
use crate::time::{Time, earliest};
use crate::wire::{Full, I64, MessageId, Reader, Status, U32, U64, Version, Writer};

const TRIP_POINT_EVENT: MessageId = MessageId(0);
const UPDATE: MessageId = MessageId(1);

/// The Sensor protocol over a model.
///
/// Configuration and trip points are the sensor's, common to all agents, and the last writer wins; subscriptions
/// are each agent's own.
#[derive(Debug)]
pub struct SensorServer {
    pub(super) model: Box<dyn SensorModel>,
    pub(super) watches: Vec<Watch>,
    /// One sample of the sensor with the most axes.
    pub(super) values: Vec<i64>,
    due: Option<Time>,
}

impl SensorServer {
    /// Most asynchronous reads of an agent at once.
    pub const MAX_ASYNC: u8 = 16;

    /// A server over a model. Sensors beyond the 65535th are not shown.
    pub fn new(model: Box<dyn SensorModel>) -> Self {
        let watches = model.sensors().iter().take(0xFFFF).map(Watch::new).collect();
        let most = model.sensors().iter().map(values_of).max().unwrap_or(0);
        Self { model, watches, values: vec![0; most], due: None }
    }

    fn sensors(&self) -> &[Sensor] {
        self.model.sensors().get(..self.watches.len()).unwrap_or_default()
    }

    fn sensor(&self, call: &Call<'_>, id: U32) -> Result<(usize, &Sensor), Status> {
        let id = call.find(Space::Sensor, id)?;
        Ok((id, self.sensors().get(id).ok_or(Status::NOT_FOUND)?))
    }

    fn watch(&mut self, id: usize) -> Result<&mut Watch, Status> {
        self.watches.get_mut(id).ok_or(Status::NOT_FOUND)
    }

    fn attributes(&self, call: &Call<'_>, reply: &mut Writer<'_>) -> Result<(), Status> {
        let count = u32::try_from(call.count(Space::Sensor)).unwrap_or(0xFFFF);
        let seen = (0..count).filter_map(|id| call.listed(Space::Sensor, id));
        let mut seen = seen.filter_map(|id| self.sensors().get(id));
        let asynchronous = call.p2a && seen.any(|sensor| sensor.asynchronous);
        let max = if asynchronous { u32::from(Self::MAX_ASYNC) } else { 0 };
        reply.put(&Attributes {
            attributes: U32::new(max << 16 | count),
            shared_memory_address: U64::new(0),
            shared_memory_length: U32::new(0),
        })?;
        Ok(())
    }

    fn trip_point_notify(
        &mut self,
        call: &mut Call<'_>,
        request: TripPointNotify,
    ) -> Result<(), Status> {
        let (id, sensor) = self.sensor(call, request.sensor)?;
        let enable = enable(request.enable)?;
        if sensor.trip_points == 0 {
            return Err(Status::NOT_SUPPORTED);
        }
        let watch = self.watch(id)?;
        watch.trip_agents.set(call.agent, enable);
        watch.reschedule(call.now, false);
        if !enable {
            call.outbox.cancel(call.agent, TRIP_POINT_EVENT, Topic::new(Space::Sensor, id));
        }
        self.begin_trips(call.now, id);
        Ok(())
    }

    fn trip_point_config(
        &mut self,
        call: &Call<'_>,
        request: TripPointConfig,
    ) -> Result<(), Status> {
        let (id, sensor) = self.sensor(call, request.sensor)?;
        let control = request.control.get();
        if control & TripControl::RESERVED != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        if sensor.trip_points == 0 {
            return Err(Status::NOT_SUPPORTED);
        }
        let control = TripControl(control);
        call.may(Space::Sensor, id, Rights::LIMITS)?;
        let watch = self.watch(id)?;
        let trip = watch.trips.get_mut(usize::from(control.trip_point()));
        *trip.ok_or(Status::INVALID_PARAMETERS)? =
            Trip::new(control.mode(), request.value.get(), call.agent);
        watch.reschedule(call.now, false);
        self.begin_trips(call.now, id);
        Ok(())
    }

    /// Looks on which side of its trip points a sensor is now, so that the first sample can cross one.
    pub(super) fn begin_trips(&mut self, now: Time, id: usize) {
        self.redue();
        let Some(watch) = self.watches.get_mut(id).filter(|watch| watch.wants_side()) else {
            return;
        };
        let mut value = [0];
        // A sensor that cannot be read now begins with the first sample that can.
        if self.model.read(now, id, &mut value).is_ok() {
            let [value] = value;
            watch.begin(value);
        }
    }

    fn reading_get(
        &mut self,
        call: &Call<'_>,
        request: ReadingGet,
        reply: &mut Writer<'_>,
    ) -> Result<Handled, Status> {
        let (id, sensor) = self.sensor(call, request.sensor)?;
        let flags = request.flags.get();
        if flags & !1 != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        let asynchronous = flags == 1;
        if asynchronous && !(sensor.asynchronous && call.p2a) {
            return Err(Status::NOT_SUPPORTED);
        }
        let read_time = sensor.read_time;
        self.check_enabled(call.version, id)?;
        let number = u64::try_from(id).unwrap_or(u64::MAX);
        let work = Work(number << 1 | u64::from(asynchronous));
        if asynchronous {
            if call.owed >= usize::from(Self::MAX_ASYNC) {
                return Err(Status::BUSY);
            }
            return Ok(Handled::Delayed(read_time, work));
        }
        if !read_time.is_zero() {
            return Ok(Handled::Late(read_time, work));
        }
        self.read(call.now, call.version, id, reply)?;
        Ok(Handled::Now)
    }

    /// Reading a disabled sensor is an error of protocol, from the version on that can disable one.
    fn check_enabled(&self, version: Version, id: usize) -> Result<(), Status> {
        let enabled = self.watches.get(id).is_some_and(|watch| watch.config.enabled);
        if enabled || version < V2 { Ok(()) } else { Err(Status::PROTOCOL_ERROR) }
    }

    /// Appends what a sensor reads now.
    fn read(
        &mut self,
        now: Time,
        version: Version,
        id: usize,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let sensor = self.model.sensors().get(id).ok_or(Status::NOT_FOUND)?;
        let timestamp =
            self.watches.get(id).map_or(0, |watch| timestamp(sensor, watch.config, now));
        let values = self.values.get_mut(..values_of(sensor)).unwrap_or_default();
        self.model.read(now, id, values)?;
        put_readings(reply, version, values, timestamp)?;
        Ok(())
    }

    fn config_set(&mut self, call: &Call<'_>, request: ConfigSet) -> Result<(), Status> {
        let (id, sensor) = self.sensor(call, request.sensor)?;
        if request.config.get() & ConfigWord::RESERVED != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        let word = ConfigWord(request.config.get());
        let sets_interval = word.interval().seconds != 0;
        if word.timestamps() && sensor.timestamps.is_none()
            || sets_interval && sensor.intervals == Intervals::None
        {
            return Err(Status::NOT_SUPPORTED);
        }
        call.may(Space::Sensor, id, Rights::STATE)?;
        let interval = if sets_interval {
            Some(sensor.intervals.round(word.interval(), word.rounding())?)
        } else {
            None
        };
        let watch = self.watch(id)?;
        let before = watch.config;
        watch.set_by = Some(call.agent);
        watch.config = SensorConfig {
            enabled: word.enabled(),
            timestamps: word.timestamps(),
            interval: interval.unwrap_or(before.interval),
        };
        let config = watch.config;
        watch.reschedule(call.now, before.interval != config.interval);
        self.redue();
        self.model.configured(call.now, id, config);
        Ok(())
    }

    fn continuous_update_notify(
        &mut self,
        call: &mut Call<'_>,
        request: ContinuousUpdateNotify,
    ) -> Result<(), Status> {
        let (id, sensor) = self.sensor(call, request.sensor)?;
        let enable = enable(request.enable)?;
        if !sensor.updates {
            return Err(Status::NOT_SUPPORTED);
        }
        let watch = self.watch(id)?;
        watch.update_agents.set(call.agent, enable);
        watch.reschedule(call.now, false);
        subscribed(call, UPDATE, Topic::new(Space::Sensor, id), enable);
        self.redue();
        Ok(())
    }

    fn redue(&mut self) {
        self.due = self.watches.iter().fold(None, |due, watch| earliest(due, watch.due));
    }

    /// Takes a sample of a sensor that is due, and tells whoever waits for it.
    fn sample(&mut self, now: Time, id: usize, outbox: &mut Outbox<'_>) {
        let Some(sensor) = self.model.sensors().get(id) else { return };
        let Some(watch) = self.watches.get_mut(id) else { return };
        watch.advance(now);
        let timestamp = timestamp(sensor, watch.config, now);
        let values = self.values.get_mut(..values_of(sensor)).unwrap_or_default();
        if self.model.read(now, id, values).is_err() {
            // Whoever reads it learns of the fault; there is no event that could say so.
            return;
        }
        let topic = Topic::new(Space::Sensor, id);
        for agent in watch.update_agents.iter() {
            outbox.notify(agent, UPDATE, topic, &mut |w, seen| {
                w.put(&Update { agent: U32::new(0), sensor: seen.word() })?;
                put_readings(w, V2, values, timestamp)
            });
        }
        if let [value] = *values {
            trip_events(watch, value, topic, outbox);
        }
    }
}

/// Tells the subscribers which trip points a sample crossed.
fn trip_events(watch: &mut Watch, value: i64, topic: Topic, outbox: &mut Outbox<'_>) {
    for (number, trip) in (0_u8..).zip(&mut watch.trips) {
        let Some(rising) = trip.cross(value) else { continue };
        let description = u32::from(number) | if rising { 1 << 16 } else { 0 };
        let description = U32::new(description);
        for agent in watch.trip_agents.iter() {
            outbox.notify(agent, TRIP_POINT_EVENT, topic.part(number), &mut |w, seen| {
                w.put(&TripPointEvent { agent: U32::new(0), sensor: seen.word(), description })
            });
        }
    }
}

pub(super) fn values_of(sensor: &Sensor) -> usize {
    sensor.axes.len().max(1)
}

/// The time in the sensor's own unit of ten to so many seconds; 0 when timestamps are off.
fn timestamp(sensor: &Sensor, config: SensorConfig, now: Time) -> u64 {
    let Some(exponent) = sensor.timestamps.filter(|_| config.timestamps) else { return 0 };
    let mut time = now.as_nanos();
    for _ in -9..exponent {
        time /= 10;
    }
    for _ in exponent..-9 {
        time = time.saturating_mul(10);
    }
    time
}

fn put_readings(
    w: &mut Writer<'_>,
    version: Version,
    values: &[i64],
    timestamp: u64,
) -> Result<(), Full> {
    if version < V2 {
        // One value, without a time.
        let first = values.first().copied().unwrap_or_default();
        return w.put(&I64::new(first));
    }
    let mut readings = values
        .iter()
        .map(|value| Reading { value: I64::new(*value), timestamp: U64::new(timestamp) });
    readings.try_for_each(|reading| w.put(&reading))
}

impl Server for SensorServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn resources(&self, space: Space) -> usize {
        if space == Space::Sensor { self.watches.len() } else { 0 }
    }

    fn max_payload(&self) -> usize {
        let readings = size_of::<Reading>().saturating_mul(self.values.len());
        size_of::<Update>().saturating_add(readings)
    }

    fn handle(
        &mut self,
        call: &mut Call<'_>,
        message: MessageId,
        params: Reader<'_>,
        reply: &mut Writer<'_>,
    ) -> Result<Handled, Status> {
        match message.0 {
            0x1 => {
                exact::<[u8; 0]>(params)?;
                self.attributes(call, reply)?;
            }
            0x3 => {
                let index = exact::<DescriptionGet>(params)?.index.get();
                describe::sensors(call, self.sensors(), index, reply)?;
            }
            0x4 => self.trip_point_notify(call, exact(params)?)?,
            0x5 => self.trip_point_config(call, exact(params)?)?,
            0x6 => return self.reading_get(call, exact(params)?, reply),
            0x7 => {
                let request: AxisDescriptionGet = exact(params)?;
                let axes = with_axes(self.sensor(call, request.sensor)?.1)?;
                describe::axes(call, axes, request.index.get(), reply)?;
            }
            0x8 => {
                let request: ListUpdateIntervals = exact(params)?;
                let sensor = self.sensor(call, request.sensor)?.1;
                describe::intervals(&sensor.intervals, request.index.get(), reply)?;
            }
            0x9 => {
                let (id, _) = self.sensor(call, exact::<ConfigGet>(params)?.sensor)?;
                let config = self.watch(id)?.config;
                reply.put(&U32::new(config.word()))?;
            }
            0xA => self.config_set(call, exact(params)?)?,
            0xB => self.continuous_update_notify(call, exact(params)?)?,
            0xC => put_name(&self.sensor(call, exact::<NameGet>(params)?.sensor)?.1.name, reply)?,
            0xD => {
                let request: AxisNameGet = exact(params)?;
                let axes = with_axes(self.sensor(call, request.sensor)?.1)?;
                describe::axis_names(axes, request.index.get(), reply)?;
            }
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn finish(
        &mut self,
        call: &mut Call<'_>,
        work: Work,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let id = usize::try_from(work.0 >> 1).map_err(|_| Status::GENERIC_ERROR)?;
        // It may have been taken from the agent, or disabled, since it was asked for.
        if call.is_taken(Space::Sensor, id) {
            return Err(Status::DENIED);
        }
        self.check_enabled(call.version, id)?;
        if work.0 & 1 == 1 {
            reply.put(&call.seen(Space::Sensor, id).ok_or(Status::NOT_FOUND)?.word())?;
        }
        self.read(call.now, call.version, id, reply)
    }

    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        for id in 0..self.watches.len() {
            let due = self.watches.get(id).and_then(|watch| watch.due);
            if due.is_some_and(|due| due <= now) {
                self.sample(now, id, outbox);
            }
        }
        self.redue();
    }

    fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    fn withdraw(&mut self, now: Time, what: &Withdrawal<'_>) {
        for (id, watch) in self.watches.iter_mut().enumerate() {
            if !what.covers(Space::Sensor, id) {
                continue;
            }
            watch.trip_agents.remove(what.agent());
            watch.update_agents.remove(what.agent());
            let sensor = self.model.sensors().get(id).filter(|_| what.restores());
            if let Some(sensor) = sensor {
                let before = watch.config;
                watch.restore(what.agent(), sensor);
                let config = watch.config;
                watch.reschedule(now, before.interval != config.interval);
                if before != config {
                    self.model.configured(now, id, config);
                }
            }
            watch.reschedule(now, false);
        }
        self.redue();
    }
    fn identify(
        &self,
        _space: Space,
        id: usize,
        to: &mut dyn core::fmt::Write,
    ) -> core::fmt::Result {
        self.identify_sensor(id, to)
    }

    fn state(&self, _space: Space, id: usize, say: &mut Statement<'_>) {
        self.say(id, say);
    }

    fn check_state(&self, entry: &StateEntry) -> Result<(), &'static str> {
        if self.can_be(entry) { Ok(()) } else { Err(NO_SUCH_VALUE) }
    }

    fn restore_state(&mut self, now: Time, entries: &[StateEntry]) {
        self.take_back(now, entries);
    }
}

fn with_axes(sensor: &Sensor) -> Result<&[super::model::Axis], Status> {
    if sensor.axes.is_empty() { Err(Status::NOT_SUPPORTED) } else { Ok(&sensor.axes) }
}

impl Default for SensorConfig {
    /// On, without timestamps and without an interval.
    fn default() -> Self {
        Self { enabled: true, timestamps: false, interval: Interval::default() }
    }
}
