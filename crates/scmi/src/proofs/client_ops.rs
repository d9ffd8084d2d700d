//! A client whose channel loses, holds back, repeats and flips.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::RefCell;
use core::time::Duration;

use super::board::{Board, is_value_of};
use super::input::Input;
use crate::agent::{CallError, Client, Timeouts};
use crate::platform::{AgentId, Link, Platform};
use crate::protocol::base::agent as base;
use crate::protocol::base::platform::Identity;
use crate::protocol::sensor::agent::Sensors;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::sensor::wire::{ConfigWord, Interval, Reading};
use crate::time::Time;
use crate::transport::{Channel, Limits, Loopback, Mischief, Odds, Received, SendError};
use crate::wire::Status;

const SLOTS: usize = 4;
const RESPONSE: Duration = Duration::from_millis(300);
const DELAYED: Duration = Duration::from_millis(500);
const MOST_STEPS: usize = 100;

/// Calls over a bad channel: each ends in time, with its own answer or with a reason. When the channel is good
/// again, so are the calls; only what was truly lost stays lost.
pub fn client_ops(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let odds = Odds {
        lose: input.byte() / 4,
        hold: input.byte() / 2,
        repeat: input.byte() / 2,
        flip: if input.chance(128) { input.byte() / 4 } else { 0 },
        ..Odds::default()
    };
    // Lies about lengths change answers like flipped bits do; buffers that nobody sent change nothing.
    let lies = if input.chance(64) { input.byte() / 4 } else { 0 };
    let odds = Odds { cut: lies, stretch: lies, invent: input.byte() / 8, ..odds };
    let spoils = odds.flip > 0 || lies > 0;
    let seed = input.word().into();
    let mischief = Rc::new(RefCell::new(Mischief::new(loopback(), odds, seed)));
    let mut channel = Shared(Rc::clone(&mischief));
    let mut client = Client::<SLOTS>::new(&mut channel);
    client.set_timeouts(Timeouts { response: RESPONSE, delayed: DELAYED, ..Timeouts::DEFAULT });
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        step(&mut client, &mut input, spoils);
    }

    mischief.borrow_mut().behave();
    let until = client.now().after(RESPONSE + DELAYED);
    while client.next_event(until).is_some() {}
    let [lost, _, _, flipped, cut, ..] = mischief.borrow().done;
    let still = client.agent().lost();
    assert!(
        u32::try_from(still).expect("few") <= lost + flipped + cut,
        "{still}: {lost}, {flipped} and {cut}"
    );
    if still < SLOTS {
        everything_works(&mut client);
    } else {
        let full = base::discover(&mut client);
        let lost = u16::try_from(SLOTS).expect("few");
        assert_eq!(full, Err(CallError::NoSlot { lost }));
    }
}

/// A channel that somebody else holds too.
struct Shared(Rc<RefCell<Mischief<Loopback>>>);

impl Channel for Shared {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.0.borrow_mut().send(tag, request, room)
    }
    fn send_delayed(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.0.borrow_mut().send_delayed(tag, request, room)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        self.0.borrow_mut().receive(buffer)
    }

    fn now(&self) -> Time {
        self.0.borrow().now()
    }

    fn wait(&mut self, until: Time) {
        self.0.borrow_mut().wait(until);
    }

    fn limits(&self) -> Limits {
        self.0.borrow().limits()
    }
}

fn loopback() -> Loopback {
    let platform = Platform::builder(Identity::default())
        .server(Box::new(SensorServer::new(Box::new(Board::mixed()))))
        .agent("one", &[])
        .build()
        .expect("it fits together");
    Loopback::new(platform, AgentId::from_index(0).expect("small"), Link::new(true))
}

fn no_reading() -> Reading {
    Reading { value: 0.into(), timestamp: 0.into() }
}

fn step(client: &mut Client<'_, SLOTS>, input: &mut Input<'_>, flips: bool) {
    let board = Board::mixed();
    let sensor = input.below(board.sensors.len());
    let id = u32::try_from(sensor).expect("small");
    let before = client.now();
    let sensors = match input.below(8) {
        0 => return ended(base::discover(client), flips),
        1 => return ended(base::protocols(client, &mut |_| ()), flips),
        2 => {
            let until = client.now().after(Duration::from_millis(input.byte().into()));
            client.next_event(until);
            return;
        }
        choice => Sensors::open(client).map(|sensors| (sensors, choice)),
    };
    let (mut sensors, choice) = match sensors {
        Ok(opened) => opened,
        Err(error) => return ended::<()>(Err(error), flips),
    };
    match choice {
        3 => ended(sensors.describe(&mut |_| ()), flips),
        4 => ended(sensors.notify_updates(id, input.chance(128)), flips),
        5 => {
            let interval = Interval { seconds: 10, exponent: -3 };
            ended(sensors.set_config(id, ConfigWord::new(true, false, interval)), flips);
        }
        _ => {
            let mut readings = [no_reading(); 3];
            let came = if choice == 6 {
                sensors.read(id, &mut readings)
            } else {
                sensors.read_async(id, &mut readings)
            };
            if let (Ok(came), false) = (came, flips) {
                check_readings(&board, sensor, &readings[..came]);
            }
            ended(came, flips);
            // Two calls to open, one to read.
            assert!(client.now().since(before) <= 3 * RESPONSE + DELAYED);
        }
    }
}

fn check_readings(board: &Board, sensor: usize, readings: &[Reading]) {
    assert_eq!(readings.len(), board.sensors[sensor].axes.len().max(1));
    for (axis, reading) in readings.iter().enumerate() {
        let value = reading.value.get();
        assert!(is_value_of(value, sensor, axis), "the answer of another call: {value}");
    }
}

/// Whether a call may end so.
fn ended<T>(result: Result<T, CallError>, flips: bool) {
    match result {
        Err(CallError::Refused(status)) if !flips => {
            let due = [
                Status::NOT_SUPPORTED,
                Status::HARDWARE_ERROR,
                Status::BUSY,
                Status::INVALID_PARAMETERS,
            ];
            assert!(due.contains(&status), "{status}");
        }
        Err(error @ (CallError::Channel(_) | CallError::TooLarge { .. })) => panic!("{error:?}"),
        _ => {}
    }
}

fn everything_works(client: &mut Client<'_, SLOTS>) {
    base::discover(client).expect("it answers");
    assert_eq!(base::protocols(client, &mut |_| ()), Ok(1));
    let board = Board::mixed();
    let mut sensors = Sensors::open(client).expect("it answers");
    let mut described = 0;
    sensors.describe(&mut |_| described += 1).expect("it answers");
    assert_eq!(described, board.sensors.len());
    for (sensor, about) in board.sensors.iter().enumerate() {
        let id = u32::try_from(sensor).expect("small");
        let mut readings = [no_reading(); 3];
        let broken = CallError::Refused(Status::HARDWARE_ERROR);
        let came = match sensors.read(id, &mut readings) {
            Err(error) if board.broken[sensor] => {
                assert_eq!(error, broken);
                continue;
            }
            came => came.expect("it answers"),
        };
        check_readings(&board, sensor, &readings[..came]);
        if about.asynchronous {
            let came = sensors.read_async(id, &mut readings).expect("it answers");
            check_readings(&board, sensor, &readings[..came]);
        }
    }
}
