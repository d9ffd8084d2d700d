//! An agent over the driver, and our own device half at the other end of the rings.

use core::time::Duration;

use scmi::agent::{CallerExt, Client};
use scmi::transport::{Channel, Received};
use scmi::wire::{Header, MessageId, MessageType, ProtocolId};

use super::{TestDriver, next};
use crate::driver::testing::{Handle, Heap, MmioFake, PlatformBack};
use crate::driver::{Driver, MmioTransport, Options};

fn driver(options: Options, entries: [u16; 2]) -> TestDriver {
    let memory = Heap::new(options.memory(16, 16));
    let machine = Handle::new(memory.clone(), entries, PlatformBack::new());
    let transport = MmioTransport::new(MmioFake::new(&machine)).expect("an SCMI device");
    Driver::new(transport, memory, machine, options).expect("it starts")
}

fn command(protocol: ProtocolId, message: u8, token: u16, params: &[u32]) -> std::vec::Vec<u8> {
    let header = Header::command(protocol, MessageId(message), token).word();
    let words = core::iter::once(&header).chain(params);
    words.flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn a_client_asks_over_interrupts_and_over_polling() {
    for interrupts in [false, true] {
        for entries in [[2, 2], [256, 256]] {
            let options = Options { interrupts, ..Options::DEFAULT };
            let mut driver = driver(options, entries);
            let mut client: Client<'_> = Client::new(&mut driver);
            for _ in 0..20 {
                let version = client.protocol_version(ProtocolId::BASE).expect("an answer");
                assert_eq!(version.0, 0x2_0001);
                client.protocol_version(ProtocolId::CLOCK).expect_err("there are no clocks");
            }
        }
    }
}

#[test]
fn a_delayed_response_and_notifications_come_through_the_event_queue() {
    let mut driver = driver(Options::DEFAULT, [16, 2]);
    // SENSOR_READING_GET of sensor 0, asynchronously.
    driver.send(0, &command(ProtocolId::SENSOR, 0x06, 9, &[0, 1]), 136).expect("sent");
    let until = driver.now().after(Duration::from_secs(1));
    let mut kinds = std::vec::Vec::new();
    while kinds.len() < 2 && driver.now() < until {
        match next(&mut driver) {
            Some((received, bytes)) => {
                let header = Header::parse(&bytes).expect("a header");
                assert_eq!(header.token(), 9);
                kinds.push((matches!(received, Received::Event { .. }), header.kind()));
            }
            None => driver.wait(until),
        }
    }
    assert_eq!(kinds, [(false, MessageType::COMMAND), (true, MessageType::DELAYED_RESPONSE)]);
    // SENSOR_CONTINUOUS_UPDATE_NOTIFY, and the sensor switched on, every 10 ms.
    driver.send(0, &command(ProtocolId::SENSOR, 0x0B, 1, &[0, 1]), 136).expect("sent");
    driver.send(1, &command(ProtocolId::SENSOR, 0x0A, 2, &[0, 1]), 136).expect("sent");
    let (mut replies, mut events) = (0, 0);
    let until = driver.now().after(Duration::from_secs(1));
    while events < 50 && driver.now() < until {
        match next(&mut driver) {
            Some((Received::Reply { .. }, bytes)) => {
                assert_eq!(bytes[4..8], [0; 4], "success");
                replies += 1;
            }
            Some((Received::Event { .. }, bytes)) => {
                let header = Header::parse(&bytes).expect("a header");
                assert_eq!(header.kind(), MessageType::NOTIFICATION);
                events += 1;
            }
            None => driver.wait(until),
        }
    }
    assert_eq!((replies, events), (2, 50));
    assert_eq!(driver.counters().events, 51);
}
