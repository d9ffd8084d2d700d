//! The load against two of the daemons that it is for: the answers are those that are counted.

use core::time::Duration;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Instant;

use scmi_bench::{Case, Load, ROOM};
use scmi_board::Board;
use scmi_test_kit::Process;
use scmi_vhost::MonotonicClock;
use scmi_vhost::backend::{Hub, Server, Stop};
use scmi_vhost::frontend::{Frontend, Options};

const SPAN: Duration = Duration::from_millis(20);

#[test]
fn scmids_side_with_the_benchs_board_answers_every_load() {
    let board = Path::new(env!("CARGO_MANIFEST_DIR")).join("board.toml");
    let platform = Board::load(board).expect("board").platform().expect("platform");
    let agent = platform.agent("bench").expect("the agent of the bench");
    let hub = Hub::new(platform, MonotonicClock::new());
    let dir = tempfile::tempdir().expect("directory");
    let server = Server::bind(dir.path().join("bench.sock")).expect("socket");
    let stop = Stop::new().expect("stop");
    thread::scope(|scope| {
        let device = scope.spawn(|| server.serve(&hub, agent, &stop));
        for case in Case::ALL {
            let mut frontend = connect(server.path());
            let mut load = Load::new(case);
            load.check(&mut frontend).expect("a good answer");
            let sample = load.run(&mut frontend, std::process::id(), SPAN).expect("answers");
            assert!(sample.messages >= case.depth.into(), "{case}: {sample:?}");
        }
        stop.stop();
        device.join().expect("the device's thread").expect("served");
    });
}

#[test]
fn the_floor_answers_every_load() {
    for case in Case::ALL {
        let dir = tempfile::tempdir().expect("directory");
        let socket = dir.path().join("floor.sock");
        let bytes = case.message.answer_len().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_floor"));
        command.arg("--socket").arg(&socket).args(["--bytes", &bytes]);
        let mut floor = Process::start("floor", &mut command).expect("started");
        let mut frontend = connect(&socket);
        let mut load = Load::new(case);
        let sample = load.run(&mut frontend, floor.id(), SPAN).expect("answers");
        assert!(sample.messages >= case.depth.into(), "{case}: {sample:?}");
        assert!(sample.daemon > Duration::ZERO, "{case}: {sample:?}");
        drop(frontend);
        let status = floor.wait(Duration::from_secs(60)).expect("it ends with its guest");
        assert!(status.success(), "{status}: {}", floor.errors().tail(10));
    }
}

/// Connects as soon as somebody listens.
fn connect(socket: &Path) -> Frontend {
    let mut options = Options::default();
    options.max_message = u32::try_from(ROOM).expect("small");
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match Frontend::connect(socket, options) {
            Ok(frontend) => return frontend,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        thread::sleep(Duration::from_millis(2));
    }
}
