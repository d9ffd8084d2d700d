//! The vhost-user side of a guest without a VM.

use core::time::Duration;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::Instant;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use scmi_virtio::ids::P2A_CHANNELS;
use vhost::vhost_user::message::{
    VhostUserHeaderFlag, VhostUserProtocolFeatures, VhostUserVirtioFeatures,
};
use vhost::vhost_user::{Frontend as Protocol, VhostUserFrontend};
use vhost::{VhostBackend, VringConfigData};
use vmm_sys_util::eventfd::EventFd;

use super::error::FrontendError;
use super::options::Options;
use super::patience::Patience;
use super::ram::Ram;

const INDIRECT_DESCRIPTORS: u64 = 1 << 28;
const EVENT_IDX: u64 = 1 << 29;
const VERSION_1: u64 = 1 << 32;

const QUEUES: u64 = 2;

/// Where a ring lies and where it begins, by the guest's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Entries.
    pub entries: u16,
    /// The index of the first available entry that the device has not seen.
    pub base: u16,
    /// The descriptor table.
    pub descriptors: u64,
    /// The available ring.
    pub available: u64,
    /// The used ring.
    pub used: u64,
}

impl Placement {
    /// Sets memory aside for a ring.
    ///
    /// # Errors
    /// The memory is too small.
    pub fn allocate(ram: &mut Ram, entries: u16) -> io::Result<Self> {
        let count = u64::from(entries);
        Ok(Self {
            entries,
            base: 0,
            descriptors: ram.allocate(16 * count, 16)?,
            available: ram.allocate(6 + 2 * count, 2)?,
            used: ram.allocate(6 + 8 * count, 4)?,
        })
    }
}

/// A device after features were negotiated. Every conversation has a deadline; after one that failed, the
/// connection is of no more use.
pub struct Connection {
    protocol: Protocol,
    socket: UnixStream,
    patience: Duration,
    features: u64,
    extensions: VhostUserProtocolFeatures,
}

impl Connection {
    /// Connects to the device on a socket and negotiates.
    ///
    /// # Errors
    /// [`FrontendError`] says what failed, at the latest when the options' patience ends.
    pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Self, FrontendError> {
        options.check()?;
        let path = path.as_ref();
        let socket = reach(path, options.patience)
            .map_err(|source| FrontendError::Connect { path: path.to_owned(), source })?;
        let protocol = Protocol::from_stream(socket.try_clone()?, QUEUES);
        let mut connection = Self {
            protocol,
            socket,
            patience: options.patience,
            features: 0,
            extensions: VhostUserProtocolFeatures::empty(),
        };
        connection.converse(|connection| connection.negotiate(options))?;
        Ok(connection)
    }

    /// The virtio features that both sides agreed on, and vhost-user's own bit 30.
    pub const fn features(&self) -> u64 {
        self.features
    }

    /// Whether there is an event queue.
    pub const fn p2a(&self) -> bool {
        self.features & P2A_CHANNELS != 0
    }

    /// Whether descriptors may be indirect.
    pub const fn indirect(&self) -> bool {
        self.features & INDIRECT_DESCRIPTORS != 0
    }

    /// Whether event indexes are used.
    pub const fn event_idx(&self) -> bool {
        self.features & EVENT_IDX != 0
    }

    /// Shares memory in the place of all that was shared before.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn set_memory(&mut self, memory: &[&Ram]) -> Result<(), FrontendError> {
        let table: Vec<_> = memory.iter().map(|ram| ram.description()).collect();
        self.ask("its memory", |protocol| protocol.set_mem_table(&table).map(drop))
    }

    /// Shares one more piece of memory.
    ///
    /// # Errors
    /// The device refuses it, or does not offer that.
    pub fn add_memory(&mut self, memory: &Ram) -> Result<(), FrontendError> {
        let region = memory.description();
        self.ask("more memory", |protocol| protocol.add_mem_region(&region).map(drop))
    }

    /// Takes a piece of memory away.
    ///
    /// # Errors
    /// The device refuses it, or does not offer that.
    pub fn remove_memory(&mut self, memory: &Ram) -> Result<(), FrontendError> {
        let region = memory.description();
        self.ask("less memory", |protocol| protocol.remove_mem_region(&region))
    }

    /// Starts a ring. The addresses are translated as a VMM would.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn start_ring(
        &mut self,
        index: usize,
        placement: &Placement,
        ram: &Ram,
        kick: &EventFd,
        call: &EventFd,
    ) -> Result<(), FrontendError> {
        let config = VringConfigData {
            queue_max_size: placement.entries,
            queue_size: placement.entries,
            flags: 0,
            desc_table_addr: ram.user_address(placement.descriptors),
            used_ring_addr: ram.user_address(placement.used),
            avail_ring_addr: ram.user_address(placement.available),
            log_addr: None,
        };
        let (entries, base) = (placement.entries, placement.base);
        let enable = self.features & VhostUserVirtioFeatures::PROTOCOL_FEATURES.bits() != 0;
        self.ask("a ring", |protocol| {
            protocol.set_vring_num(index, entries)?;
            protocol.set_vring_base(index, base)?;
            protocol.set_vring_addr(index, &config)?;
            protocol.set_vring_call(index, call)?;
            protocol.set_vring_kick(index, kick)?;
            if enable { protocol.set_vring_enable(index, true) } else { Ok(()) }
        })
    }

    /// Lets a ring rest or go on.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn enable_ring(&mut self, index: usize, enabled: bool) -> Result<(), FrontendError> {
        self.ask("to enable a ring", |protocol| protocol.set_vring_enable(index, enabled))
    }

    /// Exchanges the file descriptor by which a ring's entries are announced.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn set_kick(&mut self, index: usize, kick: &EventFd) -> Result<(), FrontendError> {
        self.ask("another kick", |protocol| protocol.set_vring_kick(index, kick))
    }

    /// Exchanges the file descriptor by which we are told of used entries.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn set_call(&mut self, index: usize, call: &EventFd) -> Result<(), FrontendError> {
        self.ask("another call", |protocol| protocol.set_vring_call(index, call))
    }

    /// Stops a ring and says which available entry comes next.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn stop_ring(&mut self, index: usize) -> Result<u16, FrontendError> {
        let base = self.ask("to stop a ring", |protocol| protocol.get_vring_base(index))?;
        u16::try_from(base).map_err(|_| FrontendError::Refused {
            step: "a base of 16 bits",
            source: vhost::Error::InvalidQueue,
        })
    }

    /// Resets the device.
    ///
    /// # Errors
    /// The device refuses it, or does not offer that.
    pub fn reset_device(&mut self) -> Result<(), FrontendError> {
        self.ask("a reset", VhostUserFrontend::reset_device)
    }

    /// Sets the negotiated features again, as a VMM does before each start of the device.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn set_features(&mut self, features: u64) -> Result<(), FrontendError> {
        self.features = features;
        self.ask("features", |protocol| protocol.set_features(features))
    }

    /// Returns when the device has handled everything that was sent before.
    ///
    /// # Errors
    /// The device does not answer.
    pub fn settle(&mut self) -> Result<(), FrontendError> {
        self.ask("its features", |protocol| protocol.get_features().map(drop))
    }

    fn negotiate(&mut self, options: &Options) -> Result<(), FrontendError> {
        let own = VhostUserVirtioFeatures::PROTOCOL_FEATURES.bits();
        let offered = self.step("its features", |protocol| protocol.get_features())?;
        if offered & VERSION_1 == 0 {
            return Err(FrontendError::Features { offered, missing: VERSION_1 });
        }
        if offered & own != 0 {
            self.extend(options)?;
        }
        self.step("an owner", |protocol| protocol.set_owner())?;
        let wanted = [
            (VERSION_1 | own, true),
            (P2A_CHANNELS, options.p2a),
            (INDIRECT_DESCRIPTORS, options.indirect),
            (EVENT_IDX, options.event_idx),
        ];
        let wanted = wanted.iter().filter(|(_, wanted)| *wanted).fold(0, |all, (bit, _)| all | bit);
        self.features = offered & wanted;
        let features = self.features;
        self.step("features", |protocol| protocol.set_features(features))
    }

    fn extend(&mut self, options: &Options) -> Result<(), FrontendError> {
        let offered = self.step("its protocol features", |p| p.get_protocol_features())?;
        let mut wanted = VhostUserProtocolFeatures::MQ | VhostUserProtocolFeatures::RESET_DEVICE;
        wanted.set(VhostUserProtocolFeatures::REPLY_ACK, options.acknowledge);
        wanted.set(VhostUserProtocolFeatures::CONFIGURE_MEM_SLOTS, options.memory_slots);
        self.extensions = offered & wanted;
        let extensions = self.extensions;
        self.step("protocol features", |protocol| protocol.set_protocol_features(extensions))?;
        if extensions.contains(VhostUserProtocolFeatures::MQ) {
            self.step("its number of queues", |protocol| protocol.get_queue_num().map(drop))?;
        }
        if extensions.contains(VhostUserProtocolFeatures::REPLY_ACK) {
            self.protocol.set_hdr_flags(VhostUserHeaderFlag::NEED_REPLY);
        }
        Ok(())
    }

    /// Whether memory is shared region by region.
    pub(super) const fn has_memory_slots(&self) -> bool {
        self.extensions.contains(VhostUserProtocolFeatures::CONFIGURE_MEM_SLOTS)
    }

    /// One step of a conversation that has its deadline already.
    fn step<T>(
        &mut self,
        step: &'static str,
        ask: impl FnOnce(&mut Protocol) -> vhost::Result<T>,
    ) -> Result<T, FrontendError> {
        ask(&mut self.protocol).map_err(|source| FrontendError::Refused { step, source })
    }

    /// A conversation of one step.
    fn ask<T>(
        &mut self,
        step: &'static str,
        ask: impl FnOnce(&mut Protocol) -> vhost::Result<T>,
    ) -> Result<T, FrontendError> {
        self.converse(|connection| connection.step(step, ask))
    }

    fn converse<T>(
        &mut self,
        talk: impl FnOnce(&mut Self) -> Result<T, FrontendError>,
    ) -> Result<T, FrontendError> {
        let patience = Patience::start(&self.socket, self.patience)?;
        let result = talk(self);
        if patience.exhausted() {
            return Err(FrontendError::Silent { patience: self.patience });
        }
        result
    }
}

impl AsRawFd for Connection {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl core::fmt::Debug for Connection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Connection")
            .field("socket", &self.socket)
            .field("features", &self.features)
            .finish_non_exhaustive()
    }
}

/// Connects. A listener whose backlog is full is tried again until patience ends.
fn reach(path: &Path, patience: Duration) -> io::Result<UnixStream> {
    let give_up = Instant::now() + patience;
    let address = SocketAddrUnix::new(path)?;
    loop {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        match connect(&socket, &address) {
            Ok(()) => {
                let stream = UnixStream::from(socket);
                stream.set_nonblocking(false)?;
                return Ok(stream);
            }
            Err(Errno::AGAIN) if Instant::now() < give_up => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error.into()),
        }
    }
}
