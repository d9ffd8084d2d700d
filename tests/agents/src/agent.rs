//! An agent that remembers what it asked.

use core::cell::RefCell;
use core::time::Duration;

use scmi::agent::{CallError, Caller, Client, Request, Timeouts};
use scmi::wire::{Header, MessageId, MessageType, ProtocolId, Status};

use crate::ledger::Ledger;

/// How long anything may take; far more than it does, and then the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

const PATIENT: Timeouts = Timeouts::all(PATIENCE);

/// As many slots as the platform lets an agent's calls wait, and more: too much for the stack of a test.
type Slots<'w> = Box<Client<'w, 128>>;

/// An agent over vhost-user. The typed calls of the protocol under test are remembered, and so is how they ended.
#[derive(Debug)]
pub struct Agent<'w> {
    client: Slots<'w>,
    protocol: ProtocolId,
    ledger: &'w RefCell<Ledger>,
}

impl<'w> Agent<'w> {
    pub(crate) fn new(
        mut client: Slots<'w>,
        protocol: ProtocolId,
        ledger: &'w RefCell<Ledger>,
    ) -> Self {
        client.set_timeouts(PATIENT);
        Self { client, protocol, ledger }
    }

    /// Sends a command of the protocol under test, as it should not be, and returns how it was answered.
    ///
    /// # Panics
    /// When it is not answered.
    pub fn raw(&mut self, message: u8, words: &[u32]) -> Result<(), Status> {
        let params = bytes(words);
        let request = self.request(message, &params);
        let answer = self.client.exchange(&request).map(drop);
        match self.remember(MessageId(message), answer) {
            Ok(()) => Ok(()),
            Err(CallError::Refused(status)) => Err(status),
            Err(error) => panic!("{message:#x} {words:x?}: {error}"),
        }
    }

    /// Sends a command of the protocol under test and does not wait for the answer.
    ///
    /// # Panics
    /// When it is refused at once.
    pub fn leave(&mut self, message: u8, words: &[u32]) {
        let params = bytes(words);
        self.client.set_timeouts(Timeouts { response: Duration::ZERO, ..PATIENT });
        let request = self.request(message, &params);
        let answer = self.client.exchange(&request).map(drop);
        let unanswered = matches!(answer, Ok(_) | Err(CallError::TimedOut { .. }));
        assert!(unanswered, "{message:#x} {words:x?}: {answer:?}");
        self.client.set_timeouts(PATIENT);
    }

    fn request<'p>(&self, message: u8, params: &'p [u8]) -> Request<'p> {
        let (protocol, message) = (self.protocol, MessageId(message));
        Request { protocol, message, params, values: 128, delayed: false }
    }

    /// Waits for a notification that `parse` understands, and passes over others.
    ///
    /// # Panics
    /// When none comes.
    pub fn told<T>(&mut self, mut parse: impl FnMut(Header, &[u8]) -> Option<T>) -> T {
        let until = self.client.now().after(PATIENCE);
        while let Some(event) = self.client.next_event(until) {
            if let Some(told) = parse(event.header(), event.payload()) {
                let message = event.header().message();
                self.ledger.borrow_mut().understood(MessageType::NOTIFICATION, message);
                return told;
            }
        }
        panic!("a notification did not come");
    }

    /// Remembers how a command of the protocol under test ended; that it succeeded only where a typed call says so.
    fn remember<T>(
        &self,
        message: MessageId,
        answer: Result<T, CallError>,
    ) -> Result<T, CallError> {
        if let Err(CallError::Refused(status)) = answer {
            self.ledger.borrow_mut().refused(message, status);
        }
        answer
    }
}

impl Caller for Agent<'_> {
    fn exchange(&mut self, request: &Request<'_>) -> Result<&[u8], CallError> {
        let answer = self.client.exchange(request);
        if request.protocol != self.protocol {
            return answer;
        }
        let mut ledger = self.ledger.borrow_mut();
        if let Err(CallError::Refused(status)) = answer {
            ledger.refused(request.message, status);
        }
        let came = answer?;
        // Whoever called unpacks the values, and the test fails where that fails.
        ledger.understood(MessageType::COMMAND, request.message);
        if request.delayed {
            ledger.understood(MessageType::DELAYED_RESPONSE, request.message);
        }
        Ok(came)
    }

    fn max_values(&self) -> usize {
        self.client.max_values()
    }
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
