//! State files, whole and damaged, under a platform in this process.

use std::fs;
use std::path::{Path, PathBuf};

use scmi::Time;
use scmi::platform::{AgentId, Link, Outcome, Platform, StateEntry};
use scmi_board::Board;
use tempfile::TempDir;

use super::error::StateError;
use super::format::{self, Wrong};
use super::keeping::StateFile;

const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]
    [[clock]]
    name = "uart"
    rates = ["24 MHz", "48 MHz"]
    [[clock]]
    name = "spi"
    rates = ["1 MHz", "2 MHz"]"#;

const RATE_SET: u32 = 0x14 << 10 | 5;
const RATE_NOTIFY: u32 = 0x14 << 10 | 9;

fn board(text: &str) -> Board {
    Board::parse(text, "board").expect("good")
}

fn agent() -> AgentId {
    AgentId::from_index(0).expect("small")
}

fn ask(platform: &mut Platform, header: u32, params: &[u32]) {
    let words = core::iter::once(&header).chain(params);
    let request: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
    let mut reply = [0; 128];
    let outcome = platform.handle(Time::ZERO, agent(), &request, &mut reply);
    assert!(matches!(outcome, Outcome::Reply(8)), "{outcome:?}");
    assert_eq!(reply[4..8], [0; 4]);
}

fn entries(platform: &Platform) -> Vec<StateEntry> {
    let mut entries = Vec::new();
    platform.state(&mut |entry| entries.push(*entry));
    entries
}

fn open(path: &Path, board: &Board) -> Result<(StateFile, Platform), StateError> {
    let mut platform = board.platform().expect("a platform");
    StateFile::open(path, &mut platform).map(|file| (file, platform))
}

/// A file in which five things were set after it was begun, and what was set at the end.
fn some(folder: &TempDir) -> (PathBuf, Vec<StateEntry>) {
    let path = folder.path().join("state");
    let (file, mut platform) = open(&path, &board(BOARD)).expect("a file");
    platform.connect(Time::ZERO, agent(), Link::new(true).named(7));
    ask(&mut platform, RATE_NOTIFY, &[1, 1]);
    for rate in [24_000_000, 48_000_000, 24_000_000, 48_000_000] {
        ask(&mut platform, RATE_SET, &[0, 0, rate, 0]);
    }
    let entries = entries(&platform);
    drop((file, platform));
    (path, entries)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn what_was_set_is_there_again() {
    let folder = folder();
    let (path, set) = some(&folder);
    assert_eq!(set.len(), 3, "a channel, a subscription, a rate");
    for _ in 0..3 {
        let (_file, platform) = open(&path, &board(BOARD)).expect("a file");
        assert_eq!(entries(&platform), set);
    }
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_file_that_ends_anywhere_is_an_earlier_state_or_is_set_aside() {
    let (folder, board) = (folder(), board(BOARD));
    let (path, set) = some(&folder);
    let whole = fs::read(&path).expect("a file");
    let (snapshot, _) = format::snapshot(&format::read(&whole).expect("good").board, &[]);
    let mut seen = Vec::new();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let (_file, platform) = open(&path, &board).expect("it starts");
        let corrupt = path.with_extension("corrupt");
        assert_eq!(corrupt.exists(), length < snapshot.len(), "{length}");
        if corrupt.exists() {
            fs::remove_file(corrupt).expect("there");
        }
        let count = entries(&platform).len();
        if seen.last() != Some(&count) {
            seen.push(count);
        }
        if length == whole.len() {
            assert_eq!(entries(&platform), set);
        }
    }
    assert_eq!(seen, [0, 1, 2, 3], "more and more");
}

#[test]
fn a_file_with_any_byte_changed_is_set_aside_and_nothing_of_it_is_applied() {
    let (folder, board) = (folder(), board(BOARD));
    let (path, _) = some(&folder);
    let whole = fs::read(&path).expect("a file");
    for at in 0..whole.len() {
        for flip in [1, 0x80, 0xFF] {
            let mut damaged = whole.clone();
            damaged[at] ^= flip;
            assert!(matches!(format::read(&damaged), Err(Wrong::Corrupt { .. })), "byte {at}");
        }
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&path, &damaged).expect("written");
        let (_file, platform) = open(&path, &board).expect("it starts");
        assert_eq!(entries(&platform), [], "byte {at}");
        let aside = fs::read(path.with_extension("corrupt")).expect("set aside");
        assert_eq!(aside, damaged);
    }
}

#[test]
fn values_that_no_agent_can_have_set_are_corrupt() {
    let folder = folder();
    let (path, set) = some(&folder);
    let words = format::read(&fs::read(&path).expect("a file")).expect("good").board;
    let rate = set.iter().find(|entry| entry.value == Some(48_000_000)).expect("a rate");
    let wrong = StateEntry { value: Some(49_000_000), ..*rate };
    let subscription = set.iter().find(|entry| entry.agent().is_some()).expect("one");
    fs::write(&path, format::snapshot(&words, &[*subscription, wrong]).0).expect("written");
    let (_file, platform) = open(&path, &board(BOARD)).expect("it starts");
    assert_eq!(entries(&platform), []);
    assert!(path.with_extension("corrupt").exists());
}

#[test]
fn a_file_of_another_board_is_refused_with_the_difference_and_left_alone() {
    let folder = folder();
    let (path, set) = some(&folder);
    let before = fs::read(&path).expect("a file");
    let others = [
        ("\"vm2\"", "\"vm3\"", 2, "agent 2: vm2", "agent 2: vm3"),
        ("uart", "usart", 3, "clock 0: uart", "clock 0: usart"),
        ("\"2 MHz\"", "\"3 MHz\"", 4, "1000000 2000000", "1000000 3000000"),
        (", { name = \"vm2\" }", "", 2, "agent 2: vm2", "clock 0: uart"),
    ];
    for (from, to, at, there, here) in others {
        let other = BOARD.replace(from, to);
        assert_ne!(other, BOARD);
        match open(&path, &board(&other)) {
            Err(StateError::OtherBoard { line, found, expected, .. }) => {
                assert_eq!(line, at);
                assert!(
                    found.contains(there) && expected.contains(here),
                    "{found:?}, {expected:?}"
                );
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read(&path).expect("a file"), before);
    }
    // What nothing that is kept depends on may change.
    let (_file, platform) =
        open(&path, &board(&BOARD.replace("acme", "other"))).expect("the same board");
    assert_eq!(entries(&platform), set);
}

#[test]
fn a_file_of_another_version_is_refused_and_left_alone() {
    let folder = folder();
    let (path, _) = some(&folder);
    let mut newer = fs::read(&path).expect("a file");
    newer[8] = 2;
    let end = newer.len();
    // The sum is of all before it; the records behind the snapshot are not looked at.
    let body = (20..end).find(|at| {
        let sum = newer.get(*at..at + 4).and_then(|sum| sum.first_chunk::<4>());
        let mut old = newer[..*at].to_vec();
        old[8] = 1;
        sum.is_some_and(|sum| u32::from_le_bytes(*sum) == crc32fast::hash(&old))
    });
    let body = body.expect("a sum");
    let sum = crc32fast::hash(&newer[..body]).to_le_bytes();
    newer[body..body + 4].copy_from_slice(&sum);
    fs::write(&path, &newer).expect("written");
    let refused = open(&path, &board(BOARD)).map(drop);
    assert!(matches!(refused, Err(StateError::Version { found: 2, known: 1, .. })), "{refused:?}");
    assert_eq!(fs::read(&path).expect("a file"), newer);
}

/// Written out by hand: what version 1 is, for ever.
#[test]
fn version_1_is_these_bytes() {
    let words = "agent 1: vm1\nclock 0: uart; rates 1..9/1; parents; extended\n";
    let entry = |value: u64| [&[2, 16, 0, 0, 0, 0, 1, 1][..], &value.to_le_bytes()].concat();
    let mut file = b"scmistat".to_vec();
    [1, 60, 16_u32].iter().for_each(|word| file.extend(word.to_le_bytes()));
    file.extend(words.as_bytes());
    file.extend(entry(5));
    file.extend(0x1247_E258_u32.to_le_bytes());
    file.extend([1, 0, 0xFE, 0xFF]);
    file.extend(entry(7));
    file.extend(0xFBAC_2821_u32.to_le_bytes());
    let contents = format::read(&file).expect("good");
    assert_eq!((contents.board.as_str(), contents.torn), (words, 0));
    assert_eq!(contents.entries.iter().map(|e| e.value).collect::<Vec<_>>(), [Some(5), Some(7)]);
    let (mut written, chain) = format::snapshot(words, &contents.entries[..1]);
    let mut record = Vec::new();
    format::begin(&mut record);
    format::add(&mut record, &contents.entries[1]);
    format::end(&mut record, chain);
    written.extend(record);
    assert_eq!(written, file);
}

#[test]
fn a_file_has_one_user_and_is_a_file() {
    let folder = folder();
    let (path, _) = some(&folder);
    let (first, _platform) = open(&path, &board(BOARD)).expect("a file");
    for _ in 0..2 {
        let refused = open(&path, &board(BOARD)).map(drop);
        assert!(matches!(refused, Err(StateError::InUse { .. })), "{refused:?}");
    }
    drop((first, _platform));
    open(&path, &board(BOARD)).map(drop).expect("free again");
    let refused = open(folder.path(), &board(BOARD)).map(drop);
    assert!(matches!(refused, Err(StateError::Io { .. })), "{refused:?}");
    let refused = open(&folder.path().join("nowhere/state"), &board(BOARD)).map(drop);
    assert!(matches!(refused, Err(StateError::Io { .. })), "{refused:?}");
}

#[test]
fn a_file_that_became_long_is_made_short_while_it_is_written() {
    let folder = folder();
    let path = folder.path().join("state");
    let (file, mut platform) = open(&path, &board(BOARD)).expect("a file");
    platform.connect(Time::ZERO, agent(), Link::new(true));
    let hub = scmi_vhost::backend::Hub::new(platform, scmi_vhost::MonotonicClock::new());
    let longest = std::thread::scope(|scope| {
        scope.spawn(|| file.tend(&hub));
        let mut longest = 0;
        for round in 0..60_000_u32 {
            let rate = if round % 2 == 0 { 48_000_000 } else { 24_000_000 };
            hub.with(|_, platform| ask(platform, RATE_SET, &[0, 0, rate, 0]));
            if round % 1000 == 0 {
                longest = longest.max(fs::metadata(&path).expect("a file").len());
            }
        }
        file.stop();
        longest
    });
    assert!((900_000..1_400_000).contains(&longest), "{longest} bytes of 1.4 million written");
    let set = hub.with(|_, platform| entries(platform));
    drop((file, hub));
    let (_file, platform) = open(&path, &board(BOARD)).expect("a file");
    assert_eq!(entries(&platform), set);
}
