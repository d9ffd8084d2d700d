//! What is measured: which message, and how many of them at once.

use core::fmt;

use anyhow::{Result, ensure};
use scmi::wire::{Header, MessageId, ProtocolId};
use serde::Serialize;

/// Bytes of answer room that every command offers, as Linux's transport does.
pub const ROOM: usize = 136;

/// The sensor that is read.
const SENSOR: u32 = 0;

/// SENSOR_CONFIG_SET, and the word that switches a sensor on.
const CONFIG_SET: MessageId = MessageId(0xA);
const ENABLED: u32 = 1;

/// A command that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Message {
    /// PROTOCOL_VERSION of the Base protocol: the least that a platform can be asked.
    ProtocolVersion,
    /// SENSOR_READING_GET of a sensor with three axes.
    SensorReadingGet,
}

impl Message {
    /// The bytes of the command.
    #[must_use]
    pub fn request(self, token: u16) -> Vec<u8> {
        match self {
            Self::ProtocolVersion => {
                command(ProtocolId::BASE, MessageId::PROTOCOL_VERSION, token, &[])
            }
            Self::SensorReadingGet => {
                command(ProtocolId::SENSOR, MessageId(0x6), token, &[SENSOR, 0])
            }
        }
    }

    /// Bytes of a good answer: header, status, and one word or three values with their times.
    #[must_use]
    pub const fn answer_len(self) -> usize {
        match self {
            Self::ProtocolVersion => 8 + 4,
            Self::SensorReadingGet => 8 + 3 * 16,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProtocolVersion => "PROTOCOL_VERSION (Base)",
            Self::SensorReadingGet => "SENSOR_READING_GET (three axes)",
        })
    }
}

/// A message and how many of it are in flight at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The command.
    pub message: Message,
    /// How many are kept in flight.
    pub depth: u16,
}

impl Case {
    /// All that is measured.
    pub const ALL: [Self; 4] = [
        Self { message: Message::ProtocolVersion, depth: 1 },
        Self { message: Message::ProtocolVersion, depth: 32 },
        Self { message: Message::SensorReadingGet, depth: 1 },
        Self { message: Message::SensorReadingGet, depth: 32 },
    ];
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} in flight", self.message, self.depth)
    }
}

/// The command that switches the sensor on; there are platforms where it starts switched off.
pub(crate) fn enable_sensor(token: u16) -> Vec<u8> {
    command(ProtocolId::SENSOR, CONFIG_SET, token, &[SENSOR, ENABLED])
}

/// Whether an answer is that of a platform that did what it was asked: its header is the command's, its status is
/// success, and it has the right length.
pub(crate) fn check_answer(request: &[u8], answer: &[u8], len: usize) -> Result<()> {
    ensure!(
        answer.len() == len,
        "the answer has {} bytes instead of {len}: {answer:02x?}",
        answer.len()
    );
    ensure!(
        answer.get(..4) == request.get(..4),
        "the answer's header is not that of the command {request:02x?}: {answer:02x?}"
    );
    ensure!(is_success(answer), "the command {request:02x?} was refused: {answer:02x?}");
    Ok(())
}

/// Whether the status of an answer is success.
pub(crate) fn is_success(answer: &[u8]) -> bool {
    answer.get(4..8) == Some(&[0; 4])
}

fn command(protocol: ProtocolId, message: MessageId, token: u16, words: &[u32]) -> Vec<u8> {
    let header = Header::command(protocol, message, token).word();
    core::iter::once(&header).chain(words).flat_map(|word| word.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_what_the_tables_say() {
        assert_eq!(Message::ProtocolVersion.request(1), [0, 0x40, 4, 0]);
        let reading = [6, 0x54, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Message::SensorReadingGet.request(2), reading);
        assert_eq!(enable_sensor(0), [0xA, 0x54, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    }

    #[test]
    fn a_wrong_answer_is_not_taken_for_a_good_one() {
        let request = Message::ProtocolVersion.request(7);
        let mut answer = request.clone();
        answer.extend([0, 0, 0, 0, 1, 0, 2, 0]);
        check_answer(&request, &answer, 12).expect("good");
        check_answer(&request, &answer[..8], 12).expect_err("too short");
        let mut other = answer.clone();
        other[2] ^= 4;
        check_answer(&request, &other, 12).expect_err("another token");
        let mut refused = answer;
        refused[4..8].copy_from_slice(&(-1_i32).to_le_bytes());
        check_answer(&request, &refused, 12).expect_err("refused");
    }
}
