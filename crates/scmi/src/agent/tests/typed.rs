//! The typed calls on tasks: the same calls as on a client, over a platform of ours.

use alloc::boxed::Box;
use core::cell::RefCell;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::vec::Vec;

use crate::agent::{CallError, CallerExt, Client, Link, Tasks};
use crate::platform::{AgentId, Link as Way, Platform};
use crate::proofs::board::{Board, is_value_of};
use crate::protocol::base::agent::{self as base, Discovering, ListingProtocols};
use crate::protocol::base::platform::Identity;
use crate::protocol::clock::agent::Clocks;
use crate::protocol::sensor::agent::Sensors;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::sensor::wire::Reading;
use crate::protocol::system::agent::SystemPower;
use crate::time::Time;
use crate::transport::{Channel, Loopback};
use crate::wire::{ProtocolId, Status};

type Looped = RefCell<Link<Loopback>>;

fn loopback() -> Loopback {
    let platform = Platform::builder(Identity::default())
        .server(Box::new(SensorServer::new(Box::new(Board::mixed()))))
        .agent("one", &[])
        .build()
        .expect("it fits together");
    Loopback::new(platform, AgentId::from_index(0).expect("small"), Way::new(true))
}

/// A small executor: whenever nothing goes on, time does.
fn run<T>(tasks: &Tasks<Looped>, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..1000 {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
        let until = tasks.pump().unwrap_or(Time::NEVER);
        tasks.with(|link| link.channel_mut().expect("attached").wait(until)).expect("unlocked");
    }
    panic!("it does not end");
}

#[test]
fn tasks_and_clients_see_the_same_platform() {
    let tasks = Tasks::new(RefCell::new(Link::new(loopback())));
    let (mut protocols, mut names) = (Vec::new(), Vec::new());
    let seen = run(&tasks, async {
        let discovery = tasks.run(Discovering::new()).await?;
        let mut each = |id| protocols.push(id);
        let count = tasks.run(ListingProtocols::new(&mut each)).await?;
        assert_eq!(count, 1);
        let mut sensors = Sensors::open_on(&tasks).await?;
        sensors.describe(&mut |info| names.push(info.name)).await?;
        Ok::<_, CallError>((discovery, sensors.version(), sensors.count()))
    });
    let (discovery, version, count) = seen.expect("it answers");

    let mut channel = loopback();
    let mut client = Client::<4>::new(&mut channel);
    assert_eq!(base::discover(&mut client), Ok(discovery));
    assert_eq!(client.protocol_version(ProtocolId::SENSOR), Ok(version));
    let mut sensors = Sensors::open(&mut client).expect("it answers");
    assert_eq!(sensors.count(), count);
    let mut same = Vec::new();
    sensors.describe(&mut |info| same.push(info.name)).expect("it answers");
    assert_eq!((protocols, names), (Vec::from([ProtocolId::SENSOR]), same));
}

#[test]
fn sensors_are_read_by_tasks_at_once_and_by_delayed_responses() {
    let tasks = Tasks::new(RefCell::new(Link::new(loopback())));
    let board = Board::mixed();
    for (id, about) in board.sensors.iter().enumerate() {
        let sensor = u32::try_from(id).expect("small");
        let mut readings = [Reading { value: 0.into(), timestamp: 0.into() }; 3];
        let came = run(&tasks, async {
            let mut sensors = Sensors::open_on(&tasks).await?;
            if about.asynchronous {
                sensors.read_async(sensor, &mut readings).await
            } else {
                sensors.read(sensor, &mut readings).await
            }
        });
        if board.broken[id] {
            assert_eq!(came, Err(CallError::Refused(Status::HARDWARE_ERROR)));
            continue;
        }
        let came = came.expect("it answers");
        assert_eq!(came, about.axes.len().max(1));
        for (axis, reading) in readings.iter().take(came).enumerate() {
            assert!(is_value_of(reading.value.get(), id, axis), "sensor {id}, axis {axis}");
        }
    }
}

#[test]
fn a_protocol_that_is_not_there_is_an_answer() {
    let mut channel = loopback();
    let mut client = Client::<4>::new(&mut channel);
    assert!(matches!(Clocks::find(&mut client), Ok(None)));
    assert!(matches!(SystemPower::find(&mut client), Ok(None)));
    assert!(matches!(Sensors::find(&mut client), Ok(Some(_))));
    let refused = Err(CallError::Refused(Status::NOT_SUPPORTED));
    assert_eq!(Clocks::open(&mut client).map(|clocks| clocks.count()), refused);

    let tasks = Tasks::new(RefCell::new(Link::new(loopback())));
    assert!(matches!(run(&tasks, Clocks::find_on(&tasks)), Ok(None)));
    assert!(matches!(run(&tasks, SystemPower::find_on(&tasks)), Ok(None)));
    assert!(matches!(run(&tasks, Sensors::find_on(&tasks)), Ok(Some(_))));
    assert_eq!(run(&tasks, Clocks::open_on(&tasks)).map(|clocks| clocks.count()), refused);
}
