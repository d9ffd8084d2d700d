//! QEMU's `virt` machine whose one processor sleeps.

use core::time::Duration;
use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use scmi_test_kit::{PATIENCE, Process};
use scmi_virtio::driver::{GuestDma, MmioTransport, PciFunction, ProbeError, Window};
use tempfile::TempDir;
use vm_memory::{FileOffset, GuestAddress, GuestRegionMmap};

use crate::qtest::{BusWindow, Qtest};

/// Where `virt` has its memory, and how much.
const MEMORY: u64 = 0x4000_0000;
const MEMORY_SIZE: u64 = 64 << 20;
/// Where the driver's part of it begins: behind the program.
const OURS: u64 = 16 << 20;

/// What the processor does: `wfi`, and again. (With a processor that does not run at all, QEMU starts no device.)
const PROGRAM: [u32; 2] = [0xD503_207F, 0x17FF_FFFF];

/// Where `virt` has places for virtio-mmio devices, how far apart, and how many.
const MMIO: u64 = 0x0A00_0000;
const MMIO_STEP: u64 = 0x200;
const MMIO_PLACES: u64 = 32;

/// Where it has PCI configuration space below 4 GiB, 4 KiB a function, and a window for bars.
const ECAM: u64 = 0x3F00_0000;
/// Where bars may be placed.
pub(crate) const PCI_MEMORY: u64 = 0x1000_0000;

/// How the SCMI device is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bus {
    Mmio,
    Pci,
}

/// A machine with an SCMI device.
#[derive(Debug)]
pub(crate) struct Machine {
    _qemu: Process,
    bus: Qtest,
    memory: File,
    _dir: TempDir,
}

impl Machine {
    /// Starts one whose SCMI device has its platform on `socket`.
    pub(crate) fn start(socket: &Path, bus: Bus) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let [memory, qtest, program] =
            ["memory", "qtest.sock", "program"].map(|name| dir.path().join(name));
        fs::write(&program, PROGRAM.map(u32::to_le_bytes).as_flattened())?;
        let device = match bus {
            Bus::Mmio => "vhost-user-scmi,chardev=scmi",
            Bus::Pci => "vhost-user-scmi-pci,chardev=scmi",
        };
        let mut command = Command::new("qemu-system-aarch64");
        command
            .args(["-M", "virt,highmem=off,memory-backend=mem", "-cpu", "cortex-a57"])
            .args(["-display", "none", "-nodefaults", "-m", "64"])
            .arg("-kernel")
            .arg(&program)
            .args(["-global", "virtio-mmio.force-legacy=false"])
            .arg("-object")
            .arg(format!(
                "memory-backend-file,id=mem,size=64M,share=on,mem-path={}",
                memory.display()
            ))
            .arg("-chardev")
            .arg(format!("socket,id=scmi,path={}", socket.display()))
            .args(["-device", device])
            .arg("-qtest")
            .arg(format!("unix:{},server=on,wait=off", qtest.display()))
            .args(["-qtest-log", "/dev/null"]);
        let mut qemu = Process::start("qemu", &mut command)?;
        let start = Instant::now();
        let bus = loop {
            match Qtest::connect(&qtest, PATIENCE) {
                Ok(bus) => break bus,
                Err(error) => {
                    if start.elapsed() >= PATIENCE || !qemu.is_running() {
                        // What it said last may still be on its way.
                        thread::sleep(Duration::from_millis(200));
                        bail!("{error:#}\n{}", qemu.errors().since(0));
                    }
                    thread::sleep(Duration::from_millis(10));
                }
            }
        };
        // It answers when the machine is whole; the socket is there before the memory is.
        bus.read('l', MEMORY);
        let memory = OpenOptions::new().read(true).write(true).open(memory)?;
        Ok(Self { _qemu: qemu, bus, memory, _dir: dir })
    }

    /// So much of the machine's memory, for a driver.
    pub(crate) fn memory(&self, bytes: usize) -> Result<GuestDma> {
        ensure!(u64::try_from(bytes)? < MEMORY_SIZE - OURS, "{bytes} bytes are too many");
        let file = FileOffset::new(self.memory.try_clone()?, OURS);
        let bytes = bytes.next_multiple_of(4096);
        let region = GuestRegionMmap::from_range(GuestAddress(MEMORY + OURS), bytes, Some(file))?;
        GuestDma::new(region).map_err(|_| anyhow!("the memory is not mapped as it should be"))
    }

    fn registers(&self, base: u64, len: usize) -> BusWindow {
        BusWindow { bus: self.bus.clone(), base, len }
    }

    /// The one SCMI device among all places for virtio-mmio devices.
    pub(crate) fn mmio_device(&self) -> Result<MmioTransport<BusWindow>> {
        let mut found = None;
        for place in 0..MMIO_PLACES {
            match MmioTransport::new(self.registers(MMIO + place * MMIO_STEP, 0x200)) {
                Ok(device) => ensure!(found.replace(device).is_none(), "there are two"),
                Err(ProbeError::Device(0)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        found.context("there is no SCMI device")
    }

    /// The one SCMI device among the functions of the first PCI bus.
    pub(crate) fn pci_function(&self) -> Result<PciFunction<BusWindow>> {
        let functions =
            (0..32).map(|device| PciFunction::new(self.registers(ECAM + (device << 15), 4096)));
        let mut scmi = functions.filter(|function| function.identity() == (0x1AF4, 0x1060));
        let found = scmi.next().context("there is no SCMI device")?;
        ensure!(scmi.next().is_none(), "there are two");
        Ok(found)
    }

    /// A window onto memory of PCI.
    pub(crate) fn window(&self, window: Window) -> Option<BusWindow> {
        Some(self.registers(window.address, usize::try_from(window.len).ok()?))
    }
}
