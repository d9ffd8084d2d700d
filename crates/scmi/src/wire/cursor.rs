//! Cursors over bytes: neither can pass the end.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// A record of the wire: little-endian fields without padding, read and written whole.
pub trait Record:
    FromBytes + IntoBytes + KnownLayout + Immutable + Unaligned + Copy + Unpin
{
}

impl<T: FromBytes + IntoBytes + KnownLayout + Immutable + Unaligned + Copy + Unpin> Record for T {}

/// There were fewer bytes than the record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short;

/// The record does not fit into what is left of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Takes records from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of all of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next record.
    ///
    /// # Errors
    /// [`Short`], and nothing is taken.
    pub fn take<T: Record>(&mut self) -> Result<T, Short> {
        let (record, rest) = T::read_from_prefix(self.rest).map_err(|_| Short)?;
        self.rest = rest;
        Ok(record)
    }

    /// What has not been taken yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether all has been taken.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Puts records into the front of a slice.
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    /// A writer that fills `buffer` from its start.
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    /// Appends a record.
    ///
    /// # Errors
    /// [`Full`], and nothing is written.
    pub fn put<T: Record>(&mut self, record: &T) -> Result<(), Full> {
        self.put_bytes(record.as_bytes())
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// [`Full`], and nothing is written.
    pub fn put_bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let room = self.buffer.get_mut(self.len..).ok_or(Full)?;
        room.get_mut(..bytes.len()).ok_or(Full)?.copy_from_slice(bytes);
        self.len = self.len.saturating_add(bytes.len());
        Ok(())
    }

    /// Writes a record again that was put at byte `at`; a place beyond what was put is left alone.
    pub fn patch<T: Record>(&mut self, at: usize, record: &T) {
        let bytes = record.as_bytes();
        let written = self.buffer.get_mut(..self.len).unwrap_or_default();
        if let Some(place) = written.get_mut(at..).and_then(|from| from.get_mut(..bytes.len())) {
            place.copy_from_slice(bytes);
        }
    }

    /// Bytes put so far.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was put.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that still fit.
    pub const fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.len)
    }

    /// Forgets everything after the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// What was put.
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zerocopy::little_endian::U32;

    #[test]
    fn a_reader_takes_whole_records_or_nothing() {
        let mut reader = Reader::new(&[1, 0, 0, 0, 2, 0]);
        assert_eq!(reader.take::<U32>().map(U32::get), Ok(1));
        assert_eq!(reader.take::<U32>(), Err(Short));
        assert_eq!(reader.rest(), [2, 0]);
    }

    #[test]
    fn a_writer_puts_whole_records_or_nothing() {
        let mut buffer = [0xFF; 6];
        let mut writer = Writer::new(&mut buffer);
        writer.put(&U32::new(7)).expect("fits");
        assert_eq!(writer.put(&U32::new(8)), Err(Full));
        writer.patch(0, &U32::new(9));
        writer.patch(1, &U32::new(10));
        assert_eq!(writer.written(), [9, 0, 0, 0]);
        assert_eq!(buffer, [9, 0, 0, 0, 0xFF, 0xFF]);
    }
}
