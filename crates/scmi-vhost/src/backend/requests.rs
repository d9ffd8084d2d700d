//! What a VMM asks for over its socket. An error ends its connection.

use std::fs::File;
use std::io;

use scmi_virtio::ids::P2A_CHANNELS;
use vhost::vhost_user::message::{
    VhostTransferStateDirection, VhostTransferStatePhase, VhostUserConfigFlags, VhostUserInflight,
    VhostUserLog, VhostUserMemoryRegion, VhostUserProtocolFeatures, VhostUserShMemConfig,
    VhostUserSharedMsg, VhostUserSingleMemoryRegion, VhostUserVirtioFeatures,
    VhostUserVringAddrFlags, VhostUserVringState,
};
use vhost::vhost_user::{Error, GpuBackend, Result, VhostUserBackendReqHandlerMut};

use super::device::{COMMANDS, Device, EVENTS};
use super::memory::Memory;
use super::ring::{Addresses, Ring};

const INDIRECT_DESCRIPTORS: u64 = 1 << 28;
const EVENT_IDX: u64 = 1 << 29;
const VERSION_1: u64 = 1 << 32;

/// The virtio features of the device. The Base protocol can always produce an event, its error notification;
/// so the event queue is always offered (R1).
const FEATURES: u64 = P2A_CHANNELS
    | INDIRECT_DESCRIPTORS
    | EVENT_IDX
    | VERSION_1
    | VhostUserVirtioFeatures::PROTOCOL_FEATURES.bits();

/// The protocol features. CONFIG is left out because the device has no configuration space, and QEMU warns
/// about a backend that offers it without need.
fn protocol_features() -> VhostUserProtocolFeatures {
    VhostUserProtocolFeatures::MQ
        | VhostUserProtocolFeatures::REPLY_ACK
        | VhostUserProtocolFeatures::RESET_DEVICE
        | VhostUserProtocolFeatures::CONFIGURE_MEM_SLOTS
}

fn not_offered<T>() -> Result<T> {
    Err(Error::InvalidOperation("a feature that was not offered"))
}

fn failed(error: io::Error) -> Error {
    Error::ReqHandlerError(error)
}

impl Device<'_> {
    /// Lets `change` have a ring that stands still, and starts it again afterwards if it has what it needs.
    fn reconfigure(
        &mut self,
        index: u32,
        change: impl FnOnce(&mut Self, usize) -> Result<()>,
    ) -> Result<()> {
        let index = usize::try_from(index).map_err(|_| Error::InvalidParam)?;
        if index > EVENTS {
            return Err(Error::InvalidParam);
        }
        self.halt(index);
        change(self, index)?;
        self.start(index);
        Ok(())
    }

    fn ring(&mut self, index: impl TryInto<usize>) -> Result<&mut Ring> {
        let index = index.try_into().map_err(|_| Error::InvalidParam)?;
        self.guest.rings.get_mut(index).ok_or(Error::InvalidParam)
    }
}

impl VhostUserBackendReqHandlerMut for Device<'_> {
    fn set_owner(&mut self) -> Result<()> {
        Ok(())
    }

    fn reset_owner(&mut self) -> Result<()> {
        self.reset_device()
    }

    fn reset_device(&mut self) -> Result<()> {
        self.end_life();
        self.guest.features = 0;
        Ok(())
    }

    fn get_features(&mut self) -> Result<u64> {
        Ok(FEATURES)
    }

    fn set_features(&mut self, features: u64) -> Result<()> {
        if features & !FEATURES != 0 {
            return Err(Error::InvalidParam);
        }
        self.guest.features = features;
        let disabled_at_first = features & VhostUserVirtioFeatures::PROTOCOL_FEATURES.bits() != 0;
        for ring in &mut self.guest.rings {
            ring.set_event_idx(features & EVENT_IDX != 0);
            if !disabled_at_first {
                ring.enable(true);
            }
        }
        Ok(())
    }

    fn set_mem_table(
        &mut self,
        table: &[VhostUserMemoryRegion],
        files: Vec<File>,
        postcopy: Option<bool>,
    ) -> Result<Option<Vec<u64>>> {
        if postcopy.is_some() {
            return not_offered();
        }
        self.exchange_memory(Memory::from_table(table, files)?);
        Ok(None)
    }

    fn set_vring_num(&mut self, index: u32, num: u32) -> Result<()> {
        self.reconfigure(index, |device, index| {
            let accepted = device.ring(index)?.set_entries(num);
            if accepted { Ok(()) } else { Err(Error::InvalidParam) }
        })
    }

    fn set_vring_addr(
        &mut self,
        index: u32,
        _flags: VhostUserVringAddrFlags,
        descriptors: u64,
        used: u64,
        available: u64,
        _log: u64,
    ) -> Result<()> {
        let addresses = Addresses { descriptors, available, used };
        if self.ring(index)?.addresses() == Some(addresses) {
            // The same again, for the sake of the flags, which concern migration.
            return Ok(());
        }
        self.reconfigure(index, |device, index| {
            device.ring(index)?.set_addresses(addresses);
            let ring = device.guest.rings.get(index).ok_or(Error::InvalidParam)?;
            ring.locate(&device.guest.memory).map(|_| ()).ok_or(Error::InvalidParam)
        })
    }

    fn set_vring_base(&mut self, index: u32, base: u32) -> Result<()> {
        let base = u16::try_from(base).map_err(|_| Error::InvalidParam)?;
        self.reconfigure(index, |device, index| {
            device.ring(index)?.set_base(base);
            Ok(())
        })
    }

    fn get_vring_base(&mut self, index: u32) -> Result<VhostUserVringState> {
        let place = usize::try_from(index).map_err(|_| Error::InvalidParam)?;
        self.ring(place)?;
        self.finish(place);
        let ring = self.ring(place)?;
        ring.drop_notifiers();
        Ok(VhostUserVringState::new(index, ring.base().into()))
    }

    fn set_vring_kick(&mut self, index: u8, file: Option<File>) -> Result<()> {
        // Without one, the ring would have to be polled.
        let file = file.ok_or(Error::InvalidParam)?;
        self.reconfigure(index.into(), |device, index| {
            let (epoll, data) = (device.epoll.clone(), super::server::kick_data(index));
            device.ring(index)?.set_kick(file, &epoll, data).map_err(failed)
        })
    }

    fn set_vring_call(&mut self, index: u8, file: Option<File>) -> Result<()> {
        self.ring(index)?.set_call(file).map_err(failed)
    }

    fn set_vring_err(&mut self, index: u8, file: Option<File>) -> Result<()> {
        self.ring(index)?.set_error(file).map_err(failed)
    }

    fn get_protocol_features(&mut self) -> Result<VhostUserProtocolFeatures> {
        Ok(protocol_features())
    }

    fn set_protocol_features(&mut self, features: u64) -> Result<()> {
        let known = features & !protocol_features().bits() == 0;
        if known { Ok(()) } else { Err(Error::InvalidParam) }
    }

    fn get_queue_num(&mut self) -> Result<u64> {
        Ok(self.guest.rings.len() as u64)
    }

    fn set_vring_enable(&mut self, index: u32, enable: bool) -> Result<()> {
        // A queue that has no ring may be enabled too: QEMU does that to the event queue of a guest that
        // did not negotiate it.
        self.ring(index)?.enable(enable);
        Ok(())
    }

    fn get_max_mem_slots(&mut self) -> Result<u64> {
        Ok(Memory::MAX_REGIONS as u64)
    }

    fn add_mem_region(
        &mut self,
        region: &VhostUserSingleMemoryRegion,
        file: File,
        postcopy: Option<bool>,
    ) -> Result<Option<u64>> {
        if postcopy.is_some() {
            return not_offered();
        }
        let memory = self.guest.memory.with_region(region, file)?;
        self.exchange_memory(memory);
        Ok(None)
    }

    fn remove_mem_region(&mut self, region: &VhostUserSingleMemoryRegion) -> Result<()> {
        let memory = self.guest.memory.without_region(region)?;
        self.exchange_memory(memory);
        Ok(())
    }

    fn get_config(&mut self, _: u32, _: u32, _: VhostUserConfigFlags) -> Result<Vec<u8>> {
        not_offered()
    }

    fn set_config(&mut self, _: u32, _: &[u8], _: VhostUserConfigFlags) -> Result<()> {
        not_offered()
    }

    fn set_gpu_socket(&mut self, _: GpuBackend) -> Result<()> {
        not_offered()
    }

    fn get_shared_object(&mut self, _: VhostUserSharedMsg) -> Result<File> {
        not_offered()
    }

    fn get_inflight_fd(&mut self, _: &VhostUserInflight) -> Result<(VhostUserInflight, File)> {
        not_offered()
    }

    fn set_inflight_fd(&mut self, _: &VhostUserInflight, _: File) -> Result<()> {
        not_offered()
    }

    fn set_device_state_fd(
        &mut self,
        _: VhostTransferStateDirection,
        _: VhostTransferStatePhase,
        _: File,
    ) -> Result<Option<File>> {
        not_offered()
    }

    fn check_device_state(&mut self) -> Result<()> {
        not_offered()
    }

    fn get_shmem_config(&mut self) -> Result<VhostUserShMemConfig> {
        not_offered()
    }

    fn set_log_base(&mut self, _: &VhostUserLog, _: File) -> Result<()> {
        not_offered()
    }
}

const _: () = assert!(COMMANDS == 0 && EVENTS == 1);
