//! The typed calls against a platform that lies.

use core::time::Duration;
use std::vec::Vec;

use super::input::Input;
use super::plausible;
use crate::agent::{Client, Timeouts};
use crate::protocol::sensor::agent::{Event as SensorEvent, Sensors};
use crate::protocol::sensor::wire::{ConfigWord, Reading, TripMode};
use crate::protocol::{base, sensor};
use crate::time::Time;
use crate::transport::{Channel, Limits, Received, SendError};
use crate::wire::{Header, MessageId};

/// A list has so many pages at most; and two commands to open the sensors, four for names.
const MOST_CALLS: usize = 4096 + 2 + 4;

const READING_GET: MessageId = MessageId(6);

/// Every typed call comes to an end after a bounded number of commands, whatever the platform answers.
///
/// The bytes are the platform's answers, over and over again, or with zeros ever after.
pub fn typed_calls(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let choice = input.byte();
    let over_again = input.chance(128);
    let p2a = input.chance(200);
    let named = 1 + u32::from(input.byte() & 1);
    let script = input.all();
    let mut channel = Liar {
        script,
        over_again,
        rest: Input::new(script),
        now: Time::ZERO,
        sent: 0,
        inbox: Vec::new(),
        named,
        p2a,
    };
    let mut client = Client::<4>::new(&mut channel);
    client.set_timeouts(Timeouts::all(Duration::from_millis(1)));
    call(&mut client, choice, named);
    while let Some(event) = client.next_event(Time::from_millis(20)) {
        parse_event(event.header(), event.payload());
    }
    assert!(client.now() < Time::from_millis(200));
}

/// One of the calls, with two to open the sensors first.
fn call(client: &mut Client<'_, 4>, choice: u8, named: u32) {
    let mut readings = [Reading { value: 0.into(), timestamp: 0.into() }; 5];
    // How a call on a liar ends does not matter: only that it does.
    match choice % 4 {
        0 => {
            let _ended = base::agent::discover(client);
            return;
        }
        1 => {
            let mut ids = 0;
            if let Ok(count) = base::agent::protocols(client, &mut |_| ids += 1) {
                assert_eq!(count, ids);
            }
            return;
        }
        2 => {
            let version = base::INFO.versions[usize::from(choice >> 2) % base::INFO.versions.len()];
            let _ended = base::agent::agent(client, version, 0);
            return;
        }
        _ => {}
    }
    let Ok(mut sensors) = Sensors::open(client) else { return };
    let axes = sensors.max_async();
    match (choice >> 2) % 10 {
        0 => {
            let mut described = 0;
            if sensors.describe(&mut |_| described += 1).is_ok() {
                assert_eq!(described, sensors.count());
            }
        }
        1 => {
            let mut infos = Vec::new();
            let _ended = sensors.describe(&mut |info| infos.push(*info));
            for info in infos.iter().take(4) {
                let _ended = sensors.name(info);
            }
        }
        2 => {
            let mut count = 0;
            if sensors.axes(1, axes, &mut |_| count += 1).is_ok() {
                assert_eq!(count, axes);
            }
        }
        3 => {
            let mut count = 0;
            if sensors.axis_names(1, axes, &mut |_| count += 1).is_ok() {
                assert_eq!(count, axes);
            }
        }
        4 => {
            let _ended = sensors.intervals(1, &mut |_| ());
        }
        5 => {
            let _ended = sensors.read(1, &mut readings);
        }
        6 => {
            let came = sensors.read_async(1, &mut readings);
            assert!(came.is_err() || named == 1, "the reading of another sensor");
        }
        7 => {
            let _ended = sensors.config(1);
        }
        8 => {
            let _ended = sensors.set_trip_point(1, 1, TripMode::BOTH, -1);
        }
        _ => {
            let _ended = sensors.set_config(1, ConfigWord(3));
        }
    }
}

fn parse_event(header: Header, payload: &[u8]) {
    if let Some(event) = base::agent::Event::parse(header, payload) {
        assert!(event.reports().count() <= payload.len() / 8);
    }
    if let Some(SensorEvent::Update { readings, .. }) = sensor::agent::Event::parse(header, payload)
    {
        assert!(readings.iter().count() <= payload.len() / 16);
    }
}

/// Answers from a script.
struct Liar<'a> {
    script: &'a [u8],
    rest: Input<'a>,
    now: Time,
    sent: usize,
    inbox: Vec<(Option<u16>, Vec<u8>)>,
    p2a: bool,
    over_again: bool,
    /// The sensor that delayed responses are for.
    named: u32,
}

impl Liar<'_> {
    /// The next answer: mostly with the right header and success, and words that could be there.
    fn answer(&mut self, header: Header, room: usize) -> Vec<u8> {
        if self.rest.is_empty() && self.over_again {
            self.rest = Input::new(self.script);
        }
        let input = &mut self.rest;
        let wrong = if input.chance(4) { input.word() } else { 0 };
        let status = if input.chance(8) { input.word() } else { 0 };
        let mut bytes = Vec::new();
        bytes.extend((header.word() ^ wrong).to_le_bytes());
        bytes.extend(status.to_le_bytes());
        if input.chance(128) {
            // A page of some entries that is never the last.
            bytes.extend((1 << 16 | u32::from(input.byte() & 7)).to_le_bytes());
        }
        let words = if input.chance(64) { input.below(64) } else { room.div_ceil(4) };
        while bytes.len() < words * 4 {
            bytes.extend(plausible::word(input).to_le_bytes());
        }
        if input.chance(16) {
            bytes.truncate(input.below(64));
        }
        bytes
    }
}

impl Channel for Liar<'_> {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.sent += 1;
        assert!(self.sent <= MOST_CALLS, "a call that does not end");
        let header = Header::parse(request).expect("a header");
        let answer = self.answer(header, room);
        if !self.rest.chance(4) {
            self.inbox.push((Some(tag), answer));
        }
        let asynchronous = header.message() == READING_GET && request.get(8) == Some(&1);
        if self.rest.chance(if asynchronous { 128 } else { 16 }) {
            let kind = if asynchronous { 2 } else { self.rest.byte() & 3 };
            let kind = Header::from_word(header.word() | u32::from(kind) << 8);
            let mut event = self.answer(kind, 32);
            if let Some(named) = event.get_mut(8..12).filter(|_| kind == header.delayed_response())
            {
                named.copy_from_slice(&self.named.to_le_bytes());
            }
            self.inbox.push((None, event));
        }
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let (tag, message) = self.inbox.pop()?;
        buffer.iter_mut().zip(&message).for_each(|(to, from)| *to = *from);
        let len = message.len().min(buffer.len());
        Some(tag.map_or(Received::Event { len }, |tag| Received::Reply { tag, len }))
    }

    fn now(&self) -> Time {
        self.now
    }

    fn wait(&mut self, until: Time) {
        self.now = self.now.max(until);
    }

    fn limits(&self) -> Limits {
        Limits { in_flight: 4, max_message: 136, p2a: self.p2a }
    }
}
