//! The sandbox that a daemon closes before it serves.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use scmi::protocol::sensor::agent::Sensors;

use crate::process::{Daemon, demo_board, run};

/// The value of a line of each thread's status.
fn of_threads(daemon: &Daemon, name: &str) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{}/task", daemon.id())).expect("threads");
    let of = |path: &Path| {
        let status = fs::read_to_string(path.join("status")).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim_start_matches(':').trim().to_owned()).expect("the line")
    };
    threads.map(|thread| of(&thread.expect("a thread").path())).collect()
}

fn start(folder: &Path, more: &[&str]) -> Daemon {
    let more: Vec<&OsStr> = more.iter().map(OsStr::new).collect();
    Daemon::start_with(&demo_board(), folder, &more)
}

#[test]
fn every_thread_is_in_it_by_default_and_none_where_it_is_off_which_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let control = folder.path().join("control.sock");
    let control = control.to_str().expect("text");
    for more in [&[][..], &["--sandbox", "required"]] {
        let daemon = start(folder.path(), &[&["--control", control], more].concat());
        let line = daemon.wait_for("sandbox: ");
        assert!(line.contains(" paths") && line.ends_with(" system calls"), "{line}");
        for (name, value) in [("Seccomp", "2"), ("Seccomp_filters", "2"), ("NoNewPrivs", "1")] {
            let threads = of_threads(&daemon, name);
            assert!(threads.len() >= 4, "{threads:?}");
            assert!(threads.iter().all(|thread| thread == value), "{name}: {threads:?}");
        }
    }
    let daemon = start(folder.path(), &["--control", control, "--sandbox", "off"]);
    daemon.wait_for("WARN the sandbox is off, as was asked for");
    assert!(of_threads(&daemon, "Seccomp").iter().all(|thread| thread == "0"));
}

#[test]
fn a_source_is_read_that_was_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("sources")).expect("made");
    fs::write(path("sources/value"), "20\n").expect("written");
    let board = "platform.vendor = \"acme\"\nagent = [{ name = \"vm1\" }]\n[[sensor]]\nname = \"s\"\n\
        type = \"temperature\"\nexponent = 0\nsource = { file = \"sources/value\", every = \"1 ms\" }\n";
    fs::write(path("board.toml"), board).expect("written");
    let daemon = Daemon::start_on(&path("board.toml"), folder.path());
    daemon.with("vm1", |client| {
        let mut sensors = Sensors::open(client).expect("sensors");
        assert_eq!(sensors.value(0), Ok(20));
        fs::write(path("fresh"), "21\n").expect("written");
        fs::rename(path("fresh"), path("sources/value")).expect("replaced");
        // A reading is as old as a millisecond.
        while sensors.value(0).expect("a reading") == 20 {}
        assert_eq!(sensors.value(0), Ok(21));
    });
}

#[test]
fn a_reload_that_needs_what_the_sandbox_does_not_let_through_is_refused_with_that() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    for (name, value) in [("sources/a", "20\n"), ("sources/b", "21\n"), ("other/c", "22\n")] {
        fs::create_dir_all(path(name).parent().expect("a folder")).expect("made");
        fs::write(path(name), value).expect("written");
    }
    fs::create_dir(path("etc")).expect("made");
    let write = |source: &str, command: &str| {
        let text = format!(
            "platform.vendor = \"acme\"\nagent = [{{ name = \"vm1\" }}]\n\
             system.on-request.command = [\"true\", \"{command}\"]\n\
             [[sensor]]\nname = \"s\"\ntype = \"temperature\"\nexponent = 0\n\
             source = {{ file = \"../{source}\", every = \"1 ms\" }}\n"
        );
        // As editors do: another file in its place.
        fs::write(path("etc/new"), text).expect("written");
        fs::rename(path("etc/new"), path("etc/board.toml")).expect("replaced");
    };
    write("sources/a", "x");
    let daemon = Daemon::start_on(&path("etc/board.toml"), folder.path());
    let value = || {
        daemon.with("vm1", |client| {
            Sensors::open(client).and_then(|mut sensors| sensors.value(0)).expect("a reading")
        })
    };
    let reload = |words: &str| {
        daemon.signal(rustix::process::Signal::HUP);
        daemon.wait_for(words)
    };
    assert_eq!(value(), 20);
    write("sources/b", "x");
    reload("board.toml: 1 changed");
    assert_eq!(value(), 21, "its folder is open");
    write("other/c", "x");
    let line = reload("the sandbox was closed without a right to read");
    assert!(line.contains("sensor \"s\"") && line.contains("other/c"), "{line}");
    assert_eq!(value(), 21);
    write("sources/b", "y");
    let line = reload("was told the command when it started");
    assert!(line.contains("on-request"), "{line}");
}

#[test]
fn who_runs_the_command_runs_it_for_agents_of_the_board_and_nothing_else() {
    let mut helper = Command::new(env!("CARGO_BIN_EXE_scmid"))
        .arg("--run-requests")
        // What a daemon has in its environment, this has too.
        .env("SCMID_LOG", "debug")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let job =
        r#"{"program":"true","arguments":[],"time_limit":{"secs":60,"nanos":0},"agents":["vm1"]}"#;
    let told = |agent: &str, state: &str| {
        format!(r#"{{"agent":"{agent}","state":"{state}","graceful":true}}"#)
    };
    let mut to = helper.stdin.take().expect("a pipe");
    let from = BufReader::new(helper.stdout.take().expect("a pipe"));
    let mut lines = from.lines().map_while(Result::ok);
    let mut say = |line: &str| writeln!(to, "{line}").expect("said");
    say(job);
    say(&told("vm1", "shutdown"));
    assert_eq!([lines.next(), lines.next()], ["\"Begun\"", "\"Well\""].map(|it| Some(it.into())));
    for (agent, state) in [("vm2", "shutdown"), ("vm1", "$(id)"), ("vm1", "0x1 2"), ("", "suspend")]
    {
        say(&told(agent, state));
        let line = lines.next().expect("an answer");
        assert!(line.starts_with("{\"Not\":"), "{agent} {state}: {line}");
    }
    say(&told("vm1", "0x80000001"));
    assert_eq!(lines.next().as_deref(), Some("\"Begun\""));
    // Another program is no request, and whoever asks for one gets nothing more.
    say(r#"{"agent":"vm1","state":"shutdown","graceful":true,"program":"sh"}"#);
    let status = helper.wait().expect("ended");
    assert_eq!(status.code(), Some(1));
}

#[test]
fn a_check_needs_none() {
    let board = demo_board();
    let arguments: [&OsStr; 5] = [
        "--board".as_ref(),
        board.as_ref(),
        "--check".as_ref(),
        "--sandbox".as_ref(),
        "required".as_ref(),
    ];
    let output = run(&arguments);
    assert!(output.status.success() && !output.stdout.is_empty(), "{output:?}");
}
