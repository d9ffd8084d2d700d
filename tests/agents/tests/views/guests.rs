//! The agents of `examples/two-guests.toml`, at the sockets of a daemon in this process.

use core::time::Duration;
use std::thread;

use scmi::agent::{CallError, Caller, Client, Request, Timeouts};
use scmi::wire::{Header, MessageId, ProtocolId, Status};
use scmi_board::Board;
use scmi_vhost::backend::Stop;
use scmi_vhost::frontend::{Frontend, Options};
use scmid::Daemon;

/// The example, but the gateway does not see the system, and the board's temperature changes faster.
const BOARD: &str = include_str!("../../../../examples/two-guests.toml");

/// How long anything may take; far more than it does, and then the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// An agent, asked in words.
pub(crate) struct Guest<'g> {
    client: Box<Client<'g, 16>>,
}

impl Guest<'_> {
    /// The words of an answer, or how it was refused. Asks for no delayed response.
    pub(crate) fn ask(
        &mut self,
        protocol: ProtocolId,
        message: u8,
        params: &[u32],
    ) -> Result<Vec<u32>, Status> {
        self.exchange(protocol, message, params, false)
    }

    /// The words of a delayed response.
    pub(crate) fn ask_delayed(
        &mut self,
        protocol: ProtocolId,
        message: u8,
        params: &[u32],
    ) -> Result<Vec<u32>, Status> {
        self.exchange(protocol, message, params, true)
    }

    fn exchange(
        &mut self,
        protocol: ProtocolId,
        message: u8,
        params: &[u32],
        delayed: bool,
    ) -> Result<Vec<u32>, Status> {
        let params: Vec<u8> = params.iter().flat_map(|word| word.to_le_bytes()).collect();
        let message = MessageId(message);
        let request = Request { protocol, message, params: &params, values: 128, delayed };
        match self.client.exchange(&request) {
            Ok(values) => Ok(words(values)),
            Err(CallError::Refused(status)) => Err(status),
            Err(error) => panic!("{protocol:?} {message:?} {params:x?}: {error}"),
        }
    }

    /// The next notification of a protocol: its number, and its words.
    pub(crate) fn told(&mut self, protocol: ProtocolId) -> (u8, Vec<u32>) {
        let until = self.client.now().after(PATIENCE);
        while let Some(event) = self.client.next_event(until) {
            let header: Header = event.header();
            if header.protocol() == protocol {
                return (header.message().0, words(event.payload()));
            }
        }
        panic!("no notification of {protocol:?} came");
    }

    /// The protocols that Base lists.
    pub(crate) fn protocols(&mut self) -> Vec<u8> {
        let words = self.ask(ProtocolId::BASE, 6, &[0]).expect("lists");
        let count = usize::try_from(words[0]).expect("few");
        words[1..].iter().flat_map(|word| word.to_le_bytes()).take(count).collect()
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

/// Serves the board to its three agents while the steps ask: media, gateway and operator, whose ids are 1, 2 and 3.
pub(crate) fn guests(steps: impl FnOnce([&mut Guest<'_>; 3])) {
    let text = BOARD.replace("name = \"gateway\"\n", "name = \"gateway\"\nsystem = false\n");
    let text = text.replace("period = \"1 min\"", "period = \"500 ms\"");
    let board = Board::parse(&text, "two-guests.toml").expect("a good board");
    assert_eq!(board.warnings, []);
    let directory = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::bind(&board, directory.path()).expect("sockets");
    thread::scope(|scope| {
        let _stop = StopOnDrop(daemon.stop_handle());
        scope.spawn(|| daemon.run().expect("it serves"));
        let mut frontends = ["media", "gateway", "operator"].map(|name| {
            let socket = directory.path().join(format!("{name}.sock"));
            Frontend::connect(socket, Options::default()).expect("a platform")
        });
        let mut all = frontends.each_mut().map(|frontend| {
            let mut client = Box::new(Client::new(frontend));
            client.set_timeouts(Timeouts::all(PATIENCE));
            Guest { client }
        });
        steps(all.each_mut());
    });
}

/// Ends the serving, also when a test failed.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
