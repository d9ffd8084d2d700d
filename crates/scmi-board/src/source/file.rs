//! A number in a file of the host.

use core::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::units::Decimal;

/// Bytes of a file that are read. A number is short; what lies behind it is not looked at.
const MAX_READ: usize = 128;

/// A file that holds a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSource {
    path: PathBuf,
    scale: Decimal,
    every: u64,
}

/// Why a file gave no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It could not be opened or read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is a directory, a pipe, a device or a socket; reading it could wait for ever.
    #[error("not a regular file")]
    NotAFile,
    /// Its first word is not a decimal number.
    #[error("does not begin with a decimal number")]
    NotANumber,
    /// The number does not fit the sensor's 64 bits.
    #[error("its number is beyond the range of a reading")]
    OutOfRange,
}

impl FileSource {
    /// The file at `path`, whose number times `scale` is the value in the unit of the sensor. It is read at
    /// most once in `every` nanoseconds.
    #[must_use]
    pub fn new(path: PathBuf, scale: Decimal, every: u64) -> Self {
        Self { path, scale, every }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file now, in units of 10^`exponent`, rounded to the nearest.
    ///
    /// Opened anew each time, so a file that was replaced is seen. A pipe or a device is neither waited for nor read.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read(&self, exponent: i8) -> Result<i64, ReadError> {
        // Opening a device or a pipe can have effects, so look first; the file may be exchanged in between,
        // so look again at what was opened, which O_NONBLOCK keeps from waiting.
        if !std::fs::metadata(&self.path)?.is_file() {
            return Err(ReadError::NotAFile);
        }
        let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
        let mut file = File::options().read(true).custom_flags(flags).open(&self.path)?;
        if !file.metadata()?.is_file() {
            return Err(ReadError::NotAFile);
        }
        let mut buffer = [0; MAX_READ];
        let length = read_up_to(&mut file, &mut buffer)?;
        let number =
            first_word(buffer.get(..length).unwrap_or_default()).ok_or(ReadError::NotANumber)?;
        let number: Decimal = number.parse().map_err(|_| ReadError::NotANumber)?;
        number
            .times(self.scale)
            .and_then(|value| value.round_to(exponent))
            .ok_or(ReadError::OutOfRange)
    }
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// The first word of `bytes`; a word that fills the buffer may go on and is none.
fn first_word(bytes: &[u8]) -> Option<&str> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let rest = bytes.get(start..)?;
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    if start + end == MAX_READ {
        return None;
    }
    core::str::from_utf8(rest.get(..end)?).ok()
}

/// A [`FileSource`] in use: remembers the last reading and counts failures.
#[derive(Debug)]
pub struct FileReader {
    source: FileSource,
    exponent: i8,
    last: Option<(u64, Option<i64>)>,
    failures: u64,
}

impl FileReader {
    /// Reads `source` in units of 10^`exponent`.
    #[must_use]
    pub fn new(source: FileSource, exponent: i8) -> Self {
        Self { source, exponent, last: None, failures: 0 }
    }

    /// The value at `nanos` nanoseconds after the start: the last one while it is fresh, else read anew.
    /// `None` where the file gave none; the first such failure is logged, all are counted.
    pub fn value_at(&mut self, nanos: u64, name: &dyn fmt::Display) -> Option<i64> {
        if let Some((read_at, value)) = self.last {
            // Time that runs backwards finds nothing fresh.
            if nanos.checked_sub(read_at).is_some_and(|age| age < self.source.every) {
                return value;
            }
        }
        let value = match self.source.read(self.exponent) {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(name, &error);
                None
            }
        };
        self.last = Some((nanos, value));
        value
    }

    /// How often the file gave no value.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// True where the last reading gave a value.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        !matches!(self.last, Some((_, None)))
    }

    fn note(&mut self, name: &dyn fmt::Display, error: &ReadError) {
        // Once: a file that comes and goes must not fill the log.
        if self.failures == 0 {
            let path = self.source.path.display();
            tracing::warn!(
                "sensor {name} has no value: {path}: {error}; later failures are counted, not logged"
            );
        }
        self.failures = self.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("value")
        }

        fn write(&self, text: &[u8]) {
            fs::write(self.path(), text).unwrap();
        }

        fn source(&self, scale: &str) -> FileSource {
            FileSource::new(self.path(), scale.parse().unwrap(), 100)
        }

        fn read(&self, text: &[u8]) -> Result<i64, ReadError> {
            self.write(text);
            self.source("0.001").read(-3)
        }
    }

    #[test]
    fn the_first_word_of_a_file_is_its_value() {
        let scene = Scene::new();
        for text in ["45000", "45000\n", "  45000 \n", "45000 mC\n", "4.5e4\nmore\n", "45000.4"] {
            assert_eq!(scene.read(text.as_bytes()).unwrap(), 45_000, "{text:?}");
        }
        assert_eq!(scene.read(b"-1.5").unwrap(), -2);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        let scene = Scene::new();
        let long = "1".repeat(MAX_READ);
        for text in ["", "\n", "warm", "0x10", "nan", "inf", long.as_str(), "\u{665}"] {
            assert!(matches!(scene.read(text.as_bytes()), Err(ReadError::NotANumber)), "{text:?}");
        }
        assert!(matches!(scene.read(b"\xff\xfe"), Err(ReadError::NotANumber)));
        assert!(matches!(scene.read(b"1e30"), Err(ReadError::OutOfRange)));
    }

    #[test]
    fn only_the_beginning_of_a_large_file_is_read() {
        let scene = Scene::new();
        let mut text = b"7 ".to_vec();
        text.resize(1 << 20, b'x');
        assert_eq!(scene.read(&text).unwrap(), 7);
    }

    #[test]
    fn a_pipe_a_device_and_a_folder_are_refused_without_waiting() {
        let scene = Scene::new();
        let status = std::process::Command::new("mkfifo").arg(scene.path()).status().unwrap();
        assert!(status.success());
        assert!(matches!(scene.source("1").read(0), Err(ReadError::NotAFile)));
        for path in ["/dev/zero", "/"] {
            let source = FileSource::new(path.into(), Decimal::ONE, 0);
            assert!(matches!(source.read(0), Err(ReadError::NotAFile)), "{path}");
        }
        let source = FileSource::new("/nonexistent".into(), Decimal::ONE, 0);
        assert!(matches!(source.read(0), Err(ReadError::Io(_))));
    }

    #[test]
    fn a_value_is_read_again_once_it_is_old() {
        let scene = Scene::new();
        scene.write(b"1");
        let mut reader = FileReader::new(scene.source("1"), 0);
        assert_eq!(reader.value_at(1000, &"a"), Some(1));
        scene.write(b"2");
        assert_eq!(reader.value_at(1099, &"a"), Some(1));
        assert_eq!(reader.value_at(1100, &"a"), Some(2));
        scene.write(b"3");
        assert_eq!(reader.value_at(50, &"a"), Some(3), "time ran backwards");
    }

    #[test]
    fn a_failure_is_counted_and_heals() {
        let scene = Scene::new();
        let mut reader = FileReader::new(scene.source("1"), 0);
        assert_eq!(
            (reader.value_at(0, &"a"), reader.failures(), reader.is_healthy()),
            (None, 1, false)
        );
        assert_eq!(
            (reader.value_at(50, &"a"), reader.failures()),
            (None, 1),
            "a fresh failure is not tried again"
        );
        assert_eq!((reader.value_at(100, &"a"), reader.failures()), (None, 2));
        scene.write(b"9");
        assert_eq!(
            (reader.value_at(200, &"a"), reader.failures(), reader.is_healthy()),
            (Some(9), 2, true)
        );
    }
}
