//! The node, and what it says.

use crate::address::{Area, resolve};
use crate::blob::{BadTree, Blob, Token, cell, strings};

/// What the SCMI node says. What it does not say is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scmi<'a> {
    /// How messages travel.
    pub transport: Transport,
    /// The areas of `shmem`: for commands, and for events. One that cannot be found, is not an `arm,scmi-shmem`, or
    /// has no address of the processor's is none.
    pub areas: [Option<Area>; 2],
    /// `mboxes`, as it is: phandles of mailboxes with as many cells after each as that mailbox says.
    pub mailboxes: &'a [u8],
    /// `arm,smc-id`: the function to call.
    pub smc_id: Option<u32>,
    /// Whether there are `interrupts`: with an SMC, `a2p`, which says that an answer is there.
    pub interrupts: bool,
    /// `arm,max-rx-timeout-ms`: how long an answer may take, in milliseconds; never 0.
    pub max_rx_timeout_ms: Option<u32>,
    /// `arm,max-msg-size`: the most bytes of a message after its header; never 0.
    pub max_message_size: Option<u32>,
    /// `arm,max-msg`: the most commands at once; never 0.
    pub max_messages: Option<u32>,
    /// `atomic-threshold-us`: commands that take longer are not for contexts that cannot sleep.
    pub atomic_threshold_us: Option<u32>,
}

/// The transports of the binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// `arm,scmi`: areas and mailboxes.
    Mailbox,
    /// `arm,scmi-smc`: an area and a call without arguments.
    Smc,
    /// `arm,scmi-smc-param`: an area and a call that is given its address.
    SmcWithAddress,
    /// `qcom,scmi-smc`: an area, at whose end the call's argument stands.
    SmcOfQualcomm,
    /// `arm,scmi-virtio`: the virtio device 32.
    Virtio,
    /// `linaro,scmi-optee`: a trusted application.
    Optee,
}

const COMPATIBLE: [(&[u8], Transport); 6] = [
    (b"arm,scmi", Transport::Mailbox),
    (b"arm,scmi-smc", Transport::Smc),
    (b"arm,scmi-smc-param", Transport::SmcWithAddress),
    (b"qcom,scmi-smc", Transport::SmcOfQualcomm),
    (b"arm,scmi-virtio", Transport::Virtio),
    (b"linaro,scmi-optee", Transport::Optee),
];

/// The first SCMI node of a flattened tree that is not disabled; none if there is none.
///
/// # Errors
/// [`BadTree`] where the bytes up to that node, or up to its areas, are no tree.
pub fn find(bytes: &[u8]) -> Result<Option<Scmi<'_>>, BadTree> {
    let blob = Blob::new(bytes)?;
    let mut draft = Draft::default();
    for token in blob.tokens() {
        match token? {
            Token::Property { name, value } => draft.take(name, value),
            // A node's properties stand before its children.
            Token::Begin | Token::End => {
                if let Some(node) = draft.finish(blob)? {
                    return Ok(Some(node));
                }
                draft = Draft::default();
            }
        }
    }
    Ok(None)
}

#[derive(Default)]
struct Draft<'a> {
    transport: Option<Transport>,
    disabled: bool,
    shmem: &'a [u8],
    mailboxes: &'a [u8],
    smc_id: Option<u32>,
    interrupts: bool,
    max_rx_timeout_ms: Option<u32>,
    max_message_size: Option<u32>,
    max_messages: Option<u32>,
    atomic_threshold_us: Option<u32>,
}

impl<'a> Draft<'a> {
    fn take(&mut self, name: &[u8], value: &'a [u8]) {
        let number = cell(value, 0).filter(|_| value.len() == 4);
        let positive = number.filter(|number| *number != 0);
        match name {
            b"compatible" => {
                self.transport = strings(value).find_map(|string| {
                    let known = COMPATIBLE.iter().find(|(name, _)| *name == string);
                    known.map(|(_, transport)| *transport)
                });
            }
            b"status" => self.disabled = !matches!(value, b"okay\0" | b"ok\0"),
            b"shmem" => self.shmem = value,
            b"mboxes" => self.mailboxes = value,
            b"interrupts" | b"interrupts-extended" => self.interrupts = true,
            b"arm,smc-id" => self.smc_id = number,
            b"arm,max-rx-timeout-ms" => self.max_rx_timeout_ms = positive,
            b"arm,max-msg-size" => self.max_message_size = positive,
            b"arm,max-msg" => self.max_messages = positive,
            b"atomic-threshold-us" => self.atomic_threshold_us = number,
            _ => {}
        }
    }

    fn finish(&self, blob: Blob<'a>) -> Result<Option<Scmi<'a>>, BadTree> {
        let Some(transport) = self.transport.filter(|_| !self.disabled) else { return Ok(None) };
        let area = |index| match cell(self.shmem, index) {
            Some(phandle) => resolve(blob, phandle),
            None => Ok(None),
        };
        Ok(Some(Scmi {
            transport,
            areas: [area(0)?, area(1)?],
            mailboxes: self.mailboxes,
            smc_id: self.smc_id,
            interrupts: self.interrupts,
            max_rx_timeout_ms: self.max_rx_timeout_ms,
            max_message_size: self.max_message_size,
            max_messages: self.max_messages,
            atomic_threshold_us: self.atomic_threshold_us,
        }))
    }
}
