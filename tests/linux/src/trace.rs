//! Linux's own record of the messages that it sends and gets: its `scmi_msg_dump` trace event.

use anyhow::{Context, Result};
use scmi_test_kit::Guest;

const TRACING: &str = "/sys/kernel/tracing";

/// A record in progress.
#[derive(Debug)]
pub struct Trace {
    protocol: u8,
}

/// A message as Linux dumped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dumped {
    /// What kind it is: `CMND`, `RESP`, `DLYD` or `NOTI`, in small letters where raw mode sent the command.
    pub kind: String,
    /// The message's number.
    pub message: u8,
    /// The status of an answer.
    pub status: i32,
    /// What follows the header, or the status. Linux dumps a command after it was sent, from memory that the answer
    /// goes to as well: where that came sooner, its payload stands at the start of the command's.
    pub payload: Vec<u8>,
}

impl Trace {
    /// Begins to record the messages of one protocol, anew.
    ///
    /// # Errors
    /// When the guest's kernel cannot.
    pub fn start(guest: &mut Guest, protocol: u8) -> Result<Self> {
        guest.ok(&format!(
            "cd {TRACING} && echo > trace && echo 1 > events/scmi/scmi_msg_dump/enable"
        ))?;
        Ok(Self { protocol })
    }

    /// What went by since it was asked last.
    ///
    /// # Errors
    /// When the guest's kernel does not tell.
    pub fn take(&self, guest: &mut Guest) -> Result<Vec<Dumped>> {
        let text = guest.ok(&format!("cd {TRACING} && grep scmi_msg_dump: trace; echo > trace"))?;
        text.lines().filter_map(|line| parse(line, self.protocol).transpose()).collect()
    }

    /// [`Self::take`], but only what Linux's drivers sent: message and words.
    ///
    /// # Errors
    /// As there, and when a command does not consist of words.
    pub fn commands(&self, guest: &mut Guest) -> Result<Vec<(u8, Vec<u32>)>> {
        let commands = self.take(guest)?.into_iter().filter(|dumped| dumped.kind == "CMND");
        commands.map(|command| Ok((command.message, command.words()?))).collect()
    }
}

impl Dumped {
    /// Its payload in little-endian words.
    ///
    /// # Errors
    /// When something is left over.
    pub fn words(&self) -> Result<Vec<u32>> {
        let (words, []) = self.payload.as_chunks::<4>() else {
            anyhow::bail!("{self:?} is not made of words");
        };
        Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }
}

/// A line of the trace, if it is of this protocol.
fn parse(line: &str, protocol: u8) -> Result<Option<Dumped>> {
    let dumped = || {
        let (_, fields) = line.split_once("scmi_msg_dump: ")?;
        let field = |name: &str| {
            let mut fields = fields.split(' ').filter_map(|field| field.split_once('='));
            Some(fields.find(|(field, _)| *field == name)?.1)
        };
        let hex = |name| u8::from_str_radix(field(name)?, 16).ok();
        let payload = field("pyld")?;
        let payload = (0..payload.len()).step_by(2);
        let bytes = payload.map(|at| u8::from_str_radix(field("pyld")?.get(at..at + 2)?, 16).ok());
        let dumped = Dumped {
            kind: field("t")?.to_owned(),
            message: hex("msg_id")?,
            status: field("s")?.parse().ok()?,
            payload: bytes.collect::<Option<_>>()?,
        };
        Some((hex("pt")?, dumped))
    };
    let (of, dumped) = dumped().with_context(|| format!("this is no message: {line}"))?;
    Ok((of == protocol).then_some(dumped))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "     sh-77    [000] .....    3.141592: scmi_msg_dump: id=0 ch=10 pt=16 t=CMND \
                        msg_id=04 seq=002A s=0 pyld=000000000500000000000000";

    #[test]
    fn a_line_of_the_trace_is_a_message() -> Result<()> {
        let dumped = parse(LINE, 0x16)?.context("it is of protocol 0x16")?;
        assert_eq!((dumped.kind.as_str(), dumped.message, dumped.status), ("CMND", 4, 0));
        assert_eq!(dumped.words()?, [0, 5, 0]);
        assert_eq!(parse(LINE, 0x14)?, None, "another protocol's");
        assert!(parse("no trace at all", 0x14).is_err(), "no fields");
        Ok(())
    }
}
