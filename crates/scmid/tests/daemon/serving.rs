//! Agents at the sockets, and others who only pretend.

use std::io::Write;
use std::os::unix::net::UnixStream;

use scmi::agent::Client;
use scmi::protocol::base;
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::sensor::wire::Reading;
use scmi_vhost::frontend::Frontend;

use crate::process::Daemon;

/// The name by which the platform knows whoever asks.
fn own_name(frontend: &mut Frontend) -> String {
    let mut client: Client<'_> = Client::new(frontend);
    let version = base::agent::discover(&mut client).expect("a platform").version;
    let info = base::agent::agent(&mut client, version, base::wire::MYSELF).expect("an agent");
    info.name.to_string()
}

#[test]
fn two_agents_are_served_at_once_each_as_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    let (mut one, mut other) = (daemon.connect("vm1"), daemon.connect("vm2"));
    for _ in 0..3 {
        assert_eq!(own_name(&mut one), "vm1");
        assert_eq!(own_name(&mut other), "vm2");
    }
}

#[test]
fn the_board_s_sensors_are_there_and_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    daemon.with("vm1", |client| {
        let mut sensors = Sensors::open(client).expect("sensors");
        assert_eq!(sensors.count(), 17);
        let mut reading = [Reading { value: 0.into(), timestamp: 0.into() }];
        assert_eq!(sensors.read(0, &mut reading), Ok(1));
        // The demo board's cpu runs from 42 to 78 degrees.
        assert!((42_000..=78_000).contains(&reading[0].value.get()), "{reading:?}");
    });
}

#[test]
fn an_agent_may_leave_and_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    for _ in 0..20 {
        assert_eq!(own_name(&mut daemon.connect("vm1")), "vm1");
    }
}

#[test]
fn garbage_on_a_socket_ends_that_connection_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    let mut other = daemon.connect("vm2");
    for garbage in [&[0xFF; 12][..], &[0; 4096], b"GET / HTTP/1.1\r\n\r\n", b""] {
        let mut stream = UnixStream::connect(daemon.socket("vm1")).expect("a connection");
        // It may close while we write.
        let _ = stream.write_all(garbage);
        drop(stream);
        assert_eq!(own_name(&mut other), "vm2");
        assert_eq!(own_name(&mut daemon.connect("vm1")), "vm1");
    }
}
