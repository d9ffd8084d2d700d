//! What a guest is to be like.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::archive::{self, Addition};
use crate::board::Board;
use crate::console::Console;
use crate::device_tree::make_device_tree;
use crate::guest::Guest;
use crate::guest_tool::bare_program;
use crate::image::Image;
use crate::machine::{Machine, Port, Transport};
use crate::places::Place;
use crate::process::Process;
use crate::scmid::Scmid;
use crate::witness::Guests;

/// What is behind the guest's memory.
#[derive(Clone, Debug, Default)]
pub enum Memory {
    /// Shared memory that goes when QEMU does.
    #[default]
    Anonymous,
    /// A file, which a test can look into, also when QEMU is gone.
    File(PathBuf),
}

/// Collects what a guest is to be like, then boots it. [`Guest::builder`] makes one.
#[derive(Debug)]
#[must_use]
pub struct GuestBuilder {
    platform: Platform,
    /// The other guests of a daemon that is not its own.
    guests: Guests,
    agent: String,
    transport: Transport,
    cpus: u32,
    memory: Memory,
    kernel_args: String,
    fragments: Vec<String>,
    files: Vec<Addition>,
    consumers: String,
    qemu_args: Vec<String>,
    reboot_ends: bool,
}

/// Where the module is in a guest that has consumers.
const CONSUMER: &str = "/lib/modules/consumer.ko";

/// Who answers the guest.
#[derive(Debug)]
enum Platform {
    Nobody,
    OwnDaemon(Board),
    Hypervisor,
    Socket { socket: PathBuf, board: Option<PathBuf> },
}

impl GuestBuilder {
    pub(crate) fn new() -> Self {
        Self {
            platform: Platform::Nobody,
            guests: Guests::default(),
            agent: "vm1".to_owned(),
            transport: Transport::Pci,
            cpus: 1,
            memory: Memory::Anonymous,
            kernel_args: String::new(),
            fragments: Vec::new(),
            files: Vec::new(),
            consumers: String::new(),
            qemu_args: Vec::new(),
            reboot_ends: true,
        }
    }

    /// A daemon of its own on this board, and the board's device tree.
    pub fn board(mut self, board: impl Into<Board>) -> Self {
        self.platform = Platform::OwnDaemon(board.into());
        self
    }

    /// A daemon that runs already, and its board's device tree; call it after [`Self::agent`].
    pub fn daemon(mut self, scmid: &Scmid) -> Self {
        let (socket, board) = (scmid.socket(&self.agent), scmid.board().to_owned());
        self.platform = Platform::Socket { socket, board: Some(board) };
        self.guests = scmid.guests();
        self
    }

    /// A daemon that somebody else has started: its socket for the agent, and its board, whose device tree the guest gets.
    pub fn served(mut self, socket: impl Into<PathBuf>, board: impl Into<PathBuf>) -> Self {
        self.platform = Platform::Socket { socket: socket.into(), board: Some(board.into()) };
        self.guests = Guests::default();
        self
    }

    /// Any vhost-user SCMI device. The device tree's SCMI node comes from the test.
    pub fn socket(mut self, socket: impl Into<PathBuf>) -> Self {
        self.platform = Platform::Socket { socket: socket.into(), board: None };
        self.guests = Guests::default();
        self
    }

    /// Our hypervisor, which has a board of its own; its device tree is made there.
    pub fn hypervisor(mut self) -> Self {
        self.platform = Platform::Hypervisor;
        self
    }

    /// Which of the board's agents the guest is: `vm1` unless said otherwise.
    pub fn agent(mut self, agent: &str) -> Self {
        agent.clone_into(&mut self.agent);
        self
    }

    /// The SCMI device is memory-mapped instead of on PCI.
    pub fn mmio(mut self) -> Self {
        self.transport = Transport::Mmio;
        self
    }

    /// The SCMI device is not there until [`Guest::plug_in`].
    pub fn unplugged(mut self) -> Self {
        self.transport = Transport::Unplugged;
        self
    }

    /// So many CPUs; at most 8.
    pub fn cpus(mut self, cpus: u32) -> Self {
        self.cpus = cpus;
        self
    }

    /// What is behind the guest's memory.
    pub fn memory(mut self, memory: Memory) -> Self {
        self.memory = memory;
        self
    }

    /// More for the kernel's command line.
    pub fn kernel_args(mut self, args: &str) -> Self {
        self.kernel_args.push(' ');
        self.kernel_args.push_str(args);
        self
    }

    /// Device-tree source to merge into the guest's tree. It may use the labels that `scmictl dt` gives a board's
    /// nodes, as in `<&scmi_sensor 0>`, and refer to any node by its path.
    pub fn device_tree(mut self, fragment: &str) -> Self {
        self.fragments.push(fragment.to_owned());
        self
    }

    /// A file of the host, to be in the guest at an absolute path, with the same permissions.
    pub fn file(mut self, guest: &str, host: impl Into<PathBuf>) -> Self {
        self.files.push(Addition { to: guest.to_owned(), from: host.into() });
        self
    }

    /// A device that uses what the board gives, and its driver, loaded when the guest is at its shell. `properties`
    /// is what the device tree says of it: `clocks = <&scmi_clock 3>; clock-names = "baud";`, and so on for
    /// `resets`, `power-domains` and `pinctrl-0`, each with names. `tests/linux/consumer` says what one can do with
    /// it in `/sys/kernel/debug/scmi-consumer/NAME`.
    pub fn consumer(mut self, name: &str, properties: &str) -> Self {
        let node = format!("{name} {{ compatible = \"scmi-test,consumer\"; {properties} }};\n");
        self.consumers.push_str(&node);
        self
    }

    /// More arguments for QEMU.
    pub fn qemu_args<'args>(mut self, args: impl IntoIterator<Item = &'args str>) -> Self {
        self.qemu_args.extend(args.into_iter().map(str::to_owned));
        self
    }

    /// The guest may reboot; otherwise QEMU ends when it wants to.
    pub fn may_reboot(mut self) -> Self {
        self.reboot_ends = false;
        self
    }

    /// Starts the daemon if there is to be one, and QEMU, and waits for the guest's shell.
    ///
    /// # Errors
    /// When one of them does not start, with what it said; when there is no guest image.
    pub fn boot(self) -> Result<Guest> {
        self.start()?.ready()
    }

    /// The same without waiting, so that several guests boot at once.
    ///
    /// # Errors
    /// As [`GuestBuilder::boot`].
    pub fn start(mut self) -> Result<Booting> {
        let place = Place::take();
        let dir = TempDir::with_prefix("scmi-guest-")?;
        let image = Image::find()?;
        let mut machine = Machine::new(&image);
        let has_consumers = !self.consumers.is_empty();
        if has_consumers {
            self.add_consumers(&image)?;
        }
        let modules = image.boot_modules().into_iter();
        self.files.extend(modules.map(|(to, from)| Addition { to, from }));
        if !self.files.is_empty() {
            let initrd = dir.path().join("initrd");
            archive::extend(&image.initrd, &self.files, &initrd)?;
            machine.initrd = Some(initrd);
        }
        let mut scmid = None;
        let mut board = None;
        let socket = match &self.platform {
            Platform::Nobody => None,
            Platform::Hypervisor => {
                machine.hypervisor = Some(bare_program("hypervisor")?);
                None
            }
            Platform::OwnDaemon(file) => {
                let daemon = scmid.insert(Scmid::start(file)?);
                board = Some(daemon.board().to_owned());
                self.guests = daemon.guests();
                Some(daemon.socket(&self.agent))
            }
            Platform::Socket { socket, board: file } => {
                board.clone_from(file);
                Some(socket.clone())
            }
        };
        machine.cpus = self.cpus;
        machine.reboot_ends = self.reboot_ends;
        machine.extra = self.qemu_args;
        machine.kernel_args = format!("scmi.console=program panic=-1{}", self.kernel_args);
        if let Memory::File(path) = self.memory {
            sized_file(&path, machine.memory_mib)?;
            machine.memory_file = Some(path);
        }
        if board.is_some() || !self.fragments.is_empty() {
            let (board, agent) = (board.as_deref(), Some(self.agent.as_str()));
            let tree = make_device_tree(&machine, board, agent, &self.fragments, dir.path())?;
            machine.device_tree = Some(tree);
        }
        machine.port = socket.map(|socket| Port { socket, transport: self.transport });
        let qmp = dir.path().join("qmp.sock");
        machine.qmp = Some(qmp.clone());
        let console = Console::new(Process::start("QEMU", &mut machine.command())?);
        self.guests.seat(&self.agent, console.injected());
        Ok(Booting { console, qmp, image, scmid, has_consumers, dir, place })
    }

    fn add_consumers(&mut self, image: &Image) -> Result<()> {
        let module = &image.consumer;
        ensure!(
            module.is_file(),
            "no consumer module ({:?} is not there): `cargo xtask guest` makes it",
            module
        );
        self.files.push(Addition { to: CONSUMER.to_owned(), from: module.clone() });
        self.fragments.push(format!("/ {{ {} }};", self.consumers));
        Ok(())
    }
}

/// A guest whose QEMU runs, and which is not at its shell yet.
#[derive(Debug)]
pub struct Booting {
    console: Console,
    qmp: PathBuf,
    image: Image,
    scmid: Option<Scmid>,
    has_consumers: bool,
    dir: TempDir,
    place: Place,
}

impl Booting {
    /// Waits for the guest's shell.
    ///
    /// # Errors
    /// When it does not come, with what was said.
    pub fn ready(self) -> Result<Guest> {
        let Self { mut console, qmp, image, scmid, has_consumers, dir, place } = self;
        if let Err(error) = console.wait_for_shell(PATIENCE) {
            let log = scmid.as_ref().map(Scmid::log).unwrap_or_default();
            bail!("the guest did not boot: {error:#}\nscmid logged:\n{log}");
        }
        let mut guest = Guest::new(console, qmp, image, scmid, dir, place);
        if has_consumers {
            guest.ok(&format!("insmod {CONSUMER}"))?;
        }
        Ok(guest)
    }
}

fn sized_file(path: &PathBuf, mib: u32) -> Result<()> {
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    file.set_len(u64::from(mib) << 20).with_context(|| format!("cannot size {}", path.display()))
}
