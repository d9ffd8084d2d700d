//! Who can use the interface, and what happens to its socket.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use rustix::process::{Signal, geteuid};
use rustix::thread::{Uid, set_thread_res_uid};

use super::{Controlled, answer};
use crate::process::{Daemon, demo_board, refused, run};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("there").permissions().mode() & 0o777
}

/// The other user is nobody, in a folder that anybody may look into, so that nothing but the socket's mode is in the way.
#[test]
fn other_users_are_refused_by_the_mode_of_the_socket_whatever_the_umask() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("open");
    let socket = folder.path().join("control.sock");
    let arguments: [&OsStr; 2] = ["--control".as_ref(), socket.as_ref()];
    let _daemon = Daemon::start_after("umask 0", &demo_board(), folder.path(), &arguments);
    assert_eq!(mode(&socket), 0o600);
    if !geteuid().is_root() {
        // Nobody but root can become somebody else; the mode says the rest.
        return;
    }
    UnixStream::connect(&socket).expect("it is ours");
    // On Linux a thread has a user of its own.
    let other = std::thread::spawn(move || {
        let nobody = Uid::from_raw(65534);
        set_thread_res_uid(nobody, nobody, nobody).expect("root may");
        UnixStream::connect(&socket).map_err(|error| error.kind())
    });
    let refused = other.join().expect("no panic").expect_err("it is not theirs");
    assert_eq!(refused, ErrorKind::PermissionDenied);
}

#[test]
fn a_stale_socket_is_replaced_a_living_one_is_not_and_ours_goes_with_us() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("control.sock");
    drop(UnixListener::bind(&socket).expect("bound"));
    let arguments: [&OsStr; 2] = ["--control".as_ref(), socket.as_ref()];
    let daemon = Daemon::start_with(&demo_board(), folder.path(), &arguments);
    let other = tempfile::tempdir().expect("a folder");
    let board = demo_board();
    let second = |control: &Path| {
        run(&[
            "--board".as_ref(),
            board.as_os_str(),
            "--socket-dir".as_ref(),
            other.path().as_os_str(),
            "--control".as_ref(),
            control.as_os_str(),
        ])
    };
    let said = refused(&second(&socket), 4);
    assert!(said.contains("is in use by a living process"), "{said}");
    assert!(!other.path().join("vm1.sock").exists(), "nothing is left behind");
    let file = other.path().join("file");
    std::fs::write(&file, "precious").expect("written");
    let said = refused(&second(&file), 4);
    assert!(said.contains("is there and no socket"), "{said}");
    daemon.signal(Signal::TERM);
    let (status, log) = daemon.wait();
    assert!(status.success(), "{log}");
    assert!(!socket.exists());
}

#[test]
fn a_port_is_of_this_machine_and_said_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments: [&OsStr; 2] = ["--control".as_ref(), "tcp:127.0.0.1:0".as_ref()];
    let daemon = Daemon::start_with(&demo_board(), folder.path(), &arguments);
    let line = daemon.wait_for("control on tcp:127.0.0.1:");
    daemon.wait_for("anybody on this machine can see and steer the platform");
    let (_, address) = line.split_once("tcp:").expect("an address");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, request).expect("sent");
    assert_eq!(answer(stream).status, 200);
    for address in ["tcp:0.0.0.0:0", "tcp:192.0.2.1:80", "tcp:localhost:80", "tcp:"] {
        let said = refused(&run(&["-b", "x", "-s", "x", "--control", address]), 2);
        assert!(said.contains("expected an address"), "{said}");
    }
}

#[test]
fn the_interface_ends_with_the_daemon_whoever_is_connected() {
    let controlled = Controlled::start();
    let _idle = controlled.connect();
    let _feed = super::Feed::open(&controlled);
    controlled.daemon.signal(Signal::TERM);
    let Controlled { daemon, socket, _folder: folder } = controlled;
    let (status, log) = daemon.wait();
    assert!(status.success(), "{log}");
    assert!(!socket.exists());
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert!(left.is_empty(), "the agents' sockets go too: {left:?}");
}
