//! QEMU's command line, in one place for the tests, for `cargo xtask vm` and for the README.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::image::Image;

/// The emulator. KVM cannot run arm64 guests on other hosts, so nothing here relies on it.
const QEMU: &str = "qemu-system-aarch64";

/// How the guest sees the SCMI device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// virtio over PCI.
    #[default]
    Pci,
    /// virtio over memory-mapped registers.
    Mmio,
    /// Not yet: there is the connection, called `scmi`, and a slot on PCI Express, called `slot1`.
    Unplugged,
}

/// The SCMI device's other end.
#[derive(Clone, Debug)]
pub struct Port {
    /// The vhost-user socket where a daemon listens.
    pub socket: PathBuf,
    /// How the guest sees the device.
    pub transport: Transport,
}

/// Where [`Machine::hypervisor`] finds the kernel: `KERNEL` of its `layout.rs`.
const KERNEL_OVER_HYPERVISOR: &str = "0x41000000";

/// A `virt` machine, and what is in it.
#[derive(Clone, Debug)]
pub struct Machine {
    /// What it boots: an uncompressed arm64 `Image`.
    pub kernel: PathBuf,
    /// The program of `guest/` at exception level 2, over which the kernel runs; the kernel is alone without one.
    pub hypervisor: Option<PathBuf>,
    /// The root file system of a Linux; none for a program that is alone.
    pub initrd: Option<PathBuf>,
    /// Which interrupt controller it has: a GIC of version 2 or 3.
    pub gic: u32,
    /// Number of CPUs.
    pub cpus: u32,
    /// Memory, in MiB.
    pub memory_mib: u32,
    /// The file that is the guest's memory; anonymous shared memory without one.
    pub memory_file: Option<PathBuf>,
    /// The SCMI device, if there is one.
    pub port: Option<Port>,
    /// The device tree that the guest gets instead of QEMU's own.
    pub device_tree: Option<PathBuf>,
    /// More for the kernel's command line.
    pub kernel_args: String,
    /// A person is at the serial port: Ctrl-C is the guest's, Ctrl-A X ends QEMU.
    pub interactive: bool,
    /// End QEMU where the guest would reboot.
    pub reboot_ends: bool,
    /// Where QEMU's machine protocol listens, if anywhere.
    pub qmp: Option<PathBuf>,
    /// More arguments for QEMU.
    pub extra: Vec<String>,
}

impl Machine {
    /// Linux on one CPU, 512 MiB, no SCMI device; a reboot ends it.
    #[must_use]
    pub fn new(image: &Image) -> Self {
        Self { initrd: Some(image.initrd.clone()), ..Self::bare(image.kernel.clone()) }
    }

    /// The same for a program that runs without an operating system.
    #[must_use]
    pub fn bare(program: PathBuf) -> Self {
        Self {
            kernel: program,
            hypervisor: None,
            initrd: None,
            gic: 2,
            cpus: 1,
            memory_mib: 512,
            memory_file: None,
            port: None,
            device_tree: None,
            kernel_args: String::new(),
            interactive: false,
            reboot_ends: true,
            qmp: None,
            extra: Vec::new(),
        }
    }

    /// The command that runs it, with the guest's serial port on standard input and output.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(QEMU);
        command.args(self.arguments());
        command
    }

    /// The same as a person types it: one argument with its value a line.
    #[must_use]
    pub fn shell_line(&self) -> String {
        let mut line = QEMU.to_owned();
        for argument in self.arguments() {
            let argument = argument.to_string_lossy();
            line.push_str(if argument.starts_with('-') { " \\\n  " } else { " " });
            if argument.contains(' ') {
                line.push_str(&format!("\"{argument}\""));
            } else {
                line.push_str(&argument);
            }
        }
        line
    }

    /// The command that writes QEMU's own device tree for this machine to `file`, and ends.
    #[must_use]
    pub fn dump_device_tree(&self, file: &Path) -> Command {
        let mut command = Command::new(QEMU);
        let mut machine = OsString::from(format!("{},dumpdtb=", self.board()));
        machine.push(file);
        command.arg("-M").arg(machine).args(self.hardware()).args(["-nographic", "-nodefaults"]);
        command
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut all: Vec<OsString> = vec!["-M".into(), self.board().into()];
        all.extend(self.hardware());
        let mut add = |argument: &str, value: OsString| all.extend([argument.into(), value]);
        add("-nographic", "-nodefaults".into());
        add("-serial", if self.interactive { "mon:stdio" } else { "stdio" }.into());
        match &self.hypervisor {
            None => add("-kernel", self.kernel.clone().into()),
            Some(hypervisor) => {
                add("-kernel", hypervisor.into());
                let place = format!(",addr={KERNEL_OVER_HYPERVISOR},force-raw=on");
                add("-device", joined("loader,file=", &self.kernel, &place));
            }
        }
        if let Some(initrd) = &self.initrd {
            add("-initrd", initrd.into());
        }
        if let Some(tree) = &self.device_tree {
            add("-dtb", tree.into());
        }
        if self.initrd.is_some() {
            let kernel_args = format!("console=ttyAMA0 rdinit=/init quiet {}", self.kernel_args);
            add("-append", kernel_args.trim_end().into());
        }
        if let Some(port) = &self.port {
            add("-chardev", joined("socket,id=scmi,path=", &port.socket, ""));
            match port.transport {
                Transport::Pci => {
                    add("-device", "vhost-user-scmi-pci,chardev=scmi,id=scmi0".into());
                }
                Transport::Mmio => {
                    add("-device", "vhost-user-scmi,chardev=scmi,id=scmi0".into());
                    add("-global", "virtio-mmio.force-legacy=false".into());
                }
                Transport::Unplugged => add("-device", "pcie-root-port,id=slot1".into()),
            }
        }
        if let Some(path) = &self.qmp {
            add("-qmp", joined("unix:", path, ",server=on,wait=off"));
        }
        if self.reboot_ends {
            all.push("-no-reboot".into());
        }
        all.extend(self.extra.iter().map(OsString::from));
        all
    }

    /// QEMU's name of the machine; version 2 is what it takes by itself.
    fn board(&self) -> String {
        let mut name = "virt".to_owned();
        if self.hypervisor.is_some() {
            name.push_str(",virtualization=on");
        }
        if self.gic != 2 {
            name.push_str(&format!(",gic-version={}", self.gic));
        }
        name
    }

    /// What QEMU's own device tree depends on.
    fn hardware(&self) -> Vec<OsString> {
        let size = format!("{}M", self.memory_mib);
        let backend = match &self.memory_file {
            None => format!("memory-backend-memfd,id=mem,size={size},share=on").into(),
            Some(file) => joined(
                &format!("memory-backend-file,id=mem,size={size},share=on,mem-path="),
                file,
                "",
            ),
        };
        let cpus = self.cpus.to_string();
        let words = ["-cpu", "cortex-a57", "-smp", &cpus, "-m", &size, "-object"];
        let mut all: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        all.extend([backend, "-numa".into(), "node,memdev=mem".into()]);
        all
    }
}

fn joined(before: &str, path: &Path, after: &str) -> OsString {
    let mut all = OsString::from(before);
    all.push(path);
    all.push(after);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_people_has_every_argument() {
        let image = Image {
            kernel: "Image".into(),
            initrd: "root.cpio.gz".into(),
            consumer: "consumer.ko".into(),
            transport: None,
            release: "6.12".into(),
        };
        let mut machine = Machine::new(&image);
        machine.port = Some(Port { socket: "vm1.sock".into(), transport: Transport::Pci });
        let line = machine.shell_line().replace("\\\n ", "");
        for argument in machine.arguments() {
            let argument = argument.to_string_lossy().into_owned();
            assert!(line.contains(&argument), "{argument} is not in {line}");
        }
        assert!(line.contains("-append \"console=ttyAMA0 rdinit=/init quiet\""), "{line}");
    }
}
