//! `scmictl demo`: a platform and an agent in one process, over the real thing.

mod acts;
mod faces;
mod lines;
mod play;
mod records;
mod scene;
mod screen;
mod settings;

use core::time::Duration;
use std::io::Write;
use std::path::PathBuf;
use std::thread;

use clap::Args;
use scmi_board::Board;
use scmi_vhost::backend::Stop;
use scmid::{AgentReport, Daemon};

use crate::connect::{self, Session};
use crate::failure::{Failure, Kind};
use crate::{board, units};
use faces::Face;
use play::Play;
use scene::{Closing, Opening};

/// Show SCMI over virtio: a platform and an agent in one process.
///
/// The platform serves a board as scmid does, on a vhost-user socket; the agent talks to it as a guest does, over virtqueues in
/// shared memory. It shows what was found, readings for some seconds, an asynchronous reading, updates that come unasked
/// and a trip point that is crossed; and it sets a clock and a processor's level, and measures what that costs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The board to show; a small server board unless given.
    #[arg(long, short, value_name = "FILE")]
    board: Option<PathBuf>,

    /// How long to show readings.
    #[arg(long, short, value_name = "SECONDS", default_value = "6", value_parser = units::seconds)]
    seconds: Duration,
}

const EXAMPLES: &str = "\
Examples:
  scmictl demo
  scmictl demo --board board.toml --seconds 30
  scmictl demo | cat                 plain lines, as on anything that is no terminal
  scmictl --json demo                a JSON document for each thing that happens";

/// The board that is shown unless another one is given.
const DEMO: &str = include_str!("../../../../examples/demo.toml");

/// How long anything but the show itself may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows it.
pub(crate) fn run(arguments: &Arguments, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let (board, origin) = match &arguments.board {
        Some(path) => (board::load(path)?, path.display().to_string()),
        None => {
            let board = Board::parse(DEMO, "demo.toml");
            (board.map_err(|error| Failure::verbatim(Kind::File, error))?, "built in".into())
        }
    };
    let folder = tempfile::Builder::new().prefix("scmi-").tempdir();
    let folder =
        folder.map_err(|error| Failure::because(Kind::File, "no place for a socket", &error))?;
    let daemon = Daemon::bind(&board, folder.path())
        .map_err(|error| Failure::from_error(Kind::File, &error))?;
    let mut face = faces::choose(json, out);
    let played = perform(&daemon, arguments.seconds, &origin, face.as_mut())?;
    let socket_gone = {
        let socket = first_socket(&daemon);
        drop(daemon);
        socket.is_none_or(|socket| !socket.exists())
    };
    Ok(face.closing(&Closing { socket_gone, ..played })?)
}

/// Serves in a thread and plays the agent in this one.
fn perform(
    daemon: &Daemon,
    seconds: Duration,
    origin: &str,
    face: &mut dyn Face,
) -> Result<Closing, Failure> {
    thread::scope(|scope| {
        let stop = StopOnDrop(daemon.stop_handle());
        let serving = thread::Builder::new().name("platform".into());
        let serving = serving
            .spawn_scoped(scope, || daemon.run())
            .map_err(|error| Failure::because(Kind::Platform, "no thread to serve in", &error))?;
        let mut closing = agent(daemon, seconds, origin, face)?;
        drop(stop);
        match serving.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Failure::from_error(Kind::Platform, &error)),
            Err(_) => return Err(Failure::new(Kind::Platform, "the platform panicked")),
        }
        let own = |report: &AgentReport| {
            daemon.sockets().next().is_some_and(|(name, _)| name == report.name)
        };
        closing.report = daemon.reports().into_iter().find(own);
        Ok(closing)
    })
}

/// The agent's part, from its connection to its end.
fn agent(
    daemon: &Daemon,
    seconds: Duration,
    origin: &str,
    face: &mut dyn Face,
) -> Result<Closing, Failure> {
    let socket = first_socket(daemon);
    // A board has at least one agent.
    let socket = socket.ok_or_else(|| Failure::new(Kind::File, "the board has no agent"))?;
    let mut frontend = connect::vhost_user(&socket, PATIENCE)?;
    let mut session = Session::new(&mut frontend);
    let opening = Opening::discover(&mut session, origin, &socket)?;
    face.opening(&opening)?;
    Play::new(&mut session, &opening, seconds, face)?.run()
}

fn first_socket(daemon: &Daemon) -> Option<PathBuf> {
    daemon.sockets().next().map(|(_, path)| path.to_owned())
}

/// However the agent ends, the platform does too.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
