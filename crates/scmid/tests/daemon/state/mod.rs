//! What agents set outlives the daemon.

mod board;
mod guest;

use core::sync::atomic::{AtomicUsize, Ordering};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Daemon, refused, run};
use board::{BOARD, Thing, things};

use guest::{Guest, ask};

/// Sets in all.
const SETS: usize = 10_000;
/// How often the daemon is killed on the way.
const KILLS: usize = 6;

struct Place {
    folder: TempDir,
    board: PathBuf,
    state: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (board, state) = (folder.path().join("board.toml"), folder.path().join("state"));
        fs::write(&board, BOARD).expect("written");
        Self { folder, board, state }
    }

    fn start(&self) -> Daemon {
        let more = ["--state".as_ref(), self.state.as_os_str()];
        Daemon::start_with(&self.board, self.folder.path(), &more)
    }

    fn refused(&self, arguments: &[&OsStr]) -> String {
        let board = ["--board".as_ref(), self.board.as_os_str()];
        let state = ["--state".as_ref(), self.state.as_os_str()];
        refused(&run(&[&board[..], &state, arguments].concat()), 5)
    }
}

/// splitmix64
fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*seed ^ *seed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// What a third agent reads back of everything, which it must find as it was acknowledged or as it was in flight.
fn check(daemon: &Daemon, guests: &[Guest]) {
    let mut observer = daemon.connect("observer");
    for guest in guests {
        for (thing, book) in guest.books() {
            let Some((header, params)) = thing.get() else { continue };
            let answer = ask(&mut observer, header, &params);
            let is = thing.read(&answer);
            let may = [book.acknowledged, book.in_flight].into_iter().flatten();
            let may: Vec<u32> = may.collect();
            assert!(
                may.contains(&is) || may.is_empty(),
                "{thing:?}: is {is}, was acknowledged or in flight: {may:?}\n{}",
                daemon.log()
            );
        }
    }
}

/// Has all guests set things until so many were acknowledged, and then kills the daemon or, at the end, has them stop.
fn work(daemon: &Daemon, guests: &mut [Guest], done: &AtomicUsize, until: usize, kill: bool) {
    thread::scope(|scope| {
        for guest in guests {
            scope.spawn(move || guest.work(done, if kill { usize::MAX } else { until }));
        }
        while kill && done.load(Ordering::Relaxed) < until {
            thread::yield_now();
        }
        if kill {
            daemon.signal(Signal::KILL);
        }
    });
}

#[test]
fn a_daemon_killed_in_the_middle_of_ten_thousand_sets_loses_none_that_was_acknowledged() {
    let place = Place::new();
    let mut seed =
        std::env::var("SCMI_KILL_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    let mut daemon = place.start();
    let done = AtomicUsize::new(0);
    let names = ["vm1", "vm2"];
    let mut guests: Vec<Guest> = (0..)
        .zip(names)
        .map(|(agent, name)| Guest::new(daemon.connect(name), things(agent), random(&mut seed)))
        .collect();
    for kill in 0..=KILLS {
        let part = SETS / (KILLS + 1);
        let last = kill == KILLS;
        let offset = usize::try_from(random(&mut seed)).expect("64 bits") % part;
        let until = if last { SETS } else { kill * part + offset.max(1) };
        work(&daemon, &mut guests, &done, until, !last);
        if last {
            check(&daemon, &guests);
            break;
        }
        let (status, log) = daemon.wait();
        assert!(status.code().is_none(), "it was killed: {status:?}\n{log}");
        daemon = place.start();
        daemon.wait_for("settings taken up from");
        check(&daemon, &guests);
        // The guests do not know that it is another process: what was in flight is answered by the new one.
        for (guest, name) in guests.iter_mut().zip(names) {
            guest.reconnect(&daemon.socket(name));
        }
        check(&daemon, &guests);
    }
    assert!(done.load(Ordering::Relaxed) >= SETS);
    // A clean end is no going of its agents either.
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait().0.code(), Some(0));
    let daemon = place.start();
    for (guest, name) in guests.iter_mut().zip(names) {
        guest.reconnect(&daemon.socket(name));
        guest.expect_own();
    }
    check(&daemon, &guests);
    assert!(!place.state.with_extension("corrupt").exists());
}

#[test]
fn who_begins_anew_after_a_kill_has_given_back_its_votes_and_what_is_left_is_as_it_set_it() {
    let place = Place::new();
    let daemon = place.start();
    let mut seed = 5;
    let mut guest = Guest::new(daemon.connect("vm1"), things(0), random(&mut seed));
    guest.work(&AtomicUsize::new(0), 20);
    daemon.signal(Signal::KILL);
    daemon.wait();
    let daemon = place.start();
    let books = guest.books().map(|(thing, book)| (*thing, *book)).collect::<Vec<_>>();
    drop(guest);
    // A driver that begins anew: its cap is gone, its rate is not.
    drop(daemon.connect("vm1"));
    let mut observer = daemon.connect("observer");
    for (thing, book) in books {
        let Some((header, params)) = thing.get() else { continue };
        let is = thing.read(&ask(&mut observer, header, &params));
        match thing {
            Thing::Cap(_) => assert_eq!(is, 0),
            Thing::Rate(_) | Thing::Volts(_) | Thing::Drive(_) => {
                assert_eq!(Some(is), book.acknowledged);
            }
            _ => {}
        }
    }
}

#[test]
fn a_state_of_another_board_is_refused_with_what_to_do() {
    let place = Place::new();
    drop(place.start());
    fs::write(&place.board, BOARD.replace("rail1", "vcc1")).expect("written");
    for arguments in [
        ["--socket-dir".as_ref(), place.folder.path().as_os_str()].as_slice(),
        &["--check".as_ref()],
    ] {
        let text = place.refused(arguments);
        for wanted in ["voltage domain 1: rail1;", "voltage domain 1: vcc1;", "delete the file"] {
            assert!(text.contains(wanted), "no {wanted:?} in {text}");
        }
    }
    assert!(!socket_left(place.folder.path()), "nothing was served");
}

fn socket_left(folder: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let mut all = fs::read_dir(folder).expect("a folder").map_while(Result::ok);
    all.any(|entry| {
        let socket = entry.file_type().is_ok_and(|kind| kind.is_socket());
        // What a killed daemon leaves nobody listens on.
        socket && std::os::unix::net::UnixStream::connect(entry.path()).is_ok()
    })
}

#[test]
fn a_corrupt_state_is_set_aside_and_said_and_the_daemon_serves() {
    let place = Place::new();
    fs::write(&place.state, "scmistat, but not really").expect("written");
    let check = ["--board".as_ref(), place.board.as_os_str(), "--check".as_ref()];
    let state = ["--state".as_ref(), place.state.as_os_str()];
    let output = run(&[&check[..], &state].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("  state     corrupt, would be set aside: "), "{text}");
    assert_eq!(fs::read(&place.state).expect("left alone"), b"scmistat, but not really");
    let daemon = place.start();
    let said = daemon.wait_for("is corrupt");
    assert!(said.contains("ERROR") && said.contains("state.corrupt"), "{said}");
    let aside = fs::read(place.folder.path().join("state.corrupt")).expect("set aside");
    assert_eq!(aside, b"scmistat, but not really");
    drop(daemon);
    let output = run(&[&check[..], &state].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("  state     of this board, 0 settings\n"), "{text}");
}

#[test]
fn a_file_that_takes_no_more_is_said_and_written_anew_and_agents_feel_nothing() {
    let place = Place::new();
    let more = ["--state".as_ref(), place.state.as_os_str()];
    // 64 blocks are at most 64 KiB: less than three thousand sets.
    let limit = "trap '' XFSZ; ulimit -f 64";
    let daemon = Daemon::start_after(limit, &place.board, place.folder.path(), &more);
    let mut guest = Guest::new(daemon.connect("vm1"), things(0), 3);
    guest.work(&AtomicUsize::new(0), 4000);
    let said = daemon.wait_for("is not kept any more");
    assert!(said.contains("ERROR"), "{said}");
    daemon.wait_for("is kept again");
    daemon.signal(Signal::KILL);
    daemon.wait();
    let daemon = place.start();
    guest.reconnect(&daemon.socket("vm1"));
    guest.expect_own();
}

#[test]
fn two_daemons_do_not_share_a_state() {
    let place = Place::new();
    let _daemon = place.start();
    let other = tempfile::tempdir().expect("a folder");
    let text = place.refused(&["--socket-dir".as_ref(), other.path().as_os_str()]);
    assert!(text.contains("another process uses it"), "{text}");
}
