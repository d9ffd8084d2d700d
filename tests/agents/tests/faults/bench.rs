//! A daemon with clocks, and an agent that asks for their rates: no two have the same.

use core::time::Duration;
use std::path::PathBuf;
use std::thread;

use scmi::agent::{CallError, Caller as _, Client, Counters, Malformed, Request, Timeouts};
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::Rounding;
use scmi::wire::{MessageId, ProtocolId};
use scmi_board::Board;
use scmi_vhost::backend::Stop;
use scmi_vhost::frontend::{Frontend, Options};
use scmid::Daemon;

/// How long anything may take that is to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const PATIENT: Timeouts = Timeouts::all(PATIENCE);

/// How long to wait for what is not to come.
pub(crate) const SOON: Duration = Duration::from_millis(50);

/// Clocks of the board.
pub(crate) const CLOCKS: u32 = 8;

const RATE_GET: MessageId = MessageId(6);

/// The rate of a clock, which no other has.
pub(crate) const fn rate_of(clock: u32) -> u64 {
    1_000_000 + clock as u64
}

fn board() -> Board {
    let clock = |clock| {
        format!(
            "[[clock]]\nname = \"c{clock}\"\nrates = {{ min = 1, max = \"1 GHz\", step = 1 }}\n\
             rate = {}\nrate-change = \"1 ms\"\n",
            rate_of(clock)
        )
    };
    let clocks: String = (0..CLOCKS).map(clock).collect();
    let text = format!(
        "platform.vendor = \"acme\"\nagent = [{{ name = \"one\" }}, {{ name = \"two\" }}]\n{clocks}"
    );
    Board::parse(&text, "board").expect("a good board")
}

/// What the steps of a test have at hand.
pub(crate) struct Bench<'d> {
    pub(crate) daemon: &'d Daemon,
    folder: PathBuf,
}

/// Serves the board while `steps` run.
pub(crate) fn serve(steps: impl FnOnce(&Bench<'_>)) {
    struct StopOnDrop(Stop);
    impl Drop for StopOnDrop {
        fn drop(&mut self) {
            self.0.stop();
        }
    }
    let directory = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::bind(&board(), directory.path()).expect("sockets");
    thread::scope(|scope| {
        let _stop = StopOnDrop(daemon.stop_handle());
        scope.spawn(|| daemon.run().expect("it serves"));
        steps(&Bench { daemon: &daemon, folder: directory.path().to_owned() });
    });
}

impl Bench<'_> {
    /// A guest without a VM.
    pub(crate) fn connect(&self, agent: &str) -> Frontend {
        let socket = self.folder.join(format!("{agent}.sock"));
        Frontend::connect(socket, Options::default()).expect("a platform")
    }

    /// Has this done to the next messages that match, as often as the text says.
    pub(crate) fn add(&self, fault: &str) {
        let text = format!("[[fault]]\n{fault}\n");
        self.daemon.add_faults(&text, "fault").unwrap_or_else(|error| panic!("{error}"));
    }

    /// What was done to messages of one kind, by all faults.
    pub(crate) fn done(&self, word: &str) -> u64 {
        let (_, totals) = self.daemon.faults();
        let of_kind = totals.done.iter().filter(|tally| tally.kind.word() == word);
        of_kind.map(|tally| tally.count).sum()
    }
}

/// A clock's rate, or why not.
pub(crate) fn get(
    client: &mut Client<'_>,
    clock: u32,
    patience: Duration,
) -> Result<u64, CallError> {
    let params = clock.to_le_bytes();
    let request = Request {
        protocol: ProtocolId::CLOCK,
        message: RATE_GET,
        params: &params,
        values: 8,
        delayed: false,
    };
    let mut client = client.within(Timeouts::all(patience));
    let values = client.exchange(&request)?;
    let came = u16::try_from(values.len()).unwrap_or(u16::MAX);
    let rate = values.first_chunk().map(|rate| u64::from_le_bytes(*rate));
    rate.ok_or(CallError::Malformed(Malformed::Short { came, wanted: 8 }))
}

/// Sets a clock's rate to what it is, with a delayed response; the rate that this says.
pub(crate) fn set(
    client: &mut Client<'_>,
    clock: u32,
    rate: u64,
    timeouts: Timeouts,
) -> Result<u64, CallError> {
    let mut caller = client.within(timeouts);
    Clocks::open(&mut caller)?.set_rate_async(clock, rate, Rounding::Down)
}

/// Patience for everything but delayed responses.
pub(crate) const fn delayed_within(patience: Duration) -> Timeouts {
    Timeouts { delayed: patience, ..Timeouts::all(PATIENCE) }
}

/// What the agent has counted.
pub(crate) fn counted(client: &Client<'_>) -> Vec<(&'static str, u64)> {
    let Counters {
        late,
        unexpected,
        malformed,
        events_lost,
        spoiled,
        cut,
        abandoned,
        timed_out,
        closed,
        ..
    } = client.agent().counters();
    let all = [
        ("late", late),
        ("unexpected", unexpected),
        ("malformed", malformed),
        ("events_lost", events_lost),
        ("spoiled", spoiled),
        ("cut", cut),
        ("abandoned", abandoned),
        ("timed_out", timed_out),
        ("closed", closed),
    ];
    all.into_iter().filter(|(_, count)| *count != 0).collect()
}

/// Looks what has come until `so`.
pub(crate) fn until(client: &mut Client<'_>, what: &str, so: impl Fn(&Client<'_>) -> bool) {
    let give_up = client.now().after(PATIENCE);
    while !so(client) {
        assert!(client.now() < give_up, "never: {what}; counted {:?}", counted(client));
        let soon = client.now().after(Duration::from_millis(1));
        let _event = client.next_event(soon);
    }
}
