//! The power of the system, both ways: what agents ask for reaches the operator, and his orders reach the agents.

use core::time::Duration;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use scmi::agent::{CallError, Client};
use scmi::protocol::system::agent::{Event, SystemPower};
use scmi::protocol::system::wire::SystemState;
use scmi::wire::Status;

use crate::process::Daemon;
use crate::vmm::Vmm;

/// A board with two agents, who have machines and control the system, as `system` says.
fn serve(folder: &Path, system: &str) -> Daemon {
    serve_with(folder, system, &[])
}

fn serve_with(folder: &Path, system: &str, more: &[&OsStr]) -> Daemon {
    let text = format!(
        "platform.vendor = \"acme\"\n\
         agent = [{{ name = \"vm1\", qmp = \"vm1.qmp\" }}, {{ name = \"vm2\", qmp = \"vm2.qmp\" }}]\n\
         [system]\nagents = [\"vm1\", \"vm2\"]\n{system}\n"
    );
    let board = folder.join("board.toml");
    fs::write(&board, text).expect("written");
    Daemon::start_with(&board, folder, more)
}

fn ask(daemon: &Daemon, agent: &str, state: SystemState, graceful: bool) {
    daemon.with(agent, |client| {
        SystemPower::open(client)
            .and_then(|mut system| system.set_state(state, graceful))
            .expect("asked");
    });
}

/// The next notification: from whom, what, whether it is graceful, and within how many milliseconds.
fn told(client: &mut Client<'_>) -> (u32, SystemState, bool, Option<u32>) {
    let until = client.now().after(Duration::from_secs(60));
    let event = client.next_event(until).expect("a notification");
    let Event { agent, state, graceful, timeout_ms, .. } =
        Event::parse(event.header(), event.payload()).expect("of the system");
    (agent, state, graceful, timeout_ms)
}

fn listen(client: &mut Client<'_>) {
    SystemPower::open(client).and_then(|mut system| system.notify(true)).expect("listening");
}

#[test]
fn a_request_reaches_the_log_the_command_and_the_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let vmm = Vmm::listen(&folder.path().join("vm1.qmp"), "quit");
    let daemon = serve(
        folder.path(),
        "separate = true\nvendor-states = [0x80000001]\non-request.command = [\n\
         \"sh\", \"-c\", 'echo $SCMI_AGENT $SCMI_STATE $SCMI_GRACEFUL $0 >&2', 'an argument; of two']",
    );
    let states = [
        (SystemState::COLD_RESET, "cold-reset", "system_reset"),
        (SystemState::WARM_RESET, "warm-reset", "system_reset"),
        (SystemState::SUSPEND, "suspend", "stop"),
        (SystemState::POWER_UP, "power-up", "cont"),
        (SystemState::SHUTDOWN, "shutdown", "quit"),
    ];
    for (state, word, command) in states {
        // What is asked for gracefully is not done to the machine: the next thing that this hears of is forceful.
        ask(&daemon, "vm1", SystemState::SHUTDOWN, true);
        ask(&daemon, "vm1", state, false);
        assert!(vmm.is_told(command), "{word}");
        daemon.wait_for(&format!("vm1 {word} no an argument; of two"));
        daemon.wait_for(&format!("agent vm1 asks for a forceful {word} of the system"));
        daemon.wait_for(&format!("machine of vm1: {command}"));
    }
    daemon.wait_for("vm1 shutdown yes an argument; of two");
    ask(&daemon, "vm2", SystemState(0x8000_0001), false);
    daemon.wait_for("vm2 0x80000001 no an argument; of two");
}

#[test]
fn a_reload_gives_another_command_another_machine_and_another_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Vmm::listen(&folder.path().join("vm1.qmp"), "quit");
    let second = Vmm::listen(&folder.path().join("second.qmp"), "quit");
    let command = "on-request.command = [\"sh\", \"-c\", 'echo first $SCMI_STATE >&2']";
    // In a sandbox whoever runs the command knows no other one.
    let open: [&OsStr; 2] = ["--sandbox".as_ref(), "off".as_ref()];
    let daemon = serve_with(folder.path(), command, &open);
    daemon.with("vm2", |client| {
        listen(client);
        ask(&daemon, "vm1", SystemState::COLD_RESET, false);
        assert!(first.is_told("system_reset"));
        daemon.wait_for("first cold-reset");
        assert_eq!(told(client), (1, SystemState::COLD_RESET, false, None));
        let board = folder.path().join("board.toml");
        let text = fs::read_to_string(&board).expect("the board");
        let text = text.replace("vm1.qmp", "second.qmp").replace("echo first", "echo second");
        fs::write(&board, text + "shutdown-timeout = \"1 h\"\n").expect("written");
        daemon.signal(rustix::process::Signal::HUP);
        daemon.wait_for("shutdown-timeout of system: was not there, is \"1 h\"");
        ask(&daemon, "vm1", SystemState::SUSPEND, false);
        assert!(second.is_told("stop"));
        daemon.wait_for("second suspend");
        assert_eq!(told(client), (1, SystemState::SUSPEND, false, None));
        ask(&daemon, "vm1", SystemState::SHUTDOWN, true);
        assert_eq!(told(client), (1, SystemState::SHUTDOWN, true, Some(3_600_000)));
    });
    assert!(!daemon.log().contains("first suspend"));
}

#[test]
fn a_system_of_all_is_ended_with_all_its_machines() {
    let folder = tempfile::tempdir().expect("a folder");
    let vmms = ["vm1", "vm2"]
        .map(|agent| Vmm::listen(&folder.path().join(format!("{agent}.qmp")), "quit"));
    let daemon = serve(folder.path(), "");
    daemon.with("vm2", |client| {
        listen(client);
        ask(&daemon, "vm1", SystemState::SHUTDOWN, false);
        assert_eq!(told(client), (1, SystemState::SHUTDOWN, false, None));
    });
    assert!(vmms.iter().all(|vmm| vmm.is_told("quit")));
}

#[test]
fn a_machine_that_is_not_there_is_a_line_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = serve(folder.path(), "separate = true\non-request.command = [\"./nothing-here\"]");
    ask(&daemon, "vm1", SystemState::SHUTDOWN, false);
    let line = daemon.wait_for("machine of vm1: quit failed");
    assert!(line.contains("vm1.qmp: No such file"), "{line}");
    let line = daemon.wait_for("on-request:");
    assert!(line.contains("nothing-here cannot be run: No such file"), "{line}");
    daemon.real_time_signal(4);
    daemon.wait_for("the operator orders a graceful shutdown of all agents; so many listen: 0");
    daemon.wait_for("nobody is told of the shutdown");
    daemon.signal(rustix::process::Signal::USR1);
    daemon.wait_for("system requests=1 orders=1 commands=1 acts=1 failed=2 dropped=0 lost=0");
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_what_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = serve(
        folder.path(),
        "on-request = { command = [\"sh\", \"-c\", 'sleep 1000 & echo child $! >&2; wait'], time-limit = \"500 ms\" }",
    );
    ask(&daemon, "vm1", SystemState::SUSPEND, true);
    let child = daemon.wait_for("child ").replace("child ", "");
    daemon.wait_for("was killed after 500ms");
    // It is a zombie for as long as whoever inherits it takes to notice.
    let stat = format!("/proc/{}/stat", child.trim());
    let ended = || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
    while !ended() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Of sixty requests twenty pass, and each of them runs one command at most.
#[test]
fn a_guest_that_asks_without_end_starts_no_programs_without_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let flag = folder.path().join("flag");
    fs::write(&flag, "").expect("written");
    let until_gone = format!("while [ -e {} ]; do sleep 0.1; done", flag.display());
    let command = format!("on-request.command = [\"sh\", \"-c\", \"{until_gone}\"]");
    let daemon = serve(folder.path(), &command);
    for agent in ["vm1", "vm2"] {
        daemon.with(agent, |client| {
            let mut ask = || SystemPower::open(client)?.set_state(SystemState::SUSPEND, true);
            let answers: Vec<_> = (0..30).map(|_| ask()).collect();
            assert!(answers[..10].iter().all(Result::is_ok), "{answers:?}");
            let busy = Err(CallError::Refused(Status::BUSY));
            assert!(answers[10..].iter().all(|answer| *answer == busy), "{answers:?}");
        });
    }
    // Four run.
    let counted = "system requests=20 orders=0 commands=4 acts=0 failed=0 dropped=";
    loop {
        daemon.signal(rustix::process::Signal::USR1);
        std::thread::sleep(Duration::from_millis(5));
        if daemon.log().contains(counted) {
            break;
        }
    }
    fs::remove_file(flag).expect("it was there");
}

#[test]
fn orders_by_signal_reach_who_listens_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = serve(folder.path(), "shutdown-timeout = \"30 s\"");
    daemon.with("vm1", |client| {
        listen(client);
        for (offset, state, timeout) in [
            (6, SystemState::SUSPEND, None),
            (5, SystemState::COLD_RESET, None),
            (4, SystemState::SHUTDOWN, Some(30_000)),
        ] {
            daemon.real_time_signal(offset);
            assert_eq!(told(client), (0, state, true, timeout));
        }
    });
    daemon.wait_for("the operator orders a graceful cold-reset of all agents; so many listen: 1");
}

#[test]
fn orders_by_signal_need_a_system_that_can() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = serve(folder.path(), "suspend = false");
    daemon.real_time_signal(6);
    daemon.wait_for("the board's system has no such state");
    let folder = tempfile::tempdir().expect("a folder");
    let board = folder.path().join("board.toml");
    fs::write(&board, "platform.vendor = \"acme\"\nagent = [{ name = \"vm1\" }]").expect("written");
    let daemon = Daemon::start_on(&board, folder.path());
    daemon.real_time_signal(4);
    daemon.wait_for("the board has no [system]");
}

#[test]
fn a_step_of_the_board_reaches_the_agent_that_it_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = serve(
        folder.path(),
        "[[system.step]]\nat = \"1 s\"\norder = \"suspend\"\nagent = \"vm2\"\n\
         [[system.step]]\nat = \"1500 ms\"\norder = \"shutdown\"\ntimeout = \"2 s\"",
    );
    let (mut one, mut two) = (daemon.connect("vm1"), daemon.connect("vm2"));
    let (mut one, mut two): (Client<'_>, Client<'_>) =
        (Client::new(&mut one), Client::new(&mut two));
    listen(&mut one);
    listen(&mut two);
    assert_eq!(told(&mut two), (0, SystemState::SUSPEND, true, None));
    assert_eq!(told(&mut two), (0, SystemState::SHUTDOWN, true, Some(2000)));
    assert_eq!(told(&mut one), (0, SystemState::SHUTDOWN, true, Some(2000)));
    daemon.wait_for("the operator orders a graceful suspend of agent vm2");
}

#[test]
fn a_machine_that_does_not_end_in_time_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    // One goes as soon as somebody listens to it, the other has to be told.
    let gone = Vmm::listen(&folder.path().join("vm1.qmp"), "qmp_capabilities");
    let stays = Vmm::listen(&folder.path().join("vm2.qmp"), "quit");
    let daemon = serve(folder.path(), "shutdown-timeout = \"300 ms\"");
    daemon.real_time_signal(4);
    daemon.wait_for("machine of vm1: has ended by itself");
    daemon.wait_for("machine of vm2: still runs 300ms after it was to end");
    assert!(stays.is_told("quit"));
    assert_eq!(gone.next(), "{\"execute\":\"qmp_capabilities\"}");
}

#[test]
fn a_machine_that_is_wanted_again_is_not_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let vmm = Vmm::listen(&folder.path().join("vm1.qmp"), "quit");
    let daemon = serve(folder.path(), "separate = true\nshutdown-timeout = \"1 h\"");
    ask(&daemon, "vm1", SystemState::SHUTDOWN, true);
    assert_eq!(vmm.next(), "{\"execute\":\"qmp_capabilities\"}");
    ask(&daemon, "vm1", SystemState::POWER_UP, false);
    assert!(vmm.is_told("cont"));
    daemon.wait_for("machine of vm1: cont");
}
