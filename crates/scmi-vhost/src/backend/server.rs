//! One agent's socket and the loop that serves it.

use core::mem::MaybeUninit;
use core::time::Duration;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use scmi::platform::AgentId;
use thiserror::Error;
use vhost::vhost_user::Error as VhostError;

use super::connection::{Connection, Ended};
use super::device::{Device, Turn};
use super::hub::{AgentTaken, Hub, Registration};
use super::order::LOOK_AGAIN;
use super::socket::{BindError, Socket};
use super::stop::Stop;
use super::tap::{Tap, Watch};
use super::throttle::Throttle;

const LISTENER: u64 = 0;
const STOP: u64 = 1;
const WAKER: u64 = 2;
const CONNECTION: u64 = 3;
const KICKS: u64 = 4;

/// How long not to accept after accepting failed, for want of file descriptors for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The shortest sleep until a deadline, for a platform whose deadline does not move when it has come.
const SHORTEST_SLEEP: Duration = Duration::from_micros(50);

/// How a ring's kick is named in the poll set.
pub(super) fn kick_data(index: usize) -> u64 {
    KICKS + index as u64
}

/// The socket of one agent. Dropping it removes the socket, unless somebody else's is there by now.
#[derive(Debug)]
pub struct Server {
    socket: Socket,
    tap: Option<Arc<dyn Tap>>,
}

/// Why an agent could not be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The agent does not exist or is served already.
    #[error("the agent cannot be served")]
    Agent(#[from] AgentTaken),
    /// The system refuses what a loop needs.
    #[error("cannot wait for events")]
    System(#[from] io::Error),
}

impl Server {
    /// Listens on `path`. A socket of a process that is gone is replaced; one that a process listens on is
    /// not, and nothing that is no socket ever is.
    ///
    /// # Errors
    /// [`BindError`]; its message names the path.
    pub fn bind(path: impl AsRef<Path>) -> Result<Self, BindError> {
        Socket::bind(path.as_ref()).map(|socket| Self { socket, tap: None })
    }

    /// Lets `tap` listen to what is said here, from the next time that an agent is served on.
    pub fn tap(&mut self, tap: Arc<dyn Tap>) {
        self.tap = Some(tap);
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        self.socket.path()
    }

    /// Serves `agent` to one VMM after the other until `stop`. A VMM that connects while another one is
    /// there waits until that has gone. Whatever a VMM or its guest does ends at most that VMM's connection.
    ///
    /// # Errors
    /// The agent cannot be served at all, or the system fails.
    pub fn serve(&self, hub: &Hub, agent: AgentId, stop: &Stop) -> Result<(), ServeError> {
        let registration = hub.register(agent)?;
        let epoll = Arc::new(epoll::create(epoll::CreateFlags::CLOEXEC).map_err(io::Error::from)?);
        let data = epoll::EventData::new_u64;
        let (level, edge) = (epoll::EventFlags::IN, epoll::EventFlags::IN | epoll::EventFlags::ET);
        let added = epoll::add(&epoll, &self.socket.listener, data(LISTENER), level)
            .and_then(|()| epoll::add(&epoll, stop, data(STOP), level))
            .and_then(|()| epoll::add(&epoll, &registration.waker, data(WAKER), edge));
        added.map_err(io::Error::from)?;
        let watch = self.tap.as_ref().map(|tap| Watch::new(Arc::clone(tap), agent));
        let device = Arc::new(Mutex::new(Device::new(hub, agent, Arc::clone(&epoll), watch)));
        let name =
            hub.with(|_, platform| platform.agent_name(agent).unwrap_or_default().to_owned());
        Loop {
            server: self,
            hub,
            name,
            registration,
            epoll,
            device,
            connection: None,
            accept_at: None,
            throttle: Throttle::new(),
        }
        .run()
    }
}

/// The state of the loop.
struct Loop<'a> {
    server: &'a Server,
    hub: &'a Hub,
    name: String,
    registration: Registration<'a>,
    epoll: Arc<OwnedFd>,
    device: Arc<Mutex<Device<'a>>>,
    connection: Option<Connection<'a>>,
    /// When to accept again after that failed.
    accept_at: Option<Instant>,
    throttle: Throttle,
}

/// What woke the loop.
#[derive(Clone, Copy, Debug, Default)]
struct Woken {
    stop: bool,
    listener: bool,
    message: bool,
    hung_up: bool,
}

impl<'a> Loop<'a> {
    fn run(&mut self) -> Result<(), ServeError> {
        let mut messages = false;
        let mut turn = Turn { again: true, ..Turn::default() };
        loop {
            let woken = self.wait(turn, messages)?;
            if woken.stop {
                self.disconnect(None);
                return Ok(());
            }
            if woken.listener || self.accept_at.is_some_and(|at| at <= Instant::now()) {
                self.accept()?;
            }
            messages = self.talk(woken, messages);
            turn = self.device().work();
        }
    }

    fn device(&self) -> MutexGuard<'_, Device<'a>> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps until something happens or is due.
    fn wait(&self, turn: Turn, messages: bool) -> Result<Woken, ServeError> {
        let timeout =
            if turn.again || messages { Some(Duration::ZERO) } else { self.timeout(turn) };
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut space = [MaybeUninit::uninit(); 8];
        let (events, _) = match epoll::wait(&self.epoll, &mut space, timeout.as_ref()) {
            Ok(events) => events,
            Err(Errno::INTR) => return Ok(Woken::default()),
            Err(error) => return Err(io::Error::from(error).into()),
        };
        let mut woken = Woken::default();
        for event in events.iter() {
            let flags = event.flags;
            match event.data.u64() {
                LISTENER => woken.listener = true,
                STOP => woken.stop = true,
                WAKER => self.registration.waker.drain(),
                CONNECTION => {
                    woken.message = true;
                    let gone =
                        epoll::EventFlags::HUP | epoll::EventFlags::RDHUP | epoll::EventFlags::ERR;
                    woken.hung_up |= flags.intersects(gone);
                }
                // A kick. The rings are looked at in any case.
                _ => {}
            }
        }
        Ok(woken)
    }

    fn timeout(&self, turn: Turn) -> Option<Duration> {
        let now = Instant::now();
        let until = |at: Instant| at.saturating_duration_since(now);
        let timer = turn.timer.and_then(|at| self.hub.clock().sleep_until(at));
        let message = self.connection.as_ref().and_then(Connection::deadline).map(until);
        let timer = timer.map(|span| span.max(SHORTEST_SLEEP));
        let guest = turn.waits_for_guest.then_some(LOOK_AGAIN);
        [timer, guest, message, self.accept_at.map(until)].into_iter().flatten().min()
    }

    fn accept(&mut self) -> Result<(), ServeError> {
        self.accept_at = None;
        if self.connection.is_some() {
            return Ok(());
        }
        match self.server.socket.listener.accept() {
            Ok((stream, _)) => self.connect(stream),
            Err(none) if none.kind() == io::ErrorKind::WouldBlock => self.listen(true),
            Err(error) => {
                self.say(|agent| {
                    tracing::warn!(agent, %error, "cannot accept a VMM, will try again");
                });
                self.accept_at = Some(Instant::now() + ACCEPT_PAUSE);
                self.listen(false)
            }
        }
    }

    fn connect(&mut self, stream: UnixStream) -> Result<(), ServeError> {
        let connection = match Connection::new(stream, &self.device) {
            Ok(connection) => connection,
            Err(error) => {
                self.accept_at = Some(Instant::now() + ACCEPT_PAUSE);
                self.say(|agent| {
                    tracing::warn!(agent, %error, "cannot take a VMM's connection");
                });
                return self.listen(false);
            }
        };
        let flags = epoll::EventFlags::IN | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
        epoll::add(&self.epoll, &connection, epoll::EventData::new_u64(CONNECTION), flags)
            .map_err(io::Error::from)?;
        self.connection = Some(connection);
        self.say(|agent| tracing::info!(agent, "a VMM has connected"));
        // The next one waits in the backlog.
        self.listen(false)
    }

    /// Answers the VMM's messages; says whether there may be more.
    fn talk(&mut self, woken: Woken, more: bool) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        let late = connection.deadline().is_some_and(|at| at <= Instant::now());
        if woken.hung_up {
            // What it may have sent before does not matter any more.
            self.disconnect(Some(Ended::Left));
            return false;
        }
        if !(woken.message || more || late) {
            return false;
        }
        match connection.turn() {
            Ok(more) => more,
            Err(ended) => {
                self.disconnect(Some(ended));
                false
            }
        }
    }

    /// Without a reason it is the server that ends.
    fn disconnect(&mut self, why: Option<Ended>) {
        match why {
            Some(_) => self.device().disconnected(),
            None => self.device().part(),
        }
        if self.connection.take().is_none() {
            return;
        }
        match why {
            Some(why @ (Ended::Left | Ended::Malformed(VhostError::Disconnected))) => {
                self.say(|agent| tracing::info!(agent, "{why}"));
            }
            Some(why) => self.say(|agent| {
                tracing::warn!(agent, "connection ended: {why}");
            }),
            None => {}
        }
        if self.listen(true).is_err() {
            self.accept_at = Some(Instant::now() + ACCEPT_PAUSE);
        }
    }

    /// Whether to be woken by VMMs that want to connect.
    fn listen(&self, wanted: bool) -> Result<(), ServeError> {
        let flags = if wanted { epoll::EventFlags::IN } else { epoll::EventFlags::empty() };
        let data = epoll::EventData::new_u64(LISTENER);
        epoll::modify(&self.epoll, &self.server.socket.listener, data, flags)
            .map_err(|error| io::Error::from(error).into())
    }

    /// Logs, unless so much was logged lately that somebody seems to want to fill the log.
    fn say(&mut self, log: impl FnOnce(&str)) {
        let agent = self.name.as_str();
        if let Some(held_back) = self.throttle.pass() {
            if held_back > 0 {
                tracing::warn!(agent, held_back, "there was too much to tell");
            }
            log(agent);
        }
    }
}
