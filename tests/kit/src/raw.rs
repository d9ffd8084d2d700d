//! Messages of our own through Linux's raw mode: past its drivers, through its transport.

use core::fmt::Write as _;
use core::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::console::Console;

/// Where Linux shows raw mode.
const RAW: &str = "/sys/kernel/debug/scmi/0/raw";

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// Raw access to the SCMI platform of a guest.
#[derive(Debug)]
pub struct Raw<'guest> {
    console: &'guest mut Console,
    token: &'guest mut u32,
}

/// A message as it came: a header word, for answers a status word, the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(pub Vec<u8>);

impl<'guest> Raw<'guest> {
    pub(crate) fn new(console: &'guest mut Console, token: &'guest mut u32) -> Self {
        Self { console, token }
    }

    /// Sends a command with a fresh token and gives its answer.
    ///
    /// # Errors
    /// When there is no answer, or one to something else.
    pub fn call(&mut self, protocol: u8, message: u8, parameters: &[u8]) -> Result<Message> {
        let header = self.header(protocol, message);
        let mut command = header.to_le_bytes().to_vec();
        command.extend(parameters);
        self.send(&command)?;
        let answer = self.answer()?;
        let echoed = answer.word(0)?;
        ensure!(echoed == header, "command {header:#010x} was answered with header {echoed:#010x}");
        Ok(answer)
    }

    /// Sends a command whose answer comes twice: at once, and delayed on the event queue.
    ///
    /// # Errors
    /// When one of the two is missing, or answers something else.
    pub fn call_async(
        &mut self,
        protocol: u8,
        message: u8,
        parameters: &[u8],
    ) -> Result<(Message, Message)> {
        /// Message type 2, a delayed response, in the header.
        const DELAYED: u32 = 2 << 8;
        let header = self.header(protocol, message);
        let mut command = header.to_le_bytes().to_vec();
        command.extend(parameters);
        self.write("message_async", &command)?;
        let (now, later) = (self.answer()?, self.answer()?);
        let echoed = (now.word(0)?, later.word(0)?);
        ensure!(
            echoed == (header, header | DELAYED),
            "command {header:#010x} was answered with headers {:#010x} and {:#010x}",
            echoed.0,
            echoed.1
        );
        Ok((now, later))
    }

    /// Sends any bytes, at least a header, at most 132.
    ///
    /// # Errors
    /// When Linux does not take them.
    pub fn send(&mut self, message: &[u8]) -> Result<()> {
        self.write("message", message)
    }

    /// The next answer to something that was sent.
    ///
    /// # Errors
    /// When none comes.
    pub fn answer(&mut self) -> Result<Message> {
        self.read("message", ANSWER)?.context("no answer came")
    }

    /// The next notification, of any protocol, if one comes in time.
    ///
    /// # Errors
    /// When raw mode cannot be read.
    pub fn notification(&mut self, patience: Duration) -> Result<Option<Message>> {
        self.read("notification", patience)
    }

    /// The next message that Linux had no use for, if one comes in time.
    ///
    /// # Errors
    /// When raw mode cannot be read.
    pub fn error(&mut self, patience: Duration) -> Result<Option<Message>> {
        self.read("errors", patience)
    }

    /// Throws away everything that was not read yet.
    ///
    /// # Errors
    /// When raw mode cannot be written.
    pub fn forget(&mut self) -> Result<()> {
        self.console.ok(&format!("echo 1 > {RAW}/reset")).map(drop)
    }

    /// A header with the next token, counted down from the top: Linux counts its own up.
    fn header(&mut self, protocol: u8, message: u8) -> u32 {
        *self.token = self.token.checked_sub(1).unwrap_or(1023);
        u32::from(message) | u32::from(protocol) << 10 | *self.token << 18
    }

    fn write(&mut self, file: &str, message: &[u8]) -> Result<()> {
        let mut escaped = String::new();
        for byte in message {
            write!(escaped, "\\x{byte:02x}")?;
        }
        // One write(2) is one message: printf writes when it ends.
        self.console.ok(&format!("printf '{escaped}' > {RAW}/{file}")).map(drop)
    }

    fn read(&mut self, file: &str, patience: Duration) -> Result<Option<Message>> {
        let seconds = patience.as_secs().max(1);
        // Standard error is closed because the shell would report the end of the time there.
        let text = self.console.ok(&format!(
            "[ -r {RAW}/{file} ] || exit 1; exec 2>/dev/null\n\
             timeout {seconds} dd if={RAW}/{file} bs=4096 count=1 | xxd -p -c 4096"
        ))?;
        if text.is_empty() {
            return Ok(None);
        }
        Message::from_hex(&text).map(Some)
    }
}

impl Message {
    fn from_hex(text: &str) -> Result<Self> {
        let digit =
            |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes = text
            .trim()
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
                _ => None,
            })
            .collect::<Option<Vec<u8>>>();
        match bytes {
            Some(bytes) if !bytes.is_empty() => Ok(Self(bytes)),
            _ => bail!("raw mode gave no message but {text:?}"),
        }
    }

    /// The little-endian word number `index`; word 0 is the header.
    ///
    /// # Errors
    /// When the message is shorter.
    pub fn word(&self, index: usize) -> Result<u32> {
        let bytes = self.0.as_chunks::<4>().0.get(index);
        let bytes = bytes.with_context(|| format!("no word {index} in {} bytes", self.0.len()))?;
        Ok(u32::from_le_bytes(*bytes))
    }

    /// The message id in the header.
    ///
    /// # Errors
    /// When there is no header.
    pub fn id(&self) -> Result<u32> {
        Ok(self.word(0)? & 0xff)
    }

    /// The message type in the header: 0 answer, 2 delayed response, 3 notification.
    ///
    /// # Errors
    /// When there is no header.
    pub fn kind(&self) -> Result<u32> {
        Ok(self.word(0)? >> 8 & 0x3)
    }

    /// The protocol in the header.
    ///
    /// # Errors
    /// When there is no header.
    pub fn protocol(&self) -> Result<u32> {
        Ok(self.word(0)? >> 10 & 0xff)
    }

    /// The status of an answer: 0 success, negative an error.
    ///
    /// # Errors
    /// When there is none.
    pub fn status(&self) -> Result<i32> {
        Ok(self.word(1)?.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_taken_apart() -> Result<()> {
        // Sensor (0x15) notification 1, token 2, and a status word of -1.
        let message = Message::from_hex("01570800ffffffff\n")?;
        assert_eq!((message.id()?, message.kind()?, message.protocol()?), (1, 3, 0x15));
        assert_eq!(message.status()?, -1);
        assert!(message.word(2).is_err(), "there are two words only");
        Ok(())
    }

    #[test]
    fn what_is_no_hex_is_refused() {
        for text in ["", "0", "zz", "0157080"] {
            assert!(Message::from_hex(text).is_err(), "{text:?}");
        }
    }
}
