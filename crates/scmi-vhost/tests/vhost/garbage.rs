//! VMMs that talk nonsense.

use std::fs::File;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;

use proptest::prelude::*;
use scmi_vhost::frontend::{Frontend, Options, Ram};
use vmm_sys_util::eventfd::EventFd;
use vmm_sys_util::sock_ctrl_msg::ScmSocket;

use crate::daemon::{Daemon, PATIENCE, check, exchange, next_within, until, version_request};
use crate::rawguest::{COMMANDS, RawGuest};

const GET_FEATURES: u32 = 1;
const SET_FEATURES: u32 = 2;
const SET_MEM_TABLE: u32 = 5;
const SET_VRING_NUM: u32 = 8;
const SET_VRING_BASE: u32 = 10;
const GET_VRING_BASE: u32 = 11;
const SET_VRING_KICK: u32 = 12;
const SET_VRING_CALL: u32 = 13;
const SET_PROTOCOL_FEATURES: u32 = 16;
const SET_VRING_ENABLE: u32 = 18;
const GET_CONFIG: u32 = 24;
const ADD_MEM_REG: u32 = 37;

/// A message: request, flags (version 1), size, body.
fn message(request: u32, body: &[u8]) -> Vec<u8> {
    header(request, 1, u32::try_from(body.len()).expect("short"), body)
}

fn header(request: u32, flags: u32, size: u32, body: &[u8]) -> Vec<u8> {
    let words = [request, flags, size].map(u32::to_ne_bytes);
    [words.as_flattened(), body].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

fn longs(longs: &[u64]) -> Vec<u8> {
    longs.iter().flat_map(|long| long.to_ne_bytes()).collect()
}

/// Connects, says something, and waits until the daemon hangs up.
fn say(daemon: &Daemon, bytes: &[u8], fds: &[RawFd]) {
    let mut socket = UnixStream::connect(daemon.socket(0)).expect("connect");
    // It may hang up before everything was said.
    let _ = socket.send_with_fds(&[bytes], fds);
    expect_hang_up(&mut socket, bytes);
}

/// Connects, says something that may or may not have an answer, and leaves.
fn mention(daemon: &Daemon, bytes: &[u8]) {
    let mut socket = UnixStream::connect(daemon.socket(0)).expect("connect");
    let _ = socket.write_all(bytes);
    daemon.expect_idle(0);
    let _ = socket.shutdown(Shutdown::Write);
    expect_hang_up(&mut socket, bytes);
}

fn expect_hang_up(socket: &mut UnixStream, bytes: &[u8]) {
    socket.set_read_timeout(Some(PATIENCE)).expect("timeout");
    let mut answers = Vec::new();
    match socket.read_to_end(&mut answers) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{bytes:x?}"),
    }
}

/// One guest stays while another socket is talked nonsense to.
struct Witness {
    daemon: Daemon,
    guest: Frontend,
}

impl Witness {
    fn new() -> Self {
        let daemon = Daemon::start(2);
        let guest = daemon.connect(1, Options::default());
        Self { daemon, guest }
    }

    fn check(&mut self) {
        check(&mut self.guest);
        self.daemon.check(0);
    }
}

#[test]
fn messages_that_make_no_sense_end_their_connection_only() {
    let mut witness = Witness::new();
    let nonsense = [
        vec![0xFF; 12],
        vec![0; 12],
        header(GET_FEATURES, 1, u32::MAX, &[]),
        header(GET_FEATURES, 1, 4097, &[]),
        header(GET_FEATURES, 2, 0, &[]),
        header(GET_FEATURES, 5, 0, &[]),
        header(GET_FEATURES, 0x8000_0001, 0, &[]),
        header(9999, 1, 0, &[]),
        message(GET_FEATURES, &[0; 8]),
        message(SET_FEATURES, &[0; 4]),
        message(SET_FEATURES, &longs(&[u64::MAX])),
        message(SET_PROTOCOL_FEATURES, &longs(&[u64::MAX])),
        message(SET_MEM_TABLE, &words(&[0, 0])),
        message(SET_MEM_TABLE, &[&words(&[1, 0])[..], &longs(&[0, 4096, 0, 0])].concat()),
        message(SET_MEM_TABLE, &words(&[u32::MAX, 0])),
        message(SET_VRING_NUM, &words(&[0, 0])),
        message(SET_VRING_NUM, &words(&[0, 3])),
        message(SET_VRING_NUM, &words(&[0, 2048])),
        message(SET_VRING_NUM, &words(&[2, 16])),
        message(SET_VRING_NUM, &words(&[u32::MAX, 16])),
        message(SET_VRING_BASE, &words(&[0, 65536])),
        message(GET_VRING_BASE, &words(&[2, 0])),
        message(SET_VRING_KICK, &longs(&[0])),
        message(SET_VRING_KICK, &longs(&[0x100])),
        message(SET_VRING_CALL, &longs(&[0x102])),
        message(SET_VRING_ENABLE, &words(&[0, 1])),
        message(GET_CONFIG, &[0; 64]),
        message(ADD_MEM_REG, &[0; 40]),
    ];
    for bytes in &nonsense {
        say(&witness.daemon, bytes, &[]);
    }
    witness.check();
    for request in 0..64 {
        mention(&witness.daemon, &header(request, 9, 8, &[0xA5; 8]));
        mention(&witness.daemon, &header(request, 1, 200, &[0xA5; 200]));
    }
    witness.check();
}

#[test]
fn a_vmm_that_leaves_in_the_middle_of_a_message_is_forgotten() {
    let mut witness = Witness::new();
    let whole = message(SET_FEATURES, &longs(&[0]));
    for len in 0..whole.len() {
        let mut socket = UnixStream::connect(witness.daemon.socket(0)).expect("connect");
        socket.write_all(&whole[..len]).expect("write");
        drop(socket);
        witness.check();
    }
}

#[test]
fn a_message_that_comes_in_pieces_is_understood() {
    let daemon = Daemon::start(1);
    let mut socket = UnixStream::connect(daemon.socket(0)).expect("connect");
    socket.set_read_timeout(Some(PATIENCE)).expect("timeout");
    let words = [message(SET_FEATURES, &longs(&[1 << 32])), message(GET_FEATURES, &[])].concat();
    for byte in words {
        socket.write_all(&[byte]).expect("write");
        daemon.expect_idle(0);
    }
    let mut answer = [0; 20];
    socket.read_exact(&mut answer).expect("answer");
    assert_eq!(answer[..4], GET_FEATURES.to_ne_bytes());
}

#[test]
fn a_vmm_that_stalls_in_a_message_loses_its_place() {
    let daemon = Daemon::start(1);
    let mut socket = UnixStream::connect(daemon.socket(0)).expect("connect");
    socket.write_all(&message(SET_FEATURES, &longs(&[0]))[..15]).expect("write");
    // Waits behind it, and has its turn when the daemon's patience has ended.
    daemon.check(0);
    expect_hang_up(&mut socket, b"a stalled message");
}

#[test]
fn a_vmm_that_does_not_read_its_answers_loses_its_place() {
    let daemon = Daemon::start(1);
    let mut socket = UnixStream::connect(daemon.socket(0)).expect("connect");
    socket.set_write_timeout(Some(PATIENCE)).expect("timeout");
    let question = message(GET_FEATURES, &[]);
    let start = std::time::Instant::now();
    while socket.write_all(&question).is_ok() {
        assert!(start.elapsed() < PATIENCE, "it listens for ever");
    }
    daemon.check(0);
}

#[test]
fn file_descriptors_of_the_wrong_kind_are_refused_or_harmless() {
    let mut witness = Witness::new();
    let (pipe, _other_end) = rustix::pipe::pipe().expect("pipe");
    let wrong = [
        File::open("/dev/null").expect("null").into(),
        File::open("/").expect("directory").into(),
        File::open("/proc/self/exe").expect("exe").into(),
        pipe,
    ];
    let table = [&words(&[1, 0])[..], &longs(&[0, 4096, 0, 0])].concat();
    for fd in &wrong {
        say(&witness.daemon, &message(SET_MEM_TABLE, &table), &[fd.as_raw_fd()]);
        witness.check();
    }
    // Too many, and where none belong.
    let all: Vec<_> = wrong.iter().map(AsRawFd::as_raw_fd).collect();
    say(&witness.daemon, &message(SET_MEM_TABLE, &table), &all);
    say(&witness.daemon, &message(SET_VRING_KICK, &longs(&[0])), &all);
    say(&witness.daemon, &message(GET_FEATURES, &[]), &all);
    // A file cannot be waited for; the others can, and then never kick.
    for fd in &wrong[..3] {
        say(&witness.daemon, &message(SET_VRING_KICK, &longs(&[0])), &[fd.as_raw_fd()]);
    }
    witness.check();
    for fd in &wrong {
        for request in [SET_VRING_KICK, SET_VRING_CALL] {
            let socket = UnixStream::connect(witness.daemon.socket(0)).expect("connect");
            let bytes = message(request, &longs(&[0]));
            socket.send_with_fds(&[&bytes[..]], &[fd.as_raw_fd()]).expect("send");
            drop(socket);
            witness.check();
        }
    }
}

#[test]
fn memory_that_its_file_does_not_hold_is_refused() {
    let mut witness = Witness::new();
    let ram = Ram::new(8192).expect("ram");
    let fd = ram.description().mmap_handle;
    for region in [
        [0, 8193, 0, 0],
        [0, 4096, 0, 8192],
        [0, 4096, 0, u64::MAX - 4095],
        [0, u64::MAX, 0, 0],
        [u64::MAX - 4095, 8192, 0, 0],
        [0, 4096, 0, 1],
    ] {
        let table = [&words(&[1, 0])[..], &longs(&region)].concat();
        say(&witness.daemon, &message(SET_MEM_TABLE, &table), &[fd]);
        witness.check();
    }
    let twice = [&words(&[2, 0])[..], &longs(&[0, 8192, 0, 0, 4096, 4096, 0, 0])].concat();
    say(&witness.daemon, &message(SET_MEM_TABLE, &twice), &[fd, fd]);
    witness.check();
}

#[test]
fn notifiers_that_block_or_scream_do_not_hold_the_daemon() {
    let daemon = Daemon::start(2);
    let mut other = daemon.connect(1, Options::default());
    let mut guest = RawGuest::start(daemon.socket(0));
    // Its call is a blocking event counter that cannot go higher, so a plain write would wait for ever.
    let full = EventFd::new(0).expect("eventfd");
    full.write(u64::MAX - 1).expect("to the brim");
    guest.calls[COMMANDS] = full;
    // Its kick is the end of a pipe that nobody writes to any more, which is ready for ever.
    let base = guest.connection.stop_ring(COMMANDS).expect("stopped");
    guest.start_ring(COMMANDS, base);
    for _ in 0..3 {
        guest.check();
        check(&mut other);
    }
    daemon.expect_idle(0);
}

#[test]
fn a_guest_that_kicks_without_end_is_served_like_the_others() {
    let daemon = Daemon::start(2);
    let mut other = daemon.connect(1, Options::default());
    let mut guest = RawGuest::start(daemon.socket(0));
    for _ in 0..10_000 {
        guest.kick(COMMANDS);
    }
    check(&mut other);
    guest.check();
    daemon.expect_idle(0);
}

#[test]
fn an_idle_daemon_sleeps() {
    let daemon = Daemon::start(2);
    daemon.expect_idle(0);
    let mut guest = daemon.connect(0, Options::default());
    exchange(&mut guest, &version_request(1), 12);
    assert_eq!(next_within(&mut guest, core::time::Duration::from_millis(1)), None);
    daemon.expect_idle(0);
    drop(guest);
    daemon.expect_idle(0);
    until("both sleep", || {
        daemon.expect_idle(1);
        true
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes, and any bodies behind headers that look right.
    #[test]
    fn any_bytes_end_at_most_their_connection(
        bytes in proptest::collection::vec(any::<u8>(), 0..256),
        bodies in proptest::collection::vec((0_u32..48, proptest::collection::vec(any::<u8>(), 0..64)), 0..16),
    ) {
        let daemon = Daemon::start(1);
        let framed: Vec<u8> = bodies.iter().flat_map(|(request, body)| message(*request, body)).collect();
        for bytes in [&bytes, &framed] {
            let mut socket = UnixStream::connect(daemon.socket(0)).expect("connect");
            // It may hang up in the middle.
            let _ = socket.write_all(bytes);
        }
        daemon.check(0);
    }
}
