//! The channel against files that we play the kernel behind: sockets that keep messages apart, as raw mode does.

use core::time::Duration;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use scmi::agent::{CallError, Caller, CallerExt, Client, Request, Timeouts};
use scmi::transport::{Channel, Received, SendError};
use scmi::wire::{MessageId, ProtocolId, Version};
use tempfile::TempDir;

use crate::channel::RawChannel;
use crate::error::RawError;
use crate::files::{Files, Transport};

/// The kernel's ends of the files.
struct Kernel {
    commands: OwnedFd,
    delayed_commands: OwnedFd,
    answers: OwnedFd,
    notification: OwnedFd,
    errors: OwnedFd,
}

fn pair() -> (OwnedFd, OwnedFd) {
    let pair = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::NONBLOCK,
        None,
    );
    pair.expect("sockets")
}

fn raw_mode() -> (RawChannel, Kernel) {
    let [commands, delayed, answers, notification, errors] =
        [pair(), pair(), pair(), pair(), pair()];
    let files = Files {
        commands: commands.0,
        delayed_commands: delayed.0,
        answers: answers.0,
        notification: notification.0,
        errors: errors.0,
    };
    let kernel = Kernel {
        commands: commands.1,
        delayed_commands: delayed.1,
        answers: answers.1,
        notification: notification.1,
        errors: errors.1,
    };
    (RawChannel::new(files, Transport::default()), kernel)
}

/// What was written to a file, in words.
fn written(file: &OwnedFd) -> Option<Vec<u32>> {
    let mut buffer = [0; 256];
    let (len, _) = rustix::net::recv(file, &mut buffer[..], RecvFlags::empty()).ok()?;
    let words = buffer[..len].as_chunks::<4>().0;
    Some(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

/// A message can be read from a file, and the end of the file behind it.
fn give(file: &OwnedFd, words: &[u32]) {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    for bytes in [&bytes[..], &[]] {
        rustix::net::send(file, bytes, SendFlags::empty()).expect("room in the socket");
    }
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Base PROTOCOL_VERSION with token 1, and with token 2.
const ONE: u32 = 0x0004_4000;
const TWO: u32 = 0x0008_4000;
const DELAYED: u32 = 2 << 8;

fn next(channel: &mut RawChannel) -> Option<(Received, Vec<u32>)> {
    let mut buffer = [0; 132];
    let received = channel.receive(&mut buffer)?;
    let (Received::Reply { len, .. } | Received::Event { len }) = received;
    let words = buffer[..len].as_chunks::<4>().0;
    Some((received, words.iter().map(|word| u32::from_le_bytes(*word)).collect()))
}

#[test]
fn answers_find_their_commands_by_the_header_in_any_order() {
    let (mut channel, kernel) = raw_mode();
    channel.send(7, &bytes(&[ONE]), 12).expect("sent");
    channel.send(8, &bytes(&[TWO]), 12).expect("sent");
    assert_eq!(written(&kernel.commands), Some(vec![ONE]));
    assert_eq!(written(&kernel.commands), Some(vec![TWO]));
    assert_eq!(next(&mut channel), None);
    give(&kernel.answers, &[TWO, 0, 0x20001]);
    give(&kernel.answers, &[ONE, 0, 0x20000]);
    let second = (Received::Reply { tag: 8, len: 12 }, vec![TWO, 0, 0x20001]);
    let first = (Received::Reply { tag: 7, len: 12 }, vec![ONE, 0, 0x20000]);
    assert_eq!(next(&mut channel), Some(second));
    assert_eq!(next(&mut channel), Some(first));
    assert_eq!(next(&mut channel), None);
}

#[test]
fn a_delayed_response_has_a_file_of_its_own_and_comes_with_the_answers() {
    let (mut channel, kernel) = raw_mode();
    channel.send_delayed(3, &bytes(&[ONE, 5]), 12).expect("sent");
    assert_eq!(written(&kernel.commands), None);
    assert_eq!(written(&kernel.delayed_commands), Some(vec![ONE, 5]));
    give(&kernel.answers, &[ONE, 0]);
    assert_eq!(next(&mut channel), Some((Received::Reply { tag: 3, len: 8 }, vec![ONE, 0])));
    assert_eq!(next(&mut channel), None);
    give(&kernel.answers, &[ONE | DELAYED, 0, 9]);
    let delayed = (Received::Event { len: 12 }, vec![ONE | DELAYED, 0, 9]);
    assert_eq!(next(&mut channel), Some(delayed));
}

#[test]
fn a_client_calls_at_once_and_delayed() {
    let (mut channel, kernel) = raw_mode();
    let kernel = std::thread::spawn(move || {
        let mut headers = Vec::new();
        for (file, asynchronous) in [(&kernel.commands, false), (&kernel.delayed_commands, true)] {
            let command = loop {
                if let Some(words) = written(file) {
                    break words;
                }
                std::thread::sleep(Duration::from_millis(1));
            };
            give(&kernel.answers, &[command[0], 0, 0x20001]);
            if asynchronous {
                give(&kernel.answers, &[command[0] | DELAYED, 0, 42]);
            }
            headers.push(command[0]);
        }
        headers
    });
    let mut client: Client<'_> = Client::new(&mut channel);
    client.set_next_token(1000);
    assert_eq!(client.protocol_version(ProtocolId::BASE), Ok(Version::new(2, 1)));
    let request = Request {
        protocol: ProtocolId::SENSOR,
        message: MessageId(6),
        params: &bytes(&[1, 1]),
        values: 16,
        delayed: true,
    };
    assert_eq!(client.exchange(&request), Ok(&[42, 0, 0, 0][..]));
    let tokens: Vec<u32> =
        kernel.join().expect("it ends").iter().map(|header| header >> 18).collect();
    assert_eq!(tokens, [1000, 1001]);
}

#[test]
fn an_answer_that_came_too_late_for_linux_is_found_among_the_errors() {
    let (mut channel, kernel) = raw_mode();
    channel.send(4, &bytes(&[ONE]), 12).expect("sent");
    give(&kernel.errors, &[ONE, 0, 1]);
    assert_eq!(next(&mut channel), Some((Received::Reply { tag: 4, len: 12 }, vec![ONE, 0, 1])));
}

#[test]
fn what_was_left_unread_is_no_answer_of_ours() {
    let (mut channel, kernel) = raw_mode();
    give(&kernel.answers, &[ONE, 0, 0x10000]);
    give(&kernel.errors, &[TWO, 0, 0x10000]);
    channel.send(1, &bytes(&[ONE]), 12).expect("sent");
    assert_eq!(next(&mut channel), None);
    // An answer to something that we did not ask is nobody's.
    give(&kernel.answers, &[TWO, 0]);
    assert_eq!(next(&mut channel), Some((Received::Event { len: 8 }, vec![TWO, 0])));
}

#[test]
fn notifications_are_read_by_who_waits_for_them() {
    let (mut channel, kernel) = raw_mode();
    give(&kernel.notification, &[0x0000_5700, 0, 1, 2]);
    assert_eq!(next(&mut channel), None, "nobody waits");
    channel.send(1, &bytes(&[ONE]), 12).expect("sent");
    channel.wait(channel.now().after(Duration::from_millis(1)));
    assert_eq!(next(&mut channel), None, "what waits is a command");
    give(&kernel.answers, &[ONE, 0, 0x20001]);
    assert!(matches!(next(&mut channel), Some((Received::Reply { tag: 1, .. }, _))));
    channel.wait(channel.now().after(Duration::from_secs(60)));
    let event = next(&mut channel).expect("it is there");
    assert_eq!(event, (Received::Event { len: 16 }, vec![0x0000_5700, 0, 1, 2]));
}

#[test]
fn a_call_without_an_answer_ends() {
    let (mut channel, kernel) = raw_mode();
    let mut client: Client<'_> = Client::new(&mut channel);
    let short = Duration::from_millis(20);
    client.set_timeouts(Timeouts::all(short));
    let ended = client.protocol_version(ProtocolId::BASE);
    assert_eq!(ended, Err(CallError::TimedOut { delayed: false }));
    assert!(written(&kernel.commands).is_some());
}

#[test]
fn what_is_too_large_is_not_sent() {
    let (mut channel, _kernel) = raw_mode();
    assert_eq!(channel.send(0, &[0; 136], 8), Err(SendError::TooLarge { bytes: 136 }));
    assert_eq!(channel.send(0, &[0; 4], 136), Err(SendError::TooLarge { bytes: 136 }));
    assert_eq!(channel.send(0, &[0; 132], 132), Ok(()));
}

#[test]
fn a_kernel_that_goes_away_closes_the_channel() {
    let (mut channel, kernel) = raw_mode();
    drop(kernel);
    assert!(!channel.is_closed());
    assert_eq!(channel.send(0, &bytes(&[ONE]), 12), Err(SendError::Closed));
    assert!(channel.is_closed(), "calls that wait end now");
    let trouble = channel.trouble().map(ToString::to_string);
    assert_eq!(trouble.as_deref(), Some("cannot write message"));
    assert_eq!(channel.send(0, &bytes(&[ONE]), 12), Err(SendError::Closed));
}

/// The files of an instance as plain files: they can be opened and locked.
fn plain_files() -> TempDir {
    let dir = TempDir::new().expect("a folder");
    for folder in ["raw", "transport"] {
        fs::create_dir(dir.path().join(folder)).expect("a folder");
    }
    for file in ["message", "message_async", "notification", "errors"] {
        fs::write(dir.path().join("raw").join(file), "").expect("a file");
    }
    dir
}

#[test]
fn two_channels_keep_out_of_each_others_way() {
    let dir = plain_files();
    let mut one = RawChannel::open(dir.path()).expect("it is there");
    let mut other = RawChannel::open(dir.path().join("raw")).expect("it is there");
    one.send(0, &bytes(&[ONE]), 12).expect("sent");
    assert_eq!(other.send(0, &bytes(&[TWO]), 12), Err(SendError::Full), "answers are awaited");
    // What was written to a plain file is read back from its end, so nothing comes; the kernel gives up in time.
    drop(one);
    assert_eq!(other.send(0, &bytes(&[TWO]), 12), Ok(()));

    let mut watcher = RawChannel::open(dir.path()).expect("it is there");
    watcher.wait(watcher.now());
    assert!(watcher.trouble().is_none(), "{:?}", watcher.trouble());
    let mut second = RawChannel::open(dir.path()).expect("it is there");
    second.wait(second.now());
    assert!(matches!(second.trouble(), Some(RawError::Watched)), "{:?}", second.trouble());
}

#[test]
fn what_the_kernel_says_of_its_transport_is_believed() {
    let dir = plain_files();
    assert_eq!(Transport::read(dir.path()), Transport::default());
    let say = |name: &str, text: &str| {
        fs::write(dir.path().join("transport").join(name), text).expect("a file");
    };
    say("tx_max_msg", "20\n");
    say("max_msg_size", "104\n");
    say("max_rx_timeout_ms", "30\n");
    let expected = Transport { commands: 20, payload: 104, patience_ms: 30 };
    assert_eq!(Transport::read(dir.path()), expected);
    assert_eq!(Transport::read(&dir.path().join("raw")), expected);
    let limits = RawChannel::open(dir.path()).expect("it is there").limits();
    assert_eq!((limits.in_flight, limits.max_message), (20, 108));
}

#[test]
fn what_is_missing_is_said() {
    let dir = TempDir::new().expect("a folder");
    let why = |path: &Path| RawChannel::open(path).expect_err("it is not there").to_string();
    let nothing = why(&dir.path().join("0"));
    assert!(nothing.contains("debugfs is not mounted"), "{nothing}");
    let no_raw = why(dir.path());
    assert!(no_raw.contains("raw/message; this kernel has no SCMI raw mode"), "{no_raw}");
}
