//! A platform with a fault: a channel that changes its answers.

use core::cell::Cell;
use std::collections::BTreeMap;

use scmi::Time;
use scmi::transport::{Channel, Limits, Loopback, Received, SendError};
use scmi::wire::Header;

use super::faults::Fault;

/// What was asked.
pub(super) struct Asked<'a> {
    /// The header's word, as it was sent.
    pub(super) word: u32,
    pub(super) protocol: u8,
    pub(super) message: u8,
    pub(super) params: Vec<u32>,
    /// Bytes of the whole command.
    pub(super) len: usize,
    /// For a fault that stays.
    pub(super) stays: &'a Cell<bool>,
}

/// A channel to a platform with a fault.
pub(super) struct Wrong {
    inner: Loopback,
    fault: Fault,
    requests: BTreeMap<u16, Vec<u8>>,
    stays: Cell<bool>,
}

impl Wrong {
    pub(super) fn new(inner: Loopback, fault: Fault) -> Self {
        Self { inner, fault, requests: BTreeMap::new(), stays: Cell::new(false) }
    }

    /// What the fault makes of an answer; none is lost.
    fn spoil(&self, request: &[u8], bytes: Vec<u8>) -> Option<Vec<u8>> {
        let header = Header::parse(request).unwrap_or(Header::from_word(0));
        let params = request.get(4..).unwrap_or_default().as_chunks::<4>().0;
        let asked = Asked {
            word: header.word(),
            protocol: header.protocol().0,
            message: header.message().0,
            params: params.iter().map(|word| u32::from_le_bytes(*word)).collect(),
            len: request.len(),
            stays: &self.stays,
        };
        let mut answer = Some(bytes);
        (self.fault)(&asked, &mut answer);
        answer
    }
}

impl Channel for Wrong {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.inner.send(tag, request, room)?;
        self.requests.insert(tag, request.into());
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        while let Some(received) = self.inner.receive(buffer) {
            let (Received::Reply { len, .. } | Received::Event { len }) = received;
            let bytes = buffer[..len].to_vec();
            let request = match received {
                Received::Reply { tag, .. } => self.requests.get(&tag).cloned().unwrap_or_default(),
                // The event itself stands for what was asked.
                Received::Event { .. } => bytes.clone(),
            };
            let Some(answer) = self.spoil(&request, bytes) else { continue };
            buffer[..answer.len()].copy_from_slice(&answer);
            let len = answer.len();
            return Some(match received {
                Received::Reply { tag, .. } => Received::Reply { tag, len },
                Received::Event { .. } => Received::Event { len },
            });
        }
        None
    }

    fn now(&self) -> Time {
        self.inner.now()
    }

    fn wait(&mut self, until: Time) {
        self.inner.wait(until);
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }
}
