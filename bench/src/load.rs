//! The client: keeps a number of commands in flight and takes the time of each.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use scmi::transport::{Channel, Received};

use crate::cases::{Case, ROOM, check_answer, enable_sensor, is_success};
use crate::cpu;
use crate::stats::percentile;

/// How long an answer may take before the daemon counts as dead.
const PATIENCE: Duration = Duration::from_secs(10);

/// Latencies that are kept, so that the client's memory does not grow with the speed of a daemon.
const KEPT: usize = 1 << 22;

/// What the client saw of one daemon under one load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Commands answered.
    pub messages: u64,
    /// How long that took.
    pub elapsed: Duration,
    /// Half of the answers came within this time of their command.
    pub p50: Duration,
    /// All but one in a hundred did.
    pub p99: Duration,
    /// Every answer did.
    pub worst: Duration,
    /// CPU time that the daemon used.
    pub daemon: Duration,
    /// CPU time that the client used.
    pub client: Duration,
}

impl Sample {
    /// Commands answered in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.count() / self.elapsed.as_secs_f64()
    }

    /// Nanoseconds of the daemon's CPU time for each command.
    #[must_use]
    pub fn daemon_nanos(&self) -> f64 {
        self.daemon.as_secs_f64() * 1e9 / self.count()
    }

    /// Nanoseconds of the client's CPU time for each command.
    #[must_use]
    pub fn client_nanos(&self) -> f64 {
        self.client.as_secs_f64() * 1e9 / self.count()
    }

    fn count(&self) -> f64 {
        self.messages as f64
    }
}

/// The client on one channel.
#[derive(Debug)]
pub struct Load {
    case: Case,
    /// One ready-made command for each tag.
    requests: Vec<Vec<u8>>,
    /// When the command of each tag was sent.
    sent: Vec<Instant>,
    /// Tags whose answers were taken and whose next commands have not been sent.
    free: Vec<u16>,
    nanos: Vec<u32>,
    buffer: [u8; ROOM],
}

impl Load {
    /// A load of this kind.
    #[must_use]
    pub fn new(case: Case) -> Self {
        Self {
            case,
            requests: (0..case.depth).map(|tag| case.message.request(tag)).collect(),
            sent: vec![Instant::now(); case.depth.into()],
            free: Vec::with_capacity(case.depth.into()),
            nanos: Vec::with_capacity(KEPT),
            buffer: [0; ROOM],
        }
    }

    /// Asks once and looks at the whole answer, so that what is measured is known to be right. The sensor is
    /// switched on before it.
    ///
    /// # Errors
    /// When the daemon does not answer, or with anything else than a good answer.
    pub fn check(&mut self, channel: &mut dyn Channel) -> Result<()> {
        let enable = enable_sensor(0);
        let len = self.call(channel, &enable)?;
        check_answer(&enable, self.answer(len), 8)?;
        let request = self.case.message.request(1);
        let len = self.call(channel, &request)?;
        check_answer(&request, self.answer(len), self.case.message.answer_len())
    }

    /// Keeps the case's number of commands in flight for `span`, after a warm-up of a tenth of it. `daemon` is the
    /// process whose CPU time counts.
    ///
    /// # Errors
    /// When the daemon goes, falls silent, or refuses a command.
    pub fn run(
        &mut self,
        channel: &mut dyn Channel,
        daemon: u32,
        span: Duration,
    ) -> Result<Sample> {
        self.begin(channel)?;
        let start = Instant::now();
        self.turns(channel, |now| now.duration_since(start) < span / 10)?;
        self.nanos.clear();
        let before = (cpu::used_by(daemon)?, cpu::used_here());
        let start = Instant::now();
        let messages = self.turns(channel, |now| now.duration_since(start) < span)?;
        let elapsed = start.elapsed();
        let after = (cpu::used_by(daemon)?, cpu::used_here());
        let nanos = |nanos: Option<u32>| nanos.map(|nanos| Duration::from_nanos(nanos.into()));
        Ok(Sample {
            messages,
            elapsed,
            p50: nanos(percentile(&mut self.nanos, 50)).context("no answer came")?,
            p99: nanos(percentile(&mut self.nanos, 99)).context("no answer came")?,
            worst: nanos(percentile(&mut self.nanos, 100)).context("no answer came")?,
            daemon: after.0.saturating_sub(before.0),
            client: after.1.saturating_sub(before.1),
        })
    }

    /// Keeps the case's number of commands in flight until `stop`, and says how many were answered.
    ///
    /// # Errors
    /// As [`Load::run`].
    pub fn flood(&mut self, channel: &mut dyn Channel, stop: &AtomicBool) -> Result<u64> {
        self.begin(channel)?;
        self.turns(channel, |_| !stop.load(Ordering::Relaxed))
    }

    /// From now on nothing is in flight.
    fn begin(&mut self, channel: &dyn Channel) -> Result<()> {
        ensure!(
            channel.limits().in_flight >= self.case.depth.into(),
            "the channel carries {} commands at once, not {}",
            channel.limits().in_flight,
            self.case.depth
        );
        self.free.clear();
        self.free.extend(0..self.case.depth);
        Ok(())
    }

    /// Sends and takes as long as there is to be more, and says how many answers were taken. Commands are in flight when it
    /// returns.
    fn turns(
        &mut self,
        channel: &mut dyn Channel,
        mut more: impl FnMut(Instant) -> bool,
    ) -> Result<u64> {
        let mut messages = 0;
        loop {
            let now = Instant::now();
            if !more(now) {
                return Ok(messages);
            }
            for tag in self.free.drain(..) {
                let index = usize::from(tag);
                channel
                    .send(tag, &self.requests[index], ROOM)
                    .with_context(|| format!("cannot send command {messages}"))?;
                self.sent[index] = now;
            }
            messages += self.take(channel)?;
        }
    }

    /// Waits for answers and takes all that are there.
    fn take(&mut self, channel: &mut dyn Channel) -> Result<u64> {
        let deadline = channel.now().after(PATIENCE);
        let mut received = channel.receive(&mut self.buffer);
        while received.is_none() {
            ensure!(
                channel.now() < deadline,
                "no answer for {} s with {} commands in flight",
                PATIENCE.as_secs(),
                self.case.depth
            );
            channel.wait(deadline);
            received = channel.receive(&mut self.buffer);
        }
        let now = Instant::now();
        let mut messages = 0;
        while let Some(message) = received {
            if let Received::Reply { tag, len } = message {
                self.account(tag, len, now)?;
                messages += 1;
            }
            received = channel.receive(&mut self.buffer);
        }
        Ok(messages)
    }

    fn account(&mut self, tag: u16, len: usize, now: Instant) -> Result<()> {
        if len != self.case.message.answer_len() || !is_success(&self.buffer) {
            bail!("command {tag} was answered with {:02x?}", self.answer(len));
        }
        let sent = self.sent.get(usize::from(tag)).with_context(|| format!("no tag {tag}"))?;
        if self.nanos.len() < KEPT {
            let nanos = now.saturating_duration_since(*sent).as_nanos();
            self.nanos.push(u32::try_from(nanos).unwrap_or(u32::MAX));
        }
        self.free.push(tag);
        Ok(())
    }

    /// Sends one command and waits for its answer; its length.
    fn call(&mut self, channel: &mut dyn Channel, request: &[u8]) -> Result<usize> {
        channel.send(0, request, ROOM).context("cannot send a command")?;
        let deadline = channel.now().after(PATIENCE);
        loop {
            match channel.receive(&mut self.buffer) {
                Some(Received::Reply { len, .. }) => return Ok(len),
                Some(Received::Event { .. }) => {}
                None if channel.now() < deadline => channel.wait(deadline),
                None => bail!("no answer to {request:02x?} for {} s", PATIENCE.as_secs()),
            }
        }
    }

    fn answer(&self, len: usize) -> &[u8] {
        &self.buffer[..len.min(ROOM)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scmi::Time;
    use scmi::transport::{Limits, SendError};
    use std::collections::VecDeque;

    use crate::cases::Message;

    /// Answers each command with the same answer, `batch` of them at a time.
    struct Echo {
        answer: Vec<u8>,
        batch: usize,
        waiting: VecDeque<u16>,
        ready: usize,
        most: usize,
        time: u64,
    }

    impl Echo {
        fn new(answer: &[u8], batch: usize) -> Self {
            let waiting = VecDeque::new();
            Self { answer: answer.to_vec(), batch, waiting, ready: 0, most: 0, time: 0 }
        }
    }

    impl Channel for Echo {
        fn send(&mut self, tag: u16, _request: &[u8], _room: usize) -> Result<(), SendError> {
            assert!(!self.waiting.contains(&tag), "tag {tag} is in flight");
            self.waiting.push_back(tag);
            self.most = self.most.max(self.waiting.len());
            Ok(())
        }

        fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
            self.ready = self.ready.checked_sub(1)?;
            let tag = self.waiting.pop_front()?;
            buffer[..self.answer.len()].copy_from_slice(&self.answer);
            Some(Received::Reply { tag, len: self.answer.len() })
        }

        fn now(&self) -> Time {
            Time::from_nanos(self.time)
        }

        fn wait(&mut self, until: Time) {
            self.ready = self.batch.min(self.waiting.len());
            if self.ready == 0 {
                self.time = until.as_nanos();
            }
        }

        fn limits(&self) -> Limits {
            Limits { in_flight: 32, max_message: ROOM, p2a: false }
        }
    }

    const CASE: Case = Case { message: Message::ProtocolVersion, depth: 32 };

    #[test]
    fn the_depth_is_kept_and_never_exceeded() {
        let mut channel = Echo::new(&[0; 12], 5);
        let mut load = Load::new(CASE);
        let span = Duration::from_millis(10);
        let sample = load.run(&mut channel, std::process::id(), span).expect("a sample");
        assert_eq!(channel.most, 32);
        assert!(channel.waiting.len() >= 32 - 5, "{} in flight", channel.waiting.len());
        assert!(sample.messages > 0 && sample.messages.is_multiple_of(5), "{sample:?}");
        assert!(sample.p50 <= sample.p99);
    }

    #[test]
    fn a_refusal_ends_the_run() {
        let mut refused = [0; 12];
        refused[4] = 0xFF;
        for answer in [&refused[..], &[0; 8]] {
            let mut channel = Echo::new(answer, 1);
            let result =
                Load::new(CASE).run(&mut channel, std::process::id(), Duration::from_millis(10));
            let error = result.expect_err("refused").to_string();
            assert!(error.starts_with("command 0 was answered with"), "{error}");
        }
    }

    #[test]
    fn a_silent_daemon_ends_the_run() {
        let mut channel = Echo::new(&[0; 12], 0);
        let result =
            Load::new(CASE).run(&mut channel, std::process::id(), Duration::from_millis(10));
        let error = result.expect_err("silent").to_string();
        assert!(error.contains("no answer for 10 s"), "{error}");
    }

    #[test]
    fn numbers_of_a_sample_are_for_each_message() {
        let sample = Sample {
            messages: 2000,
            elapsed: Duration::from_millis(500),
            p50: Duration::ZERO,
            p99: Duration::ZERO,
            worst: Duration::ZERO,
            daemon: Duration::from_millis(2),
            client: Duration::from_millis(1),
        };
        assert!((sample.rate() - 4000.0).abs() < 1e-6);
        assert!((sample.daemon_nanos() - 1000.0).abs() < 1e-6);
        assert!((sample.client_nanos() - 500.0).abs() < 1e-6);
    }
}
