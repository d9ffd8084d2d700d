//! The floor: what the parts that daemons of this kind are built from cost by themselves. It serves a device with
//! the queues and features of scmid's on the vhost-user framework that most of them use, reads every request,
//! looks at none, and answers each with the same bytes. It knows nothing of SCMI and defends itself against
//! nothing; it is only there to be measured.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::{Result, anyhow};
use clap::Parser;
use vhost::vhost_user::message::{VhostUserProtocolFeatures, VhostUserVirtioFeatures};
use vhost_user_backend::{VhostUserBackendMut, VhostUserDaemon, VringMutex, VringState, VringT};
use virtio_queue::QueueOwnedT;
use vm_memory::{Bytes, GuestAddressSpace, GuestMemoryAtomic, GuestMemoryMmap};
use vmm_sys_util::epoll::EventSet;
use vmm_sys_util::event::{
    EventConsumer, EventFlag, EventNotifier, new_event_consumer_and_notifier,
};

/// P2A_CHANNELS, INDIRECT_DESC, EVENT_IDX and VERSION_1, as scmid offers them.
const FEATURES: u64 = 1 << 0 | 1 << 28 | 1 << 29 | 1 << 32;
const COMMANDS: u16 = 0;

/// Answers everything with the same bytes. Only there to be compared with.
#[derive(Debug, Parser)]
#[command(name = "floor")]
struct Options {
    /// The socket to listen on.
    #[arg(long)]
    socket: PathBuf,
    /// How many bytes to answer with.
    #[arg(long)]
    bytes: usize,
}

struct Floor {
    memory: GuestMemoryAtomic<GuestMemoryMmap>,
    answer: Vec<u8>,
}

impl Floor {
    /// Answers what is there, and says whether anything was.
    fn answer_all(&self, ring: &mut VringState) -> Result<bool> {
        let memory = self.memory.memory();
        let mut any = false;
        loop {
            let Some(chain) = ring.get_queue_mut().iter(&*memory)?.next() else { return Ok(any) };
            let head = chain.head_index();
            let mut request = [0; 128];
            let mut used = 0;
            for piece in chain {
                let len = usize::try_from(piece.len()).unwrap_or(usize::MAX);
                if piece.is_write_only() {
                    used = self.answer.len().min(len);
                    memory.write_slice(&self.answer[..used], piece.addr())?;
                } else {
                    memory.read_slice(&mut request[..len.min(128)], piece.addr())?;
                }
            }
            ring.add_used(head, u32::try_from(used).unwrap_or(u32::MAX))?;
            any = true;
        }
    }

    fn work(&self, ring: &mut VringState) -> Result<()> {
        loop {
            ring.disable_notification()?;
            if self.answer_all(ring)? && ring.needs_notification()? {
                ring.signal_used_queue()?;
            }
            if !ring.enable_notification()? {
                return Ok(());
            }
        }
    }
}

impl VhostUserBackendMut for Floor {
    type Bitmap = ();
    type Vring = VringMutex;

    fn num_queues(&self) -> usize {
        2
    }

    fn max_queue_size(&self) -> usize {
        1024
    }

    fn features(&self) -> u64 {
        FEATURES | VhostUserVirtioFeatures::PROTOCOL_FEATURES.bits()
    }

    fn protocol_features(&self) -> VhostUserProtocolFeatures {
        VhostUserProtocolFeatures::MQ | VhostUserProtocolFeatures::REPLY_ACK
    }

    fn set_event_idx(&mut self, _enabled: bool) {}

    fn update_memory(&mut self, memory: GuestMemoryAtomic<GuestMemoryMmap>) -> io::Result<()> {
        self.memory = memory;
        Ok(())
    }

    fn exit_event(&self, _thread: usize) -> Option<(EventConsumer, EventNotifier)> {
        new_event_consumer_and_notifier(EventFlag::NONBLOCK).ok()
    }

    fn handle_event(
        &mut self,
        queue: u16,
        _events: EventSet,
        rings: &[VringMutex],
        _thread: usize,
    ) -> io::Result<()> {
        if queue != COMMANDS {
            return Ok(());
        }
        self.work(&mut rings[usize::from(queue)].get_mut()).map_err(io::Error::other)
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    let memory = GuestMemoryAtomic::new(GuestMemoryMmap::new());
    let floor = Floor { memory: memory.clone(), answer: vec![0; options.bytes] };
    VhostUserDaemon::new("floor".to_owned(), Arc::new(Mutex::new(floor)), memory)
        .and_then(|mut daemon| daemon.serve(&options.socket))
        .map_err(|error| anyhow!("cannot serve {}: {error}", options.socket.display()))
}
