//! Neither end of a vhost-user channel allocates for a message: not for an answer, a refusal, or a delayed response
//! through the event queue.
//!
//! The device runs in a thread of this process, and allocations are counted in that thread alone, from its start to
//! its end. What is left when the allocations of a short life are taken from those of a long one belongs to messages.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use allocation_counter::measure;
use scmi::transport::{Channel, Received};
use scmi_bench::{Message, ROOM};
use scmi_board::Board;
use scmi_trace::{Channel as Way, Entry, Kind, Port, Tracer};
use scmi_vhost::MonotonicClock;
use scmi_vhost::backend::{Hub, Record, Server, Stop, Tap};
use scmi_vhost::frontend::{Frontend, Options};

const BOARD: &str = r#"
[platform]
vendor = "scmi"

[[sensor]]
name = "accel"
type = "acceleration"
async = true

[[sensor.axis]]
name = "X"
source = 1

[[sensor.axis]]
name = "Y"
source = 2

[[sensor.axis]]
name = "Z"
source = 3

[[agent]]
name = "test"
"#;

/// A command, how many are sent at once, and how many events each of them leads to.
struct Burst {
    request: Vec<u8>,
    count: u16,
    events: usize,
}

fn bursts() -> [Burst; 4] {
    let reading = Message::SensorReadingGet.request(1);
    let unknown_sensor = [&reading[..4], &[0xFF, 0, 0, 0], &[0; 4]].concat();
    let asynchronous = [&reading[..8], &[1, 0, 0, 0]].concat();
    [
        Burst { request: Message::ProtocolVersion.request(1), count: 1, events: 0 },
        Burst { request: reading, count: 32, events: 0 },
        Burst { request: unknown_sensor, count: 8, events: 0 },
        Burst { request: asynchronous, count: 8, events: 1 },
    ]
}

/// Sends all bursts so many times, one after the other, and takes everything that comes for them.
fn talk(frontend: &mut Frontend, bursts: &[Burst], rounds: usize) {
    let mut buffer = [0; ROOM];
    for burst in (0..rounds).flat_map(|_| bursts) {
        for tag in 0..burst.count {
            frontend.send(tag, &burst.request, ROOM).expect("sent");
        }
        let (mut replies, mut events) = (0, 0);
        let deadline = frontend.now().after(core::time::Duration::from_secs(60));
        while replies < usize::from(burst.count) || events < burst.events * usize::from(burst.count)
        {
            match frontend.receive(&mut buffer) {
                Some(Received::Reply { len, .. }) => {
                    assert!(len >= 8, "an answer of {len} bytes");
                    replies += 1;
                }
                Some(Received::Event { len }) => {
                    assert_eq!(len, 8 + 4 + 48, "a delayed reading");
                    events += 1;
                }
                None => {
                    assert!(frontend.now() < deadline, "{replies} replies, {events} events");
                    frontend.wait(deadline);
                }
            }
        }
    }
}

/// Allocations of a device thread in its whole life, and of its client while it talked, after a first round.
fn life(socket: &Path, rounds: usize, tap: Option<Arc<dyn Tap>>) -> (u64, u64) {
    let platform = Board::parse(BOARD, "board").expect("board").platform().expect("platform");
    let agent = platform.agent("test").expect("agent");
    let hub = Hub::new(platform, MonotonicClock::new());
    let mut server = Server::bind(socket).expect("socket");
    if let Some(tap) = tap {
        server.tap(tap);
    }
    let stop = Stop::new().expect("stop");
    let bursts = bursts();
    thread::scope(|scope| {
        let device = scope.spawn(|| {
            let info = measure(|| server.serve(&hub, agent, &stop).expect("served"));
            info.count_total
        });
        let mut frontend = Frontend::connect(socket, Options::default()).expect("connected");
        talk(&mut frontend, &bursts, 1);
        let client = measure(|| talk(&mut frontend, &bursts, rounds)).count_total;
        stop.stop();
        (device.join().expect("the device's thread"), client)
    })
}

#[test]
fn no_message_allocates_at_either_end() {
    let dir = tempfile::tempdir().expect("directory");
    let socket = dir.path().join("test.sock");
    let short = life(&socket, 1, None);
    let long = life(&socket, 200, None);
    assert!(short.0 > 0, "connecting allocates, so the device's allocations are really counted");
    assert_eq!(long.0 - short.0, 0, "the device allocated for messages");
    assert_eq!((short.1, long.1), (0, 0), "the client allocated for messages");
}

/// Gives all that it is told to a trace.
#[derive(Debug)]
struct Traced(Mutex<Port>);

impl Tap for Traced {
    fn saw(&self, record: &Record<'_>) {
        let Record { message, len, room, used, reason, mark, .. } = *record;
        let (kind, channel) = (Kind::Answer, Way::A2p);
        let entry = Entry { kind, channel, room, used, message, len, reason, mark };
        self.0.lock().expect("one thread").record(&entry);
    }
}

#[test]
fn nor_does_one_that_is_listened_to() {
    let dir = tempfile::tempdir().expect("directory");
    let socket = dir.path().join("test.sock");
    let traced = |rounds| {
        let (tracer, mut ports) = Tracer::start(std::io::sink(), &["test"], None).expect("trace");
        let port = ports.pop().expect("a port");
        let (device, _) = life(&socket, rounds, Some(Arc::new(Traced(Mutex::new(port)))));
        (device, tracer.finish().agents[0].1)
    };
    let (short, long) = (traced(1), traced(200));
    assert!(long.1 > 200 * 98, "{long:?}: it was listened to");
    assert_eq!(long.0 - short.0, 0, "the device allocated for messages");
}
