//! Traces are written and read back.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use scmi_trace::{
    Channel, Ended, Entry, Item, Kind, Matcher, Packet, Port, ReadError, Reader, Statistics, Tracer,
};

fn entry<'a>(kind: Kind, message: &'a [u8]) -> Entry<'a> {
    let channel = if kind == Kind::Event { Channel::P2a } else { Channel::A2p };
    let len = message.len();
    Entry { kind, channel, room: 0, used: 0, message, len, reason: None, mark: None }
}

fn read(path: &Path) -> (Vec<Packet>, Vec<Statistics>) {
    let (mut packets, mut statistics) = (Vec::new(), Vec::new());
    for item in Reader::new(File::open(path).expect("file")) {
        match item.expect("a good trace") {
            Item::Packet(packet) => packets.push(packet),
            Item::Statistics(found) => statistics.push(found),
            other => panic!("{other:?}"),
        }
    }
    (packets, statistics)
}

/// A header of Base PROTOCOL_VERSION with a token, of a type.
fn header(token: u32, kind: u32) -> [u8; 4] {
    (token << 18 | 0x10 << 10 | kind << 8).to_le_bytes()
}

#[test]
fn what_is_recorded_is_read_back_in_order_with_names_times_and_texts() {
    let directory = tempfile::tempdir().expect("tempdir");
    let path = directory.path().join("trace.pcapng");
    let file = File::create(&path).expect("file");
    let (tracer, mut ports) = Tracer::start(file, &["vm1", "vm2"], None).expect("start");
    let [one, two] = ports.two();
    let command = header(5, 0);
    one.record(&Entry { room: 40, ..entry(Kind::Command, &command) });
    two.record(&Entry { room: 136, used: 4, ..entry(Kind::Event, &header(0, 3)) });
    let reason = Some("no room for a header");
    two.record(&Entry { reason, mark: Some("cut on purpose"), ..entry(Kind::Dropped, &[]) });
    one.record(&Entry {
        used: 12,
        ..entry(Kind::Answer, &[command, [0; 4], [1, 0, 2, 0]].concat())
    });
    one.record(&entry(Kind::Command, &[7; 5000]));
    let status = tracer.finish();
    assert_eq!(status.agents, [("vm1".to_owned(), 3, 0), ("vm2".to_owned(), 2, 0)]);
    assert_eq!(status.bytes, std::fs::metadata(&path).expect("file").len());
    assert_eq!(status.ended, None);
    let (packets, statistics) = read(&path);
    let seen: Vec<_> =
        packets.iter().map(|p| (p.number, &*p.agent, p.kind, p.room, p.used)).collect();
    let expected = [
        (1, "vm1", Kind::Command, 40, 0),
        (2, "vm2", Kind::Event, 136, 4),
        (3, "vm2", Kind::Dropped, 0, 0),
        (4, "vm1", Kind::Answer, 0, 12),
        (5, "vm1", Kind::Command, 0, 0),
    ];
    assert_eq!(seen, expected);
    assert!(packets.is_sorted_by_key(|packet| packet.time), "{packets:?}");
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    assert!(now.saturating_sub(packets[0].time).as_secs() < 600, "the time of the day");
    assert_eq!(packets[0].message, command);
    assert_eq!((packets[1].channel, packets[1].altered), (Channel::P2a, false));
    assert_eq!(packets[2].comments, ["no room for a header", "cut on purpose"]);
    assert!(packets[2].altered);
    assert_eq!((packets[4].message.len(), packets[4].cut), (4096, 904));
    let counts: Vec<_> = statistics.iter().map(|s| (&*s.agent, s.received, s.dropped)).collect();
    assert_eq!(counts, [("vm1", 3, 0), ("vm2", 2, 0)]);
}

#[test]
fn answers_find_their_commands_and_delayed_responses_too() {
    let directory = tempfile::tempdir().expect("tempdir");
    let path = directory.path().join("trace.pcapng");
    let file = File::create(&path).expect("file");
    let (tracer, mut ports) = Tracer::start(file, &["vm1", "vm2"], None).expect("start");
    let [one, two] = ports.two();
    one.record(&entry(Kind::Command, &header(1, 0)));
    two.record(&entry(Kind::Command, &header(1, 0)));
    one.record(&entry(Kind::Command, &header(2, 0)));
    one.record(&entry(Kind::Answer, &header(2, 0)));
    one.record(&entry(Kind::Answer, &header(1, 0)));
    one.record(&entry(Kind::Answer, &header(1, 0)));
    one.record(&entry(Kind::Event, &header(2, 2)));
    one.record(&entry(Kind::Event, &header(2, 2)));
    two.record(&Entry { reason: Some("the driver has ended"), ..entry(Kind::Note, &[]) });
    two.record(&entry(Kind::Answer, &header(1, 0)));
    one.record(&entry(Kind::Command, &header(3, 0)));
    one.record(&Entry { mark: Some("never"), ..entry(Kind::Note, &[]) });
    one.record(&entry(Kind::Dropped, &header(3, 0)));
    tracer.finish();
    let (packets, _) = read(&path);
    let mut matcher = Matcher::new();
    let matches: Vec<_> =
        packets.iter().map(|packet| matcher.see(packet).map(|found| found.number)).collect();
    let n = None;
    let expected = [n, n, n, Some(3), Some(1), n, Some(3), n, n, n, n, n, Some(11)];
    assert_eq!(matches, expected);
}

/// A file that takes nothing until it is told to.
#[derive(Clone, Default)]
struct Gate(Arc<Shut>);

#[derive(Default)]
struct Shut {
    /// Whether it is open, and what came through.
    state: Mutex<(bool, Vec<u8>)>,
    changed: Condvar,
}

impl Gate {
    fn open(&self) {
        self.0.state.lock().expect("lock").0 = true;
        self.0.changed.notify_all();
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.state.lock().expect("lock");
        while !state.0 {
            state = self.0.changed.wait(state).expect("lock");
        }
        state.1.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_that_takes_nothing_costs_records_and_no_time_and_the_file_says_how_many() {
    let gate = Gate::default();
    let (tracer, mut ports) = Tracer::start(gate.clone(), &["vm1"], None).expect("start");
    let port = &mut ports[0];
    // More than a ring holds, while nothing is written: this ends, which is what it is to show.
    for _ in 0..40_000 {
        port.record(&entry(Kind::Command, &header(1, 0)));
    }
    let lost = tracer.status().dropped();
    assert!(lost > 0 && lost < 40_000, "{lost}");
    gate.open();
    while tracer.status().bytes < 1_000_000 {
        std::thread::yield_now();
    }
    // There is room again, and the first that finds it says what was lost before it.
    while tracer.status().dropped() == lost {
        port.record(&entry(Kind::Answer, &header(1, 0)));
        if tracer.status().agents[0].1 > 40_100 {
            break;
        }
    }
    let status = tracer.finish();
    let bytes = gate.0.state.lock().expect("lock").1.clone();
    let items: Vec<_> = Reader::new(bytes.as_slice()).map(|item| item.expect("good")).collect();
    let packets: Vec<_> = items
        .iter()
        .filter_map(|item| if let Item::Packet(packet) = item { Some(packet) } else { None })
        .collect();
    let told: u64 = packets.iter().map(|packet| packet.lost).sum();
    let (_, received, dropped) = status.agents[0];
    assert_eq!(packets.len() as u64 + dropped, received);
    assert_eq!(told, dropped, "every loss is told by the packet behind it");
    let Some(Item::Statistics(last)) = items.last() else { panic!("{:?}", items.last()) };
    assert_eq!((last.received, last.dropped), (received, dropped));
}

#[test]
fn a_full_disk_ends_the_trace_and_nothing_else() {
    let full = File::options().write(true).open("/dev/full").expect("/dev/full");
    let (tracer, mut ports) = Tracer::start(full, &["vm1"], None).expect("start");
    while tracer.status().ended.is_none() {
        ports[0].record(&entry(Kind::Command, &header(1, 0)));
        std::thread::yield_now();
    }
    let before = tracer.status().dropped();
    ports[0].record(&entry(Kind::Command, &header(1, 0)));
    let status = tracer.finish();
    assert_eq!(status.dropped(), before + 1, "what comes afterwards is counted");
    let Some(Ended::Failed(why)) = status.ended else { panic!("{status:?}") };
    assert!(why.contains("space"), "{why}");
}

#[test]
fn a_limit_is_kept_and_the_file_is_whole() {
    let directory = tempfile::tempdir().expect("tempdir");
    let path = directory.path().join("trace.pcapng");
    let file = File::create(&path).expect("file");
    let (tracer, mut ports) = Tracer::start(file, &["vm1", "vm2"], Some(2000)).expect("start");
    while tracer.status().ended.is_none() {
        ports[1].record(&entry(Kind::Command, &[3; 100]));
        std::thread::yield_now();
    }
    let status = tracer.finish();
    assert_eq!(status.ended, Some(Ended::Limit(2000)));
    let size = std::fs::metadata(&path).expect("file").len();
    assert!((1800..=2000).contains(&size), "{size} bytes");
    let (packets, statistics) = read(&path);
    assert!(packets.len() > 5 && statistics.len() == 2, "{packets:?}");
}

#[test]
fn a_trace_is_read_from_a_pipe_while_it_is_written() {
    let (reader, writer) = rustix::pipe::pipe().expect("pipe");
    let (tracer, mut ports) = Tracer::start(File::from(writer), &["vm1"], None).expect("start");
    let mut items = Reader::new(File::from(reader));
    for token in 0..3 {
        ports[0].record(&entry(Kind::Command, &header(token, 0)));
        let Some(Ok(Item::Packet(packet))) = items.next() else { panic!("no packet") };
        assert_eq!(packet.message, header(token, 0));
    }
    tracer.finish();
    assert!(matches!(items.next(), Some(Ok(Item::Statistics(_)))), "then it ends");
    assert!(items.next().is_none());
}

#[test]
fn what_is_no_trace_or_is_cut_is_said_to_be_so_with_the_place() {
    let error = |bytes: &[u8]| {
        let last = Reader::new(bytes).last().expect("something is said");
        last.expect_err("it is damaged")
    };
    assert!(matches!(error(b"no trace at all"), ReadError::NotATrace));
    assert!(matches!(error(b""), ReadError::NotATrace));
    let directory = tempfile::tempdir().expect("tempdir");
    let path = directory.path().join("trace.pcapng");
    let file = File::create(&path).expect("file");
    let (tracer, mut ports) = Tracer::start(file, &["vm1"], None).expect("start");
    ports[0].record(&entry(Kind::Command, &header(1, 0)));
    tracer.finish();
    let mut bytes = Vec::new();
    File::open(&path).expect("file").read_to_end(&mut bytes).expect("read");
    let (packets, _) = read(&path);
    let start = usize::try_from(packets[0].offset).expect("small");
    let cut = error(&bytes[..start + 20]);
    assert!(matches!(cut, ReadError::Truncated { there: 20, .. }), "{cut}");
    assert_eq!(cut.to_string(), format!("byte {start}: the file ends after 20 bytes of a block"));
    bytes[start + 4] = 0xFF;
    bytes[start + 7] = 0xFF;
    assert!(error(&bytes).to_string().starts_with(&format!("byte {start}: ")), "{}", error(&bytes));
}

/// Two ports of one list.
trait Two {
    fn two(&mut self) -> &mut [Port; 2];
}

impl Two for Vec<Port> {
    fn two(&mut self) -> &mut [Port; 2] {
        self.as_mut_slice().try_into().expect("two ports")
    }
}
