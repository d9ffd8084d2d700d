//! The agents of a board, each on its socket.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use scmi::Time;
use scmi::platform::{AgentId, Platform};
use scmi::protocol::system::platform::{Order, System};
use scmi_board::{Board, BoardFile, Faults, Operator, PlatformError, SystemEvent};
use scmi_trace::Tracer;
use scmi_vhost::MonotonicClock;
use scmi_vhost::backend::{BindError, Hub, ServeError, Server, Stop};
use thiserror::Error;

use crate::clerk::{Clerk, Helper, Means, Witness};
use crate::reload::Reloading;
use crate::report::AgentReport;
use crate::state::{StateError, StateFile};
use crate::trace;

/// A board's platform and the sockets of its agents. Dropping it removes the sockets.
#[derive(Debug)]
pub struct Daemon {
    pub(crate) hub: Hub,
    stop: Stop,
    seats: Vec<Seat>,
    operator: Operator,
    system: Option<SystemDesk>,
    tracer: Option<Tracer>,
    pub(crate) faults: Faults,
    witness: Witness,
    pub(crate) reloading: Reloading,
    state: Option<StateFile>,
}

/// Where orders for the system are given.
#[derive(Debug)]
struct SystemDesk {
    system: System,
    clerk: Clerk,
}

/// An agent and where it is served.
#[derive(Debug)]
struct Seat {
    agent: AgentId,
    name: String,
    server: Server,
}

/// Why a board cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// A board that was loaded does not end here; one that was changed since may.
    #[error("the board does not fit together")]
    Board(#[from] PlatformError),
    /// The socket of an agent cannot be had.
    #[error("agent {agent} cannot be served")]
    Socket {
        /// The agent's name.
        agent: String,
        /// Why.
        source: BindError,
    },
    /// What agents set cannot be kept, or what was kept is not of this board.
    #[error(transparent)]
    State(#[from] StateError),
    /// The process has no more file descriptors.
    #[error("no file descriptor to be stopped by")]
    Stop(#[source] std::io::Error),
    /// The system gives no thread for what requests and orders need.
    #[error("no thread for the power of the system")]
    Thread(#[source] std::io::Error),
}

/// Why an order was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OrderError {
    /// Nobody is told, nothing is done.
    #[error("the board has no [system]")]
    NoSystem,
    /// Agents would not know what to make of it.
    #[error("the board's system has no such state")]
    State,
    /// 64 orders wait already.
    #[error("too many orders wait")]
    Full,
}

/// Why serving ended before it was stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The loop of an agent failed; the others were stopped then.
    #[error("serving agent {agent} failed")]
    Serve {
        /// The agent's name.
        agent: String,
        /// Why.
        source: ServeError,
    },
    /// The system gives no thread for an agent.
    #[error("no thread to serve agent {agent}")]
    Thread {
        /// The agent's name.
        agent: String,
        /// Why.
        source: std::io::Error,
    },
    /// The system gives no thread for the state file.
    #[error("no thread for the state file")]
    State(#[source] std::io::Error),
    /// The loop of an agent panicked, which is a defect; the others were stopped then.
    #[error("serving agent {agent} panicked")]
    Panicked {
        /// The agent's name.
        agent: String,
    },
}

impl Daemon {
    /// Listens on a socket in `directory`, `NAME.sock` where the board does not say another, for every agent of the board. VMMs can connect from then on; they are
    /// answered once [`Daemon::run`] runs.
    ///
    /// # Errors
    /// [`StartError`]; no socket is left behind then.
    pub fn bind(board: &Board, directory: &Path) -> Result<Self, StartError> {
        Self::bind_board(Arc::new(board.clone()), None, directory, (None, None))
    }

    /// As [`Daemon::bind`] with the board of a file, which can be read again: [`Daemon::reload`].
    ///
    /// # Errors
    /// [`StartError`]; no socket is left behind then.
    pub fn bind_file(file: &BoardFile, directory: &Path) -> Result<Self, StartError> {
        Self::bind_kept(file, directory, None)
    }

    /// The same, with a file where what agents set is kept: it is taken up from there before any socket is there, and written
    /// there before whoever has set it is answered. A file that is corrupt is set aside.
    ///
    /// # Errors
    /// [`StartError`]; no socket is left behind then.
    pub fn bind_kept(
        file: &BoardFile,
        directory: &Path,
        state: Option<&Path>,
    ) -> Result<Self, StartError> {
        Self::bind_apart(file, directory, state, None)
    }

    /// The same, with somebody who runs the board's command, which a daemon in a sandbox cannot.
    ///
    /// # Errors
    /// [`StartError`]; no socket is left behind then.
    pub fn bind_apart(
        file: &BoardFile,
        directory: &Path,
        state: Option<&Path>,
        helper: Option<Helper>,
    ) -> Result<Self, StartError> {
        let (board, with) = (Arc::clone(file.board()), (state, helper));
        Self::bind_board(board, Some(file.clone()), directory, with)
    }

    fn bind_board(
        shared: Arc<Board>,
        file: Option<BoardFile>,
        directory: &Path,
        (state, helper): (Option<&Path>, Option<Helper>),
    ) -> Result<Self, StartError> {
        let board = &*shared;
        let operator = Operator::new();
        let mut platform = board.platform_with(&operator)?;
        let state = state.map(|path| StateFile::open(path, &mut platform)).transpose()?;
        let ids = (0..platform.agent_count()).filter_map(AgentId::from_index);
        let seats = ids.zip(&board.agents).map(|(agent, described)| {
            let name = described.name.clone();
            match Server::bind(directory.join(&described.socket)) {
                Ok(server) => Ok(Seat { agent, name, server }),
                Err(source) => Err(StartError::Socket { agent: name, source }),
            }
        });
        let seats = seats.collect::<Result<_, _>>()?;
        let stop = Stop::new().map_err(StartError::Stop)?;
        let witness = Witness::default();
        let system = board.system.as_ref().map(|system| {
            let clerk = Clerk::start(board, system, &operator, &witness, helper)
                .map_err(StartError::Thread)?;
            Ok::<_, StartError>(SystemDesk { system: system.system.clone(), clerk })
        });
        let system = system.transpose()?;
        let faults = Faults::new(&board.faults);
        let hub = Hub::new(platform, MonotonicClock::new()).sabotaged_by(Arc::new(faults.clone()));
        let reloading = Reloading::new(shared, file);
        Ok(Self {
            hub,
            stop,
            seats,
            operator,
            system,
            witness,
            tracer: None,
            faults,
            reloading,
            state,
        })
    }

    /// Gives an order of the operator to the agents, at once. What it means for their machines, if they have a QMP socket,
    /// follows.
    ///
    /// # Errors
    /// [`OrderError`]; nobody was told then.
    pub fn order(&self, order: Order) -> Result<(), OrderError> {
        let desk = self.system.as_ref().ok_or(OrderError::NoSystem)?;
        if !desk.system.has(order.state) {
            return Err(OrderError::State);
        }
        if !self.operator.order(order) {
            return Err(OrderError::Full);
        }
        self.hub.with(|now, platform| platform.poll(now));
        Ok(())
    }

    /// Writes everything that is said from the next [`Daemon::run`] on to `file`, as a trace, until the daemon is dropped or the
    /// file has `limit` bytes. Nobody waits for the file: what it cannot take in time is lost and counted.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn trace(
        &mut self,
        file: impl Write + Send + 'static,
        limit: Option<u64>,
    ) -> std::io::Result<()> {
        let names: Vec<&str> = self.seats.iter().map(|seat| seat.name.as_str()).collect();
        let (tracer, ports) = Tracer::start(file, &names, limit)?;
        for (seat, port) in self.seats.iter_mut().zip(ports) {
            seat.server.tap(trace::tap(port));
        }
        self.tracer = Some(tracer);
        Ok(())
    }

    /// How far the trace has come, if there is one.
    pub fn trace_status(&self) -> Option<scmi_trace::Status> {
        self.tracer.as_ref().map(Tracer::status)
    }

    /// Has a sensor read these values from now on, one an axis or just one, in units of the sensor, until it is released.
    /// What they cross is told at the sensor's next sample.
    pub fn hold_sensor(&self, sensor: usize, values: &[i64]) {
        self.operator.hold_sensor(sensor, values);
    }

    /// Has a sensor read the source that the board gives it; whether it was held.
    pub fn release_sensor(&self, sensor: usize) -> bool {
        self.operator.release_sensor(sensor)
    }

    /// What a sensor is held at, if it is.
    pub fn held_sensor(&self, sensor: usize) -> Option<Vec<i64>> {
        self.operator.held_sensor(sensor)
    }

    /// Has `see` called with each request of an agent and each order, after it was seen to, on a thread that others wait
    /// for: it must be quick. It takes the place of the one before.
    pub fn witness(&self, see: impl Fn(&SystemEvent) + Send + 'static) {
        self.witness.set(Box::new(see));
    }

    /// Where what agents set is kept, if it is.
    pub fn state_path(&self) -> Option<&Path> {
        self.state.as_ref().map(|state| state.path().as_path())
    }

    /// What a state file has for a board, in words. Nothing is changed.
    ///
    /// # Errors
    /// [`StartError::Board`], and [`StartError::State`] for a file that the board cannot be served with.
    pub fn check_state(board: &Board, path: &Path) -> Result<String, StartError> {
        Ok(StateFile::check(path, &mut board.platform()?)?)
    }

    /// What ends [`Daemon::run`], from any thread.
    pub fn stop_handle(&self) -> Stop {
        self.stop.clone()
    }

    /// The agents by name, and their sockets.
    pub fn sockets(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.seats.iter().map(|seat| (seat.name.as_str(), seat.server.path()))
    }

    /// Serves every agent, a thread each, until it is stopped.
    ///
    /// # Errors
    /// [`RunError`] when one agent cannot be served any more; the others are not served then either.
    pub fn run(&self) -> Result<(), RunError> {
        thread::scope(|scope| {
            let mut threads = Vec::with_capacity(self.seats.len());
            let mut result = self.tend_state(scope);
            for seat in &self.seats {
                let thread = thread::Builder::new().name(format!("agent-{}", seat.name));
                match thread.spawn_scoped(scope, || self.serve(seat)) {
                    Ok(thread) => threads.push((seat, thread)),
                    Err(source) => {
                        self.stop.stop();
                        result = Err(RunError::Thread { agent: seat.name.clone(), source });
                        break;
                    }
                }
            }
            for (seat, thread) in threads {
                let ended = thread
                    .join()
                    .unwrap_or_else(|_| Err(RunError::Panicked { agent: seat.name.clone() }));
                result = result.and(ended);
            }
            if let Some(state) = &self.state {
                state.stop();
            }
            result
        })
    }

    /// Has a thread make the state file short again whenever it has become long.
    fn tend_state<'s>(&'s self, scope: &'s thread::Scope<'s, '_>) -> Result<(), RunError> {
        let Some(state) = &self.state else { return Ok(()) };
        let thread = thread::Builder::new().name("state".into());
        let spawned = thread.spawn_scoped(scope, || state.tend(&self.hub));
        spawned.map(drop).map_err(RunError::State)
    }

    fn serve(&self, seat: &Seat) -> Result<(), RunError> {
        // However this thread ends, the others end with it: a platform with an agent that is not served looks
        // alive and is not.
        let _others = StopOnDrop(&self.stop);
        seat.server
            .serve(&self.hub, seat.agent, &self.stop)
            .map_err(|source| RunError::Serve { agent: seat.name.clone(), source })
    }

    /// Has the platform alone for a moment, at its own time: every agent waits meanwhile. Whoever has something to be
    /// told by then is told.
    pub fn with<R>(&self, visit: impl FnOnce(Time, &mut Platform) -> R) -> R {
        self.hub.with(visit)
    }

    /// What happened so far, by agent.
    pub fn reports(&self) -> Vec<AgentReport> {
        let report = |seat: &Seat| {
            let device = self.hub.device_counters(seat.agent).unwrap_or_default();
            let platform = self.hub.with(|_, platform| platform.counters(seat.agent).cloned());
            AgentReport { name: seat.name.clone(), device, platform: platform.unwrap_or_default() }
        };
        self.seats.iter().map(report).collect()
    }

    /// What became of requests and orders, by name, where the board has a system.
    pub fn system_counters(&self) -> Option<Vec<(&'static str, u64)>> {
        self.system.as_ref().map(|desk| desk.clerk.items())
    }

    /// What the power of the system needs by another board, where there is a system.
    pub(crate) fn clerk_means(&self, board: &Board) -> std::io::Result<Option<Means>> {
        self.system.as_ref().map(|desk| desk.clerk.means_of(board)).transpose()
    }

    /// Whether a process apart runs the board's command.
    pub(crate) fn runs_apart(&self) -> bool {
        self.system.as_ref().is_some_and(|desk| desk.clerk.runs_apart())
    }

    /// Has it used from the next event on.
    pub(crate) fn use_means(&self, means: Option<Means>) {
        if let Some((desk, means)) = self.system.as_ref().zip(means) {
            desk.clerk.take(means);
        }
    }

    /// Logs what became of requests and orders, and [`Daemon::reports`].
    pub fn log_reports(&self) {
        if let Some(desk) = &self.system {
            desk.clerk.log();
        }
        self.log_faults();
        self.reports().iter().for_each(AgentReport::log);
        if let Some(status) = self.trace_status() {
            trace::log(&status);
        }
    }
}

/// Stops the others when a thread ends, by a panic too.
struct StopOnDrop<'a>(&'a Stop);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
