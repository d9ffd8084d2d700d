//! A daemon in this process, and agents that give up rather than hang.

use core::time::Duration;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustix::thread::Pid;
use scmi::platform::{AgentId, Platform};
use scmi::protocol::base::platform::Identity;
use scmi::transport::{Channel, Received};
use scmi::wire::{MessageId, ProtocolId};
use scmi_vhost::backend::{Hub, Server, Stop, Tap};
use scmi_vhost::frontend::{Frontend, Options};
use scmi_vhost::{Clock, MonotonicClock};
use scmi_virtio::device::Counters;
use tempfile::TempDir;

use crate::probe;

/// After this long, what was waited for will not come any more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// PROTOCOL_VERSION of Base, the command that everybody answers.
pub(crate) fn version_request(token: u16) -> Vec<u8> {
    probe::request(ProtocolId::BASE, MessageId::PROTOCOL_VERSION, token, &[])
}

/// Whether `answer` is a success with twelve bytes that echoes the header of `request`.
pub(crate) fn is_version(request: &[u8], answer: &[u8]) -> bool {
    answer.len() == 12
        && answer[..4] == request[..4]
        && answer[4..8] == [0; 4]
        && answer[8..] != [0; 4]
}

/// A platform and its agents, each served by a thread on a socket.
pub(crate) struct Daemon {
    pub(crate) hub: Arc<Hub>,
    directory: TempDir,
    stops: Vec<Stop>,
    threads: Vec<Pid>,
    ended: Vec<Receiver<()>>,
}

impl Daemon {
    /// Serves so many agents.
    pub(crate) fn start(agents: usize) -> Self {
        Self::start_at(agents, MonotonicClock::new())
    }

    /// Serves so many agents by another clock.
    pub(crate) fn start_at(agents: usize, clock: impl Clock + 'static) -> Self {
        Self::start_with(agents, clock, None)
    }

    /// Serves so many agents to whom somebody listens.
    pub(crate) fn start_tapped(agents: usize, tap: Arc<dyn Tap>) -> Self {
        Self::start_with(agents, MonotonicClock::new(), Some(tap))
    }

    fn start_with(agents: usize, clock: impl Clock + 'static, tap: Option<Arc<dyn Tap>>) -> Self {
        let directory = tempfile::tempdir().expect("tempdir");
        let builder = Platform::builder(Identity {
            vendor: "test".into(),
            sub_vendor: "vhost".into(),
            implementation_version: 1,
        });
        let builder = (0..agents).fold(builder, |b, index| b.agent(&format!("vm{index}"), &[]));
        let platform = builder.server(Box::new(probe::Probe)).build().expect("platform");
        let hub = Arc::new(Hub::new(platform, clock));
        let stops = (0..agents).map(|_| Stop::new().expect("eventfd")).collect();
        let mut daemon = Self { hub, directory, stops, threads: Vec::new(), ended: Vec::new() };
        for index in 0..agents {
            daemon.serve(index, tap.clone());
        }
        daemon
    }

    fn serve(&mut self, index: usize, tap: Option<Arc<dyn Tap>>) {
        let mut server = Server::bind(self.socket(index)).expect("bind");
        if let Some(tap) = tap {
            server.tap(tap);
        }
        let (hub, stop) = (Arc::clone(&self.hub), self.stops[index].clone());
        let (started, id) = channel();
        let (done, ended) = channel();
        thread::spawn(move || {
            started.send(rustix::thread::gettid()).expect("the test waits for this");
            server.serve(&hub, agent(index), &stop).expect("serve");
            drop(server);
            done.send(()).expect("the test waits for this");
        });
        self.threads.push(id.recv_timeout(PATIENCE).expect("thread"));
        self.ended.push(ended);
    }

    /// Waits until the thread of an agent has nothing to do: a loop that does not sleep is never seen asleep
    /// so often in a row.
    pub(crate) fn expect_idle(&self, index: usize) {
        let stat = format!("/proc/self/task/{}/stat", self.threads[index].as_raw_nonzero());
        let asleep = || {
            let stat = std::fs::read_to_string(&stat).expect("the thread is alive");
            stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('S'))
        };
        until("the thread sleeps", || {
            (0..20).all(|_| {
                thread::sleep(Duration::from_millis(1));
                asleep()
            })
        });
    }

    /// Ends the thread of one agent, and returns when its socket is gone.
    pub(crate) fn end(&self, index: usize) {
        self.stops[index].stop();
        until("the socket is removed", || !self.socket(index).exists());
    }

    /// The socket of an agent.
    pub(crate) fn socket(&self, index: usize) -> PathBuf {
        self.directory.path().join(format!("vm{index}.sock"))
    }

    /// A guest for an agent.
    pub(crate) fn connect(&self, index: usize, options: Options) -> Frontend {
        Frontend::connect(self.socket(index), options).expect("connect")
    }

    /// What the device of an agent counted.
    pub(crate) fn counters(&self, index: usize) -> Counters {
        self.hub.device_counters(agent(index)).expect("agent")
    }

    /// Sends a command as an agent with a connection of its own and expects the right answer.
    pub(crate) fn check(&self, index: usize) {
        let mut guest = self.connect(index, Options::default());
        check(&mut guest);
    }
}

impl Drop for Daemon {
    /// Ends the threads. One that does not end is a failure, unless the test has failed anyway.
    fn drop(&mut self) {
        self.stops.iter().for_each(Stop::stop);
        for (index, ended) in self.ended.iter().enumerate() {
            let result = ended.recv_timeout(PATIENCE);
            if !thread::panicking() {
                result.expect("the thread of an agent did not end, or panicked");
                assert!(!self.socket(index).exists(), "a socket was left behind");
            }
        }
    }
}

/// The agent at an index.
pub(crate) fn agent(index: usize) -> AgentId {
    AgentId::from_index(index).expect("index")
}

/// Sends a command and expects the right answer.
pub(crate) fn check(guest: &mut Frontend) {
    let request = version_request(77);
    let answer = exchange(guest, &request, 12);
    assert!(is_version(&request, &answer), "{answer:x?}");
}

/// Sends a command and waits for its answer; events that come before it are lost.
pub(crate) fn exchange(guest: &mut Frontend, request: &[u8], room: usize) -> Vec<u8> {
    guest.send(1, request, room).expect("send");
    loop {
        if let (Received::Reply { tag, .. }, bytes) = next(guest) {
            assert_eq!(tag, 1);
            return bytes;
        }
    }
}

/// Waits for the next message.
pub(crate) fn next(guest: &mut Frontend) -> (Received, Vec<u8>) {
    next_within(guest, PATIENCE).expect("nothing came")
}

/// Waits for the next message, but not for ever.
pub(crate) fn next_within(guest: &mut Frontend, patience: Duration) -> Option<(Received, Vec<u8>)> {
    let give_up = guest.now().after(patience);
    let mut buffer = vec![0; 4096];
    loop {
        if let Some(received) = guest.receive(&mut buffer) {
            let (Received::Reply { len, .. } | Received::Event { len }) = received;
            buffer.truncate(len);
            return Some((received, buffer));
        }
        if guest.now() >= give_up {
            return None;
        }
        guest.wait(give_up);
    }
}

/// Waits until something has become so.
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !so() {
        assert!(start.elapsed() < PATIENCE, "never happened: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
