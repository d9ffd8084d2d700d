//! QEMU's test protocol: a line for each access to the bus, a line for its answer.

use core::cell::RefCell;
use core::time::Duration;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result};
use scmi_virtio::driver::Registers;

/// A connection to the bus of a machine.
#[derive(Clone, Debug)]
pub(crate) struct Qtest(Rc<RefCell<BufReader<UnixStream>>>);

impl Qtest {
    pub(crate) fn connect(path: &Path, patience: Duration) -> Result<Self> {
        let socket = UnixStream::connect(path)?;
        socket.set_read_timeout(Some(patience))?;
        Ok(Self(Rc::new(RefCell::new(BufReader::new(socket)))))
    }

    /// Says a line and returns what the answer says after "OK". Lines that begin with "IRQ" only tell of interrupts.
    fn ask(&self, line: &str) -> String {
        let mut connection = self.0.borrow_mut();
        writeln!(connection.get_mut(), "{line}").expect("QEMU listens");
        loop {
            let mut answer = String::new();
            connection.read_line(&mut answer).expect("QEMU answers");
            if !answer.starts_with("IRQ") {
                let rest = answer.trim_end().strip_prefix("OK");
                return rest.unwrap_or_else(|| panic!("{line}: {answer:?}")).trim().to_owned();
            }
        }
    }

    /// Reads from the bus: 8 bits as 'b', 16 as 'w', 32 as 'l'.
    pub(crate) fn read(&self, width: char, address: u64) -> u64 {
        let answer = self.ask(&format!("read{width} {address:#x}"));
        let digits = answer.strip_prefix("0x").unwrap_or(&answer);
        u64::from_str_radix(digits, 16).with_context(|| answer.clone()).expect("a number")
    }

    fn write(&self, width: char, address: u64, value: u32) {
        self.ask(&format!("write{width} {address:#x} {value:#x}"));
    }
}

/// Registers on that bus.
#[derive(Debug)]
pub(crate) struct BusWindow {
    pub(crate) bus: Qtest,
    pub(crate) base: u64,
    pub(crate) len: usize,
}

impl BusWindow {
    fn address(&self, at: usize) -> u64 {
        assert!(at < self.len, "{at:#x} lies outside the window");
        self.base + u64::try_from(at).expect("64 bits")
    }
}

impl Registers for BusWindow {
    fn len(&self) -> usize {
        self.len
    }

    fn read8(&self, at: usize) -> u8 {
        self.bus.read('b', self.address(at)).try_into().expect("8 bits")
    }

    fn read16(&self, at: usize) -> u16 {
        self.bus.read('w', self.address(at)).try_into().expect("16 bits")
    }

    fn read32(&self, at: usize) -> u32 {
        self.bus.read('l', self.address(at)).try_into().expect("32 bits")
    }

    fn write8(&mut self, at: usize, value: u8) {
        self.bus.write('b', self.address(at), value.into());
    }

    fn write16(&mut self, at: usize, value: u16) {
        self.bus.write('w', self.address(at), value.into());
    }

    fn write32(&mut self, at: usize, value: u32) {
        self.bus.write('l', self.address(at), value);
    }
}
